//! A reservoir of parked threads. Starting a worker takes tens of milliseconds, waking a parked one microseconds.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use wasm_bindgen::prelude::*;

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

/// Runs the body on a thread of the reservoir, which grows where none is free.
pub fn start(body: impl FnOnce() + Send + 'static) {
    let mut reservoir = reservoir();
    reservoir.bodies.push_back(Box::new(body));
    if reservoir.free < reservoir.bodies.len() {
        reservoir.free += 1;
        browser::start_thread();
    }
    drop(reservoir);
    FILLED.notify_one();
}

/// Asks for so many threads ahead of need.
#[wasm_bindgen(js_name = fillReservoir)]
pub fn fill(threads: u32) {
    for _ in 0..threads {
        reservoir().free += 1;
        browser::start_thread();
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
        reservoir().free += 1;
    }
}

/// Lets every parked thread return to its script, which closes its worker.
pub fn end() {
    reservoir().ended = true;
    FILLED.notify_all();
}
