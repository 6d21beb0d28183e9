//! The engine's event loop on the page itself, for work that only waits or that is meant to freeze the page.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise, Uint8Array};
use session::protocol::{FromEngine, Message, ToEngine};
use session::trace::Failure;
use session::{Action, Flavour};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::Callback;

use super::javascript::{describe, get, load, report_error};
use super::modules::Modules;
use super::service_worker;

/// Starts with the first message.
#[derive(Clone)]
pub struct PageLoop {
    dispatch: Callback<Action>,
    modules: Rc<Modules>,
    life: Rc<RefCell<Life>>,
}

enum Life {
    Absent,
    /// What is to be said once it is there.
    Starting(Vec<ToEngine>),
    Alive(JsValue),
}

impl PageLoop {
    /// There is none yet.
    pub fn new(dispatch: Callback<Action>, modules: Rc<Modules>) -> PageLoop {
        PageLoop { dispatch, modules, life: Rc::new(RefCell::new(Life::Absent)) }
    }

    /// Hands the message over.
    pub fn send(&self, message: ToEngine) {
        let mut life = self.life.borrow_mut();
        match &mut *life {
            Life::Absent => {
                *life = Life::Starting(vec![message]);
                let this = self.clone();
                spawn_local(async move { this.start().await });
            }
            Life::Starting(waiting) => waiting.push(message),
            Life::Alive(page) => {
                let page = page.clone();
                drop(life);
                self.receive(&page, &message);
            }
        }
    }

    /// Starts it ahead of the first message, so that no run has to wait for it. What fails is tried again, and reported,
    /// by that message.
    pub async fn prepare(&self) {
        let is_absent = matches!(&*self.life.borrow(), Life::Absent);
        if is_absent {
            self.life.replace(Life::Starting(Vec::new()));
            self.start().await;
        }
    }

    async fn start(&self) {
        match self.import().await {
            Ok(page) => {
                let before = self.life.replace(Life::Alive(page.clone()));
                if let Life::Starting(waiting) = before {
                    waiting.iter().for_each(|message| self.receive(&page, message));
                }
            }
            Err(failure) => {
                let before = self.life.replace(Life::Absent);
                if matches!(before, Life::Starting(waiting) if !waiting.is_empty()) {
                    self.fail(failure);
                }
            }
        }
    }

    fn fail(&self, failure: Failure) {
        report_error(&failure.to_string());
        self.dispatch.emit(Action::FromPage(FromEngine::Failed { run_id: None, failure }));
    }

    fn receive(&self, page: &JsValue, message: &ToEngine) {
        let bytes = Uint8Array::from(message.to_bytes().as_slice());
        let receive = get(page, "receive").unchecked_into::<Function>();
        if let Err(error) = receive.call1(page, &bytes) {
            self.fail(Failure::Panicked { message: describe(&error) });
        }
    }

    async fn import(&self) -> Result<JsValue, Failure> {
        let could_not_start = |message: String| Failure::CouldNotStart { what: "the loop on the page".into(), message };
        let registered = service_worker::register();
        let plain = self.modules.get(Flavour::Plain).await?;
        registered.await;
        let url = format!("{}page.js", self.modules.folder().map_err(could_not_start)?);
        let said = |error: JsValue| could_not_start(describe(&error));
        let module = JsFuture::from(load(&url).map_err(said)?).await.map_err(said)?;
        let dispatch = self.dispatch.clone();
        let on_message = Closure::<dyn Fn(Uint8Array)>::new(move |bytes: Uint8Array| {
            let message = FromEngine::from_bytes(&bytes.to_vec());
            dispatch.emit(Action::FromPage(match message {
                Ok(message) => message,
                Err(failure) => FromEngine::Failed { run_id: None, failure },
            }));
        });
        let start = get(&module, "start").unchecked_into::<Function>();
        let started = start.call2(&JsValue::UNDEFINED, &plain, &on_message.into_js_value()).map_err(said)?;
        JsFuture::from(Promise::resolve(&started)).await.map_err(said)
    }

    /// Two greenlets that switch in ordinary calls, as proof that this browser can.
    pub async fn greenlets(&self) -> Result<JsValue, String> {
        let page = match &*self.life.borrow() {
            Life::Alive(page) => Some(page.clone()),
            Life::Absent | Life::Starting(_) => None,
        };
        let page = match page {
            Some(page) => page,
            None => self.import().await.map_err(|failure| failure.to_string())?,
        };
        let said = |error: JsValue| describe(&error);
        let log = get(&page, "greenlets").unchecked_into::<Function>().call0(&page).map_err(said)?;
        JsFuture::from(Promise::resolve(&log)).await.map_err(said)
    }
}
