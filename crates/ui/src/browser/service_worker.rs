//! The service worker, which `registration.js` registers.

use std::future::Future;

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::javascript::{get, interleave};

/// Registers it, the first time. What is returned completes once it answers for this page, or cannot; how pages are then
/// answered is for each run to find out.
pub fn register() -> impl Future<Output = ()> {
    let this = interleave();
    let register = get(&this, "registerServiceWorker").dyn_into::<Function>().ok();
    let registered = register.and_then(|register| register.call0(&this).ok());
    async move {
        let registered = Promise::resolve(&registered.unwrap_or(JsValue::UNDEFINED));
        // The script's promise is never rejected.
        drop(JsFuture::from(registered).await);
    }
}
