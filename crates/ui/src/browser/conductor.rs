//! The engine's outermost worker, seen from the page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use session::protocol::{FromEngine, Message, ToEngine};
use session::trace::Failure;
use session::{Action, EngineId, EngineNeeds, Flavour};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};
use yew::Callback;

use super::javascript::{describe, get, object, report_error, sleep};
use super::locks::{PREFIX, held};
use super::modules::Modules;
use super::service_worker;

/// How often the locks of an ending engine are looked at.
const LOOK_MILLIS: u32 = 25;
/// The one engine of the page, and the remains of the one before.
pub struct Conductor {
    dispatch: Callback<Action>,
    modules: Rc<Modules>,
    /// Sets the engines of this page apart from those of other tabs.
    page: String,
    /// The engine that is wanted; another one whose code has just been compiled is not started any more.
    wanted: Rc<Cell<Option<EngineId>>>,
    alive: Rc<RefCell<Option<Alive>>>,
}

struct Alive {
    id: EngineId,
    worker: Worker,
    // The worker calls them for as long as it lives.
    _listeners: [Closure<dyn Fn(JsValue)>; 3],
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.set_onmessageerror(None);
        self.worker.terminate();
    }
}

impl Conductor {
    /// There is none yet.
    pub fn new(dispatch: Callback<Action>, modules: Rc<Modules>) -> Conductor {
        let page = format!("{:x}", (js_sys::Math::random() * 4_294_967_296.0) as u32);
        Conductor { dispatch, modules, page, wanted: Rc::default(), alive: Rc::default() }
    }

    fn name(&self, id: EngineId) -> String {
        format!("{}-{}", self.page, id.0)
    }

    /// Compiles what is not compiled yet and starts the worker.
    pub fn start(&self, id: EngineId, needs: EngineNeeds) {
        self.wanted.set(Some(id));
        let (dispatch, modules, name) = (self.dispatch.clone(), self.modules.clone(), self.name(id));
        let (wanted, alive) = (self.wanted.clone(), self.alive.clone());
        spawn_local(async move {
            match launch(&modules, &wanted, id, needs, &name, &dispatch).await {
                Ok(Some(launched)) => {
                    *alive.borrow_mut() = Some(launched);
                    dispatch.emit(Action::EngineLaunched(id));
                }
                Ok(None) => {}
                Err(failure) => dispatch.emit(Action::EngineFailed(id, failure)),
            }
        });
    }

    /// Hands the message over, without a copy.
    pub fn send(&self, id: EngineId, message: &ToEngine) {
        let bytes = Uint8Array::from(message.to_bytes().as_slice());
        let transfer = Array::of1(&bytes.buffer());
        self.post(id, object(&[("kind", "message".into()), ("bytes", bytes.into())]), &transfer);
    }

    /// Asks it to end all its workers and itself.
    pub fn close(&self, id: EngineId) {
        self.wanted.set(None);
        self.post(id, object(&[("kind", "close".into())]), &Array::new());
    }

    fn post(&self, id: EngineId, message: js_sys::Object, transfer: &JsValue) {
        let alive = self.alive.borrow();
        let Some(alive) = alive.as_ref().filter(|alive| alive.id == id) else {
            return;
        };
        if let Err(error) = alive.worker.post_message_with_transfer(&message, transfer) {
            let message = describe(&error);
            let failure = Failure::WorkerDied { worker: "the conductor".into(), message };
            self.dispatch.emit(Action::EngineFailed(id, failure));
        }
    }

    /// Ends it without asking.
    pub fn terminate(&self, id: EngineId) {
        if self.wanted.get() == Some(id) {
            self.wanted.set(None);
        }
        let mut alive = self.alive.borrow_mut();
        if alive.as_ref().is_some_and(|alive| alive.id == id) {
            *alive = None;
        }
    }

