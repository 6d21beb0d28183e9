//! The inside of a process: an instance with a memory of its own that answers one body and ends.

use std::cell::{Cell, RefCell};
use std::panic::AssertUnwindSafe;

use js_sys::{Promise, Uint8Array};
use models::{Body, Lane, Log, Part, Reply, Stop, answer_body};
use protocol::catalog::Home;
use protocol::trace::{LaneKind, State};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::browser;
use crate::clock::Clock;
use crate::loop_lane::LoopLane;

/// How often a process says how far it is, at most. Not for the first so long: a short one only replies.
const PROGRESS_EVERY_NANOS: u64 = 100_000_000;

thread_local! {
    static STOP: RefCell<Stop> = RefCell::default();
}

/// Runs the body in these bytes and resolves to the reply's.
#[wasm_bindgen(js_name = runProcess)]
pub fn run(bytes: Vec<u8>) -> Promise {
    // A panic inside is the reply's failure already; whatever could unwind to here has no state left to be broken.
    future_to_promise(AssertUnwindSafe(async move {
        let reply = answer(&bytes).await.map_err(|error| JsError::new(&error.to_string()))?;
        Ok(Uint8Array::from(reply.as_slice()).into())
    }))
}

async fn answer(bytes: &[u8]) -> Result<Vec<u8>, postcard::Error> {
    let begun = Clock::start();
    let (epoch_millis, body): (f64, Body) = postcard::from_bytes(bytes)?;
    let clock = Clock::since(epoch_millis);
    let log = Log::new();
    let stop = STOP.with_borrow(Stop::clone);
    let is_loop = body.part == Part::All && body.spec.model.row().home == Home::Loop;
    let kind = if is_loop { LaneKind::WorkerLoop } else { LaneKind::Process };
    let lane = LoopLane::new(clock, kind, body.id, &log, &stop, progress(clock));
    lane.row().enter(State::Starting, None, body.requested_nanos);
    // What came before this function could run was starting; reading its arguments is copying.
    lane.row().enter(State::Copying, None, clock.now_nanos().saturating_sub(begun.now_nanos()));
    lane.row().enter(State::Idle, None, clock.now_nanos());
    let result = models::catch_panics_in(answer_body(&lane, &body)).await;
    let sent_nanos = clock.now_nanos();
    let (lanes, dropped_lanes) = log.take(sent_nanos);
    postcard::to_allocvec(&Reply { result, lanes, dropped_lanes, sent_nanos })
}

fn progress(clock: Clock) -> impl Fn() {
    let (done, told_nanos) = (Cell::new(0), Cell::new(clock.now_nanos()));
    move || {
        done.set(done.get() + 1);
        let now = clock.now_nanos();
        if now.saturating_sub(told_nanos.get()) >= PROGRESS_EVERY_NANOS {
            told_nanos.set(now);
            browser::jobs_done(done.get());
        }
    }
}

/// The process is to stop as soon as it looks up from its work.
#[wasm_bindgen(js_name = stopProcess)]
pub fn stop() {
    STOP.with_borrow(Stop::stop);
}
