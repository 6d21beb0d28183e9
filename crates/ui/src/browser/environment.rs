//! What this browser, and this way of opening the page, can do. Tried, not asked.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Promise, WebAssembly};
use session::Environment;
use session::catalog::Capabilities;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

use super::javascript::{after, get, object};
use super::the_window;

/// A post within the page arrives at once, is refused at once, or, in a browser unlike those we know, is lost. A busy
/// machine may take seconds over it, and whoever gives up too early takes the threads from a browser that has them.
const PATIENCE_MILLIS: u32 = 10_000;

/// For how long the clock is looked at: a few steps of the coarsest.
const CLOCK_MILLIS: f64 = 3.0;
/// A clock that stands still must not keep the page from beginning. A browser that hides from trackers moves it ten times a second.
const MOST_LOOKS: u32 = 3_000_000;

/// Tries what can only be tried.
pub async fn feel() -> Environment {
    let window = the_window();
    let web_assembly = get(&window, "WebAssembly");
    Environment {
        capabilities: Capabilities {
            shared_memory: can_post_shared_memory().await,
            stack_switching: get(&web_assembly, "Suspending").is_function()
                && get(&web_assembly, "promising").is_function(),
            cores: window.navigator().hardware_concurrency() as u32,
        },
        isolated: get(&window, "crossOriginIsolated").is_truthy(),
        top_level: window.top().ok().flatten().is_some_and(|top| top == window),
        clock_step_nanos: clock_step_nanos(),
        browser: window.navigator().user_agent().unwrap_or_default(),
    }
}

/// The smallest step by which the clock is seen to move on; nothing if it stands still. Browsers make it coarse where pages are not isolated.
fn clock_step_nanos() -> u64 {
    let Some(clock) = the_window().performance() else {
        return 0;
    };
    let began = clock.now();
    let (mut last, mut least) = (began, f64::INFINITY);
    for _ in 0..MOST_LOOKS {
        if last - began >= CLOCK_MILLIS {
            break;
        }
        let now = clock.now();
        if now > last {
            least = least.min(now - last);
            last = now;
        }
    }
    if least.is_finite() { (least * 1e6).round() as u64 } else { 0 }
}

/// A browser may call the page isolated and have no shared memory, or make one and refuse to post it.
async fn can_post_shared_memory() -> bool {
    let descriptor = object(&[("initial", 1.into()), ("maximum", 1.into()), ("shared", JsValue::TRUE)]);
    let Ok(memory) = WebAssembly::Memory::new(&descriptor) else {
        return false;
    };
    let Ok(channel) = MessageChannel::new() else {
        return false;
    };
    let (sender, receiver) = (channel.port1(), channel.port2());
    let arrived = Promise::new(&mut |resolve, _| {
        let on_message = {
            let resolve = resolve.clone();
            Closure::once_into_js(move |event: JsValue| {
                let came = get(&event, "data").is_instance_of::<WebAssembly::Memory>();
                drop(resolve.call1(&JsValue::UNDEFINED, &came.into()));
            })
        };
        receiver.set_onmessage(Some(on_message.unchecked_ref()));
        let refuse = Rc::new(RefCell::new(Some(resolve)));
        let on_error = {
            let refuse = refuse.clone();
            Closure::once_into_js(move || {
                if let Some(resolve) = refuse.take() {
                    drop(resolve.call1(&JsValue::UNDEFINED, &JsValue::FALSE));
                }
            })
        };
        receiver.set_onmessageerror(Some(on_error.unchecked_ref()));
        after(PATIENCE_MILLIS, move || {
            if let Some(resolve) = refuse.take() {
                drop(resolve.call1(&JsValue::UNDEFINED, &JsValue::FALSE));
            }
        });
    });
    if sender.post_message(&memory).is_err() {
        return false;
    }
    let came = JsFuture::from(arrived).await.is_ok_and(|came| came.is_truthy());
    sender.close();
    receiver.close();
    came
}
