//! Pages that jobs fetch. The service worker answers them, where there is one; where there is none, nothing is asked for and
//! timers stand in.
//!
//! A request leaves through the script of the worker that asks. A thread, which blocks until the answer comes and so would
//! never hear it, has the conductor fetch for it: both know the request by its number in this memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use models::{Arrived, Request, Stopped, read_page};
use protocol::catalog::Pages;
use wasm_bindgen::prelude::*;

use crate::browser;
use crate::loop_lane::LoopLane;

/// What is being fetched for the lanes of this memory.
static REQUESTS: Mutex<BTreeMap<u32, Request>> = Mutex::new(BTreeMap::new());
static LAST_NUMBER: AtomicU32 = AtomicU32::new(0);
/// Whether the service worker answers in the run that is on.
static ARE_SERVED: AtomicBool = AtomicBool::new(false);

/// How long a service worker that has to be started first may take over the page that is asked for to find it.
const PROBE_NANOS: u64 = 5_000_000_000;

fn requests() -> MutexGuard<'static, BTreeMap<u32, Request>> {
    REQUESTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn send(page: u32, nanos: u64) -> Request {
    let request = Request::new();
    let number = LAST_NUMBER.fetch_add(1, Ordering::Relaxed);
    requests().insert(number, request.clone());
    browser::request_page(number, page, nanos as f64 / 1e6);
    request
}

/// Asks for a page if the service worker answers in the run that is on.
pub fn request(page: u32, nanos: u64) -> Option<Request> {
    ARE_SERVED.load(Ordering::Relaxed).then(|| send(page, nanos))
}

/// Finds out, before a run begins, how its pages will be answered: by asking for one.
pub async fn find(lane: &LoopLane) -> Result<Pages, Stopped> {
    requests().clear();
    let arrived = send(0, 0).arrival(lane, Some(PROBE_NANOS)).await?;
    Ok(if read_page(0, arrived).is_ok() { Pages::ServiceWorker } else { Pages::Timers })
}

/// From here on pages are answered in this way.
pub fn adopt(pages: Pages) {
    ARE_SERVED.store(pages == Pages::ServiceWorker, Ordering::Relaxed);
}

fn arrive(number: u32, arrived: Arrived) {
    // An answer that nobody waits for any more belongs to a run that has ended.
    let request = requests().remove(&number);
    if let Some(request) = request {
        request.answer(arrived);
    }
}

/// A page has come.
#[wasm_bindgen(js_name = pageArrived)]
pub fn arrived(number: u32, text: Vec<u8>) {
    arrive(number, Ok(text));
}

/// A page will not come.
#[wasm_bindgen(js_name = pageFailed)]
pub fn failed(number: u32, message: String) {
    arrive(number, Err(message));
}
