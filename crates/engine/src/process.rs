//! The inside of a process: an instance with a memory of its own that answers one body after another until it is ended.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use js_sys::{Promise, Uint8Array};
use models::{Body, Lane, Log, Part, Reply, Shared, Stop, beside, run_part, work_of};
use protocol::catalog::Home;
use protocol::trace::{LaneKind, State};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::browser::{self, delay};
use crate::clock::Clock;
use crate::loop_lane::LoopLane;

/// How often a process says how far it is, at most. Not for the first so long: a short one only replies.
const PROGRESS_EVERY_NANOS: u64 = 100_000_000;

/// How often a process looks whether its jobs wait for each other.
const LOOK_EVERY_MILLIS: f64 = 100.0;

thread_local! {
    /// When the last reply was sent; what has come meanwhile has waited until then.
    static REPLIED_NANOS: Cell<Option<u64>> = const { Cell::new(None) };
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
    crate::pages::adopt(body.spec.pages);
    let log = Log::new();
    let stop = STOP.with_borrow(Stop::clone);
    let is_loop = body.part == Part::All && body.spec.model.row().home == Home::Loop;
    let kind = if is_loop { LaneKind::WorkerLoop } else { LaneKind::Process };
    let done = Rc::new(Cell::new(0));
    let lane = LoopLane::new(clock, kind, body.id, &log, &stop, progress(clock, done.clone()));
    // What came before this function could run was starting, the first time; everything later, and reading its arguments
    // every time, is copying.
    let replied_nanos = REPLIED_NANOS.get();
    let before = if replied_nanos.is_none() { State::Starting } else { State::Copying };
    lane.row().enter(before, None, body.requested_nanos.max(replied_nanos.unwrap_or(0)));
    lane.row().enter(State::Copying, None, clock.now_nanos().saturating_sub(begun.now_nanos()));
    lane.row().enter(State::Idle, None, clock.now_nanos());
    let result = match work_of(&body.spec) {
        Ok(work) => {
            let shared = Shared::new(&work.shared);
            let run = run_part(&lane, body.spec.model, &work, body.part, &shared);
            let look = tell_of_a_deadlock(&shared, work.all_jobs(), &done);
            beside(models::catch_panics_in(run), look).await
        }
        Err(failure) => Err(failure),
    };
    if result.is_ok() && body.is_deadly() {
        browser::die();
        std::future::pending::<()>().await;
    }
    let sent_nanos = clock.now_nanos();
    REPLIED_NANOS.set(Some(sent_nanos));
    let (lanes, dropped_lanes) = log.take(sent_nanos);
    postcard::to_allocvec(&(done.get(), Reply { result, lanes, dropped_lanes, sent_nanos }))
}

/// Looks now and then whether jobs of this process wait for each other, and says so once.
async fn tell_of_a_deadlock(shared: &Shared, jobs: usize, done: &Cell<u32>) -> Infallible {
    let (mut suspected, mut told) = (None, false);
    loop {
        delay(LOOK_EVERY_MILLIS).await;
        let found = shared.deadlock(jobs, done.get() as usize);
        if let Some(waits) = found.as_ref().filter(|_| found == suspected && !told) {
            told = true;
            let bytes = postcard::to_allocvec(waits).expect("a list can be written into memory");
            browser::deadlocked(Uint8Array::from(bytes.as_slice()));
        }
        suspected = found;
    }
}

fn progress(clock: Clock, done: Rc<Cell<u32>>) -> impl Fn() {
    let told_nanos = Cell::new(clock.now_nanos());
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
