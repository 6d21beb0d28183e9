//! Small dealings with JavaScript's values.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::closure::{Closure, WasmClosure};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::EventTarget;

use super::the_window;

#[wasm_bindgen(inline_js = "export function load(url) { return import(url); }")]
extern "C" {
    /// The module at this address.
    #[wasm_bindgen(catch)]
    pub fn load(url: &str) -> Result<Promise, JsValue>;
}

/// What a thrown value says.
pub fn describe(value: &JsValue) -> String {
    match value.dyn_ref::<js_sys::Error>() {
        Some(error) => format!("{}: {}", String::from(error.name()), String::from(error.message())),
        None => value.as_string().unwrap_or_else(|| format!("{value:?}")),
    }
}

/// A property, or undefined.
pub fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// An object with these properties.
pub fn object(properties: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        set(&object, name, value);
    }
    object
}

/// Sets a property of an object of ours.
pub fn set(object: &JsValue, name: &str, value: &JsValue) {
    Reflect::set(object, &name.into(), value).expect("our own objects take any property");
}

/// The object that scripts see.
pub fn interleave() -> JsValue {
    get(&the_window(), "interleave")
}

/// Tells scripts and tests of something that went wrong.
pub fn report_error(text: &str) {
    if let Some(errors) = get(&interleave(), "errors").dyn_ref::<js_sys::Array>() {
        errors.push(&text.into());
    }
}

/// Listens for as long as the page lives.
pub fn listen<F: ?Sized + WasmClosure>(target: &EventTarget, event: &str, listener: Closure<F>) {
    target
        .add_event_listener_with_callback(event, listener.as_ref().unchecked_ref())
        .expect("a listener can be added to any target");
    listener.forget();
}

/// Calls once, later.
pub fn after(millis: u32, then: impl FnOnce() + 'static) {
    let millis = i32::try_from(millis).unwrap_or(i32::MAX);
    the_window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(Closure::once_into_js(then).unchecked_ref(), millis)
        .expect("a window has timers");
}

/// Comes back later.
pub async fn sleep(millis: u32) {
    let promise = Promise::new(&mut |resolve, _| after(millis, move || drop(resolve.call0(&JsValue::UNDEFINED))));
    JsFuture::from(promise).await.expect("a timer's promise is not rejected");
}
