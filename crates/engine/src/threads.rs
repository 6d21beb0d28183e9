//! A reservoir of parked threads. Starting a worker takes tens of milliseconds, waking a parked one microseconds.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::browser;

type Body = Box<dyn FnOnce() + Send>;

struct Reservoir {
    bodies: VecDeque<Body>,
    /// Threads that wait for a body, and those that have been asked for and will.
    free: usize,
    ended: bool,
}

static RESERVOIR: Mutex<Reservoir> = Mutex::new(Reservoir { bodies: VecDeque::new(), free: 0, ended: false });
static FILLED: Condvar = Condvar::new();

fn reservoir() -> MutexGuard<'static, Reservoir> {
    RESERVOIR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs the body on a thread of the reservoir, which grows where none is free, and then tells what came of it. The thread
/// is free before it tells, so that whoever hears of it finds it so.
pub fn start<T>(body: impl FnOnce() -> T + Send + 'static, tell: impl FnOnce(T) + Send + 'static) {
    let body = move || {
        let value = body();
        reservoir().free += 1;
        tell(value);
    };
    let mut reservoir = reservoir();
    reservoir.bodies.push_back(Box::new(body));
    if reservoir.free < reservoir.bodies.len() {
        reservoir.free += 1;
        // The body waits in the queue; whoever parks first takes it.
        drop(browser::start_thread());
    }
    drop(reservoir);
    FILLED.notify_one();
}

/// Sees to it that so many threads are parked. Called by the conductor before it measures, so that what is measured is
/// a thread's start and not that of its worker.
pub async fn park(threads: usize) {
    let missing = {
        let mut reservoir = reservoir();
        let missing = threads.saturating_sub(reservoir.free);
        reservoir.free += missing;
        missing
    };
    let parked: Vec<_> = (0..missing).map(|_| JsFuture::from(browser::start_thread())).collect();
    for thread in parked {
        // A worker that cannot start is reported by its own error; the run then waits for a thread that is free.
        let _ = thread.await;
    }
}

/// The life of a thread: one body after another until the engine ends.
#[wasm_bindgen(js_name = threadMain)]
pub fn thread_main() {
    loop {
        let mut waiting = reservoir();
        let body = loop {
            if waiting.ended {
                return;
            }
            match waiting.bodies.pop_front() {
                Some(body) => break body,
                None => waiting = FILLED.wait(waiting).unwrap_or_else(PoisonError::into_inner),
            }
        };
        waiting.free -= 1;
        drop(waiting);
        body();
    }
}

/// Lets every parked thread return to its script, which closes its worker.
pub fn end() {
    reservoir().ended = true;
    FILLED.notify_all();
}
