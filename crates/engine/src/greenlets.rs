//! Lets a test see that calls which are not async, as deep as they may be, are set aside and go on: two that take turns.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use js_sys::{Error, Promise};
use models::{Log, Progress, Stack, Stop};
use protocol::trace::{Failure, LaneKind};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::clock::Clock;
use crate::loop_lane::LoopLane;
use crate::stacks::{WebInside, WebStack};

type Notes = Rc<RefCell<Vec<String>>>;

/// Is set aside when it has called itself so often; returns how deep it was.
fn countdown(inside: &WebInside, name: &str, left: u32, notes: &Notes) -> u32 {
    if left == 0 {
        notes.borrow_mut().push(format!("{name} switches"));
        inside.set_aside_now();
        notes.borrow_mut().push(format!("{name} goes on"));
        return 0;
    }
    1 + countdown(inside, name, left - 1, notes)
}

async fn take_turns() -> Result<Vec<String>, Failure> {
    const DEPTH: u32 = 3;
    let lane = LoopLane::new(Clock::start(), LaneKind::WorkerLoop, 1, &Log::new(), &Stop::new(), || ());
    let notes = Notes::default();
    let mut stacks = Vec::new();
    for name in ["first", "second"] {
        let notes = notes.clone();
        stacks.push(WebStack::new(&lane, move |inside| async move {
            notes.borrow_mut().push(format!("{name} begins"));
            let depth = countdown(&inside, name, DEPTH, &notes);
            notes.borrow_mut().push(format!("{name} ends after {depth} calls"));
        })?);
    }
    for expected in [Progress::SetAside, Progress::Ended] {
        for stack in &mut stacks {
            let progress = stack.go_on().await;
            if progress != expected {
                return Err(Failure::Panicked { message: format!("{progress:?} instead of {expected:?}") });
            }
        }
    }
    Ok(notes.take())
}

/// Two greenlets; resolves to what they did, in order.
#[wasm_bindgen(js_name = greenlets)]
pub fn greenlets() -> Promise {
    // Nobody sees them again after a panic.
    future_to_promise(AssertUnwindSafe(async move {
        let notes = take_turns().await.map_err(|failure| Error::new(&failure.to_string()))?;
        Ok(JsValue::from(notes))
    }))
}
