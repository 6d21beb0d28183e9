//! What the engine asks of the browser, directly or through the script that started this instance.

use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub fn performance_now() -> f64;

    #[wasm_bindgen(thread_local_v2, js_namespace = performance, js_name = timeOrigin)]
    pub static TIME_ORIGIN: f64;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, millis: f64) -> JsValue;
}

// Set by the scripts in `www/engine` before they start the instance.
#[wasm_bindgen(js_namespace = interleaveEngine)]
extern "C" {
    /// Resolves after one turn of the browser's event loop, without the delay of a timer.
    #[wasm_bindgen(js_name = turn)]
    fn turn() -> Promise;

    /// Fetches a page that is answered after so long. `pageArrived` or `pageFailed` is called with the request's number, on
    /// the worker that has an event loop.
    #[wasm_bindgen(js_name = requestPage)]
    pub fn request_page(number: u32, page: u32, millis: f64);

    /// Starts a worker with a memory of its own, which begins with these bytes.
    #[wasm_bindgen(js_name = startProcess)]
    pub fn start_process(key: u32, body: Uint8Array);

    /// Gives a process something more to do.
    #[wasm_bindgen(js_name = askProcess)]
    pub fn ask_process(key: u32, body: Uint8Array);

    /// Tells a process that it is to stop.
    #[wasm_bindgen(js_name = stopProcess)]
    pub fn stop_process(key: u32);

    /// Lets a process end that has nothing left to do.
    #[wasm_bindgen(js_name = endProcess)]
    pub fn end_process(key: u32);

    /// Ends a process at once.
    #[wasm_bindgen(js_name = terminateProcess)]
    pub fn terminate_process(key: u32);

    /// From a process: how many jobs it has done.
    #[cfg(not(feature = "threads"))]
    #[wasm_bindgen(js_name = jobsDone)]
    pub fn jobs_done(count: u32);

    /// From a process: who inside it waits for whom, so that nobody goes on.
    #[cfg(not(feature = "threads"))]
    #[wasm_bindgen(js_name = deadlocked)]
    pub fn deadlocked(waits: Uint8Array);

    /// From a process: this job begins.
    #[cfg(not(feature = "threads"))]
    #[wasm_bindgen(js_name = began)]
    pub fn began(job: u32);

    /// From a process: it ends here and now, without a word.
    #[cfg(not(feature = "threads"))]
    #[wasm_bindgen(js_name = die)]
    pub fn die();

    /// Starts one more worker on this memory. On the conductor the promise resolves when it is parked.
    #[cfg(feature = "threads")]
    #[wasm_bindgen(js_name = startThread)]
    pub fn start_thread() -> Promise;
}

/// Completes after so many milliseconds.
pub async fn delay(millis: f64) {
    let timer = Promise::new(&mut |resolve, _| {
        set_timeout(&resolve, millis);
    });
    // A timer's promise is never rejected.
    let _ = JsFuture::from(timer).await;
}

/// Lets the browser's event loop turn once.
pub async fn one_turn() {
    let _ = JsFuture::from(turn()).await;
}
