//! Processes as the engine that started them sees them: a key, a reply to come, a count of jobs done.

use std::cell::RefCell;
use std::collections::BTreeMap;

use futures_channel::oneshot;
use js_sys::Uint8Array;
use models::Body;
use protocol::trace::Failure;
use wasm_bindgen::prelude::*;

use crate::browser;

/// What a process sends at its end, or why it will not.
pub type Ended = Result<Vec<u8>, Failure>;

#[derive(Default)]
struct Registry {
    alive: BTreeMap<u32, Alive>,
    last_key: u32,
}

struct Alive {
    reply: oneshot::Sender<Ended>,
    jobs_done: u32,
}

thread_local! {
    static REGISTRY: RefCell<Registry> = RefCell::default();
}

/// Starts a process; it replies when it has ended.
pub fn start(epoch_millis: f64, body: &Body) -> oneshot::Receiver<Ended> {
    let bytes = postcard::to_allocvec(&(epoch_millis, body)).expect("a body can be written into memory");
    let (reply, replied) = oneshot::channel();
    let key = REGISTRY.with_borrow_mut(|registry| {
        registry.last_key += 1;
        registry.alive.insert(registry.last_key, Alive { reply, jobs_done: 0 });
        registry.last_key
    });
    browser::start_process(key, Uint8Array::from(bytes.as_slice()));
    replied
}

fn end(key: u32, ended: Ended) {
    let alive = REGISTRY.with_borrow_mut(|registry| registry.alive.remove(&key));
    if let Some(alive) = alive {
        // The run may have been given up while the process was on its way out.
        let _ = alive.reply.send(ended);
    }
}

/// A process has ended with a reply.
#[wasm_bindgen(js_name = processReplied)]
pub fn replied(key: u32, bytes: Vec<u8>) {
    end(key, Ok(bytes));
}

/// A process has ended without one.
#[wasm_bindgen(js_name = processDied)]
pub fn died(key: u32, message: String) {
    end(key, Err(Failure::WorkerDied { worker: format!("process {key}"), message }));
}

/// A process says how many jobs it has done so far.
#[wasm_bindgen(js_name = processProgress)]
pub fn progress(key: u32, jobs_done: u32) {
    REGISTRY.with_borrow_mut(|registry| {
        if let Some(alive) = registry.alive.get_mut(&key) {
            alive.jobs_done = jobs_done;
        }
    });
}

/// Jobs that living processes have reported as done.
pub fn jobs_done() -> u32 {
    REGISTRY.with_borrow(|registry| registry.alive.values().map(|alive| alive.jobs_done).sum())
}

fn keys() -> Vec<u32> {
    REGISTRY.with_borrow(|registry| registry.alive.keys().copied().collect())
}

/// Tells every process to stop; those that compute read it within about 50 ms.
pub fn stop_all() {
    keys().into_iter().for_each(browser::stop_process);
}

/// Ends every process that is left, at once.
pub fn end_all() {
    for key in keys() {
        browser::end_process(key);
        end(key, Err(Failure::Stopped));
    }
}