    /// Watches until no worker of the engine holds its lock.
    pub fn await_locks_free(&self, id: EngineId, millis: u32) {
        let (dispatch, alive) = (self.dispatch.clone(), self.alive.clone());
        let prefix = format!("{PREFIX}{}/", self.name(id));
        spawn_local(async move {
            for _ in 0..=millis / LOOK_MILLIS {
                if held(&prefix).await.is_empty() {
                    if alive.borrow().as_ref().is_some_and(|alive| alive.id == id) {
                        alive.take();
                    }
                    dispatch.emit(Action::LocksFree(id));
                    return;
                }
                sleep(LOOK_MILLIS).await;
            }
            dispatch.emit(Action::LocksHeld(id));
        });
    }
}

/// Nothing if the engine is no longer wanted once its code is there.
async fn launch(
    modules: &Modules,
    wanted: &Cell<Option<EngineId>>,
    id: EngineId,
    needs: EngineNeeds,
    name: &str,
    dispatch: &Callback<Action>,
) -> Result<Option<Alive>, Failure> {
    let registered = service_worker::register();
    let plain = modules.get(Flavour::Plain).await?;
    let threads = match needs.flavour {
        Flavour::Threads => modules.get(Flavour::Threads).await?.into(),
        Flavour::Plain => JsValue::UNDEFINED,
    };
    registered.await;
    if wanted.get() != Some(id) {
        return Ok(None);
    }
    let could_not_start = |message: String| Failure::CouldNotStart { what: "the conductor".into(), message };
    let url = format!("{}conductor.js", modules.folder().map_err(could_not_start)?);
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name("interleave conductor");
    let worker = Worker::new_with_options(&url, &options).map_err(|error| could_not_start(describe(&error)))?;
    let listeners =
        [on_message(id, dispatch.clone()), on_error(id, dispatch.clone()), on_message_error(id, dispatch.clone())];
    worker.set_onmessage(Some(listeners[0].as_ref().unchecked_ref()));
    worker.set_onerror(Some(listeners[1].as_ref().unchecked_ref()));
    worker.set_onmessageerror(Some(listeners[2].as_ref().unchecked_ref()));
    let init = object(&[
        ("kind", "init".into()),
        ("engineId", name.into()),
        ("flavour", needs.flavour.slug().into()),
        ("threads", threads),
        ("plain", plain.into()),
        ("poolThreads", needs.pool_threads.into()),
    ]);
    worker.post_message(&init).map_err(|error| could_not_start(describe(&error)))?;
    Ok(Some(Alive { id, worker, _listeners: listeners }))
}

fn on_message(id: EngineId, dispatch: Callback<Action>) -> Closure<dyn Fn(JsValue)> {
    Closure::new(move |event: JsValue| {
        let data = event.unchecked_into::<MessageEvent>().data();
        match get(&data, "kind").as_string().as_deref() {
            Some("message") => {
                let bytes = Uint8Array::new(&get(&data, "bytes")).to_vec();
                dispatch.emit(match FromEngine::from_bytes(&bytes) {
                    Ok(message) => Action::FromEngine(id, message),
                    Err(failure) => Action::EngineFailed(id, failure),
                });
            }
            Some("error") => report_error(&get(&data, "text").as_string().unwrap_or_default()),
            other => {
                let message = format!("its kind is {other:?}");
                dispatch.emit(Action::EngineFailed(id, Failure::BadMessage { message }));
            }
        }
    })
}

/// A script that is missing or forbidden gives an event without a message.
fn on_error(id: EngineId, dispatch: Callback<Action>) -> Closure<dyn Fn(JsValue)> {
    Closure::new(move |event: JsValue| {
        let said = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message).filter(|message| !message.is_empty());
        let failure = match said {
            Some(message) => Failure::WorkerDied { worker: "the conductor".into(), message },
            None => Failure::CouldNotStart {
                what: "the conductor".into(),
                message: "conductor.js is missing, damaged or forbidden".into(),
            },
        };
        report_error(&failure.to_string());
        dispatch.emit(Action::EngineFailed(id, failure));
    })
}

fn on_message_error(id: EngineId, dispatch: Callback<Action>) -> Closure<dyn Fn(JsValue)> {
    Closure::new(move |_| {
        let failure = Failure::BadMessage { message: "the browser could not read it".into() };
        report_error(&failure.to_string());
        dispatch.emit(Action::EngineFailed(id, failure));
    })
}
