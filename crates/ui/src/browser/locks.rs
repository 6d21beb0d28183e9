//! Named locks, which every tab of the site sees. A worker of ours holds one for as long as it lives; whoever measures
//! holds `interleave/run`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use session::Action;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;
use yew::Callback;

use super::javascript::{get, object};
use super::the_window;

/// What the names of all our locks begin with.
pub const PREFIX: &str = "interleave/";
const TURN: &str = "interleave/run";

#[wasm_bindgen]
extern "C" {
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn query(this: &LockManager) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &JsValue, held: &Function) -> Result<Promise, JsValue>;
}

/// Absent where the page has no origin of its own, as in a sandboxed frame.
fn manager() -> Option<LockManager> {
    let locks = get(&the_window().navigator(), "locks");
    locks.is_object().then(|| locks.unchecked_into())
}

/// The names of the locks held now that begin so. Where there are no locks, none is held.
pub async fn held(prefix: &str) -> Vec<String> {
    let Some(Ok(query)) = manager().map(|manager| manager.query()) else {
        return Vec::new();
    };
    let Ok(snapshot) = JsFuture::from(query).await else {
        return Vec::new();
    };
    let locks = get(&snapshot, "held");
    let names = locks.dyn_ref::<Array>().map(|locks| locks.iter().map(|lock| get(&lock, "name").as_string()));
    names.into_iter().flatten().flatten().filter(|name| name.starts_with(prefix) && name != TURN).collect()
}

/// The right to measure, which one tab has at a time.
pub struct Turn {
    dispatch: Callback<Action>,
    request: Option<Rc<Request>>,
}

/// One request for the right, from asking to giving back.
struct Request {
    abort: Option<AbortController>,
    /// Ends the holding of the lock once it is held.
    release: RefCell<Option<Function>>,
    given_up: Cell<bool>,
}

impl Turn {
    /// Nothing is asked for yet.
    pub fn new(dispatch: Callback<Action>) -> Turn {
        Turn { dispatch, request: None }
    }

    /// Asks whether the right is free, and takes it.
    pub fn take(&mut self) {
        self.ask(&[("ifAvailable", JsValue::TRUE)], None);
    }

    /// Waits for the right.
    pub fn wait(&mut self) {
        let abort = AbortController::new().ok();
        match &abort {
            Some(controller) => {
                let signal = controller.signal();
                self.ask(&[("signal", signal.into())], abort);
            }
            None => self.ask(&[], None),
        }
    }

    /// Gives the right back, or stops asking for it.
    pub fn give_back(&mut self) {
        let Some(request) = self.request.take() else {
            return;
        };
        request.given_up.set(true);
        match request.release.take() {
            Some(release) => drop(release.call0(&JsValue::UNDEFINED)),
            None => {
                if let Some(abort) = &request.abort {
                    abort.abort();
                }
            }
        }
    }

    fn ask(&mut self, options: &[(&str, JsValue)], abort: Option<AbortController>) {
        self.give_back();
        let Some(manager) = manager() else {
            // Nothing can be known of other tabs.
            self.dispatch.emit(Action::TurnGranted);
            return;
        };
        let request = Rc::new(Request { abort, release: RefCell::new(None), given_up: Cell::new(false) });
        self.request = Some(request.clone());
        let dispatch = self.dispatch.clone();
        let asked = request.clone();
        let held = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            if request.given_up.get() {
                return JsValue::UNDEFINED;
            }
            if lock.is_null() {
                dispatch.emit(Action::TurnDenied);
                return JsValue::UNDEFINED;
            }
            let holding = Promise::new(&mut |resolve, _| *request.release.borrow_mut() = Some(resolve));
            dispatch.emit(Action::TurnGranted);
            holding.into()
        });
        let dispatch = self.dispatch.clone();
        match manager.request(TURN, &object(options), held.unchecked_ref()) {
            Ok(over) => spawn_local(async move {
                // An end without the lock is a refusal (no origin of its own), unless we gave up ourselves.
                if JsFuture::from(over).await.is_err() && !asked.given_up.get() {
                    dispatch.emit(Action::TurnGranted);
                }
            }),
            Err(_) => dispatch.emit(Action::TurnGranted),
        }
    }
}
