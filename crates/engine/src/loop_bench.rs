//! Lets a bench measure the event loop in the very engine that readers run.

use std::panic::AssertUnwindSafe;

use js_sys::{Error, Promise};
use models::{Log, Stop};
use protocol::trace::LaneKind;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::clock::Clock;
use crate::loop_lane::LoopLane;

/// Does so many of what is named on a loop of this worker; resolves to the milliseconds that it took.
#[wasm_bindgen(js_name = measureLoop)]
pub fn measure_loop(what: String, count: u32) -> Promise {
    let lane = LoopLane::new(Clock::start(), LaneKind::WorkerLoop, 1, &Log::new(), &Stop::new(), || ());
    // Nobody sees the loop again after a panic.
    future_to_promise(AssertUnwindSafe(async move {
        let nanos = models::measure_loop(lane, &what, count as usize).await;
        nanos.map(|nanos| JsValue::from(nanos as f64 / 1e6)).map_err(|failure| Error::new(&failure.to_string()).into())
    }))
}
