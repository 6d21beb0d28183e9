//! Lets a test find out, with the very engine that readers run, the facts that were recorded from CPython.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use js_sys::{Error, Promise};
use models::Stop;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::host::WebHost;

/// What happens here where the recorded fact of this name happened, as JSON.
#[wasm_bindgen(js_name = goldenFact)]
pub fn golden_fact(key: String) -> Promise {
    let host = WebHost::new(&Stop::new(), &Arc::default());
    // Nobody sees the host again after a panic.
    future_to_promise(AssertUnwindSafe(async move {
        let fact = models::golden::fact(&host, &key).await;
        fact.map(JsValue::from).map_err(|failure| Error::new(&failure.to_string()).into())
    }))
}
