//! Lets the bench measure, in the very engine that readers run, what no experiment shows by itself.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use js_sys::{Error, Promise};
use models::{Host, Job, Lane, Shared, Stop};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::host::WebHost;

/// How long the stealing pool takes over so many jobs of nothing, in nanoseconds.
#[wasm_bindgen(js_name = emptyJobs)]
pub fn empty_jobs(count: u32) -> Promise {
    let host = WebHost::new(&Stop::new(), &Arc::default());
    // Nobody sees the host again after a panic.
    future_to_promise(AssertUnwindSafe(async move {
        let jobs: Arc<[Job]> = (0..count).map(|number| Job { number, steps: Vec::new() }).collect();
        let shared = Shared::new(&Default::default());
        let began = host.lane().now_nanos();
        let answers = host.fork_join(rayon::current_num_threads() as u32, jobs, &shared).await;
        let nanos = host.lane().now_nanos() - began;
        answers.map(|_| JsValue::from(nanos as f64)).map_err(|failure| Error::new(&failure.to_string()).into())
    }))
}
