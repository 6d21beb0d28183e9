//! `globalThis.interleave`: the page for scripts that drive it. boot.js has made the object.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use session::catalog::{Experiment, MODELS, Obstacle};
use session::{Action, Environment, Phase, Report, ResultRow, State, Ticket, to_json};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;
use web_sys::{CustomEvent, CustomEventInit, Event};
use yew::Callback;

use super::javascript::{get, interleave, object, set};
use super::locks::{PREFIX, held};
use super::page_loop::PageLoop;
use super::{is_at_rest, new_ticket, the_window};

/// What scripts have asked for and not yet got.
pub struct Scripting {
    asked: RefCell<HashMap<Ticket, (Function, Function)>>,
    stopping: RefCell<Vec<Function>>,
    environment: RefCell<JsValue>,
    announced: RefCell<bool>,
    /// What was told of the experiment that runs.
    told: RefCell<Option<Told>>,
}

/// The model that runs, by its name, and how many of how many jobs are done.
type Told = (&'static str, u32, u32);

impl Scripting {
    /// Completes the object.
    pub fn new(dispatch: Callback<Action>, page_loop: PageLoop, next_ticket: Rc<RefCell<u64>>) -> Rc<Scripting> {
        let scripting = Rc::new(Scripting {
            asked: RefCell::default(),
            stopping: RefCell::default(),
            environment: RefCell::new(JsValue::NULL),
            announced: RefCell::new(false),
            told: RefCell::new(None),
        });
        let this = interleave();
        if !this.is_object() {
            return scripting;
        }
        let known = scripting.clone();
        let environment = Closure::<dyn Fn() -> JsValue>::new(move || known.environment.borrow().clone());
        set(&this, "environment", &environment.into_js_value());
        set(&this, "run", &run(scripting.clone(), dispatch.clone(), next_ticket));
        set(&this, "stop", &stop(scripting.clone(), dispatch));
        let engine_locks = Closure::<dyn Fn() -> Promise>::new(|| {
            future_to_promise(async {
                let names: Array = held(PREFIX).await.into_iter().map(JsValue::from).collect();
                Ok(names.into())
            })
        });
        set(&this, "engineLocks", &engine_locks.into_js_value());
        let greenlets = Closure::<dyn Fn() -> Promise>::new(move || {
            let page_loop = page_loop.clone();
            future_to_promise(async move {
                Ok(match page_loop.greenlets().await {
                    Ok(log) => object(&[("available", true.into()), ("log", log)]).into(),
                    Err(reason) => object(&[("available", false.into()), ("reason", reason.into())]).into(),
                })
            })
        });
        set(&this, "greenlets", &greenlets.into_js_value());
        scripting
    }

    /// Gives a report to whoever asked for it. The reader's own button asks for none.
    pub fn settle(&self, ticket: Ticket, report: &Report) {
        if let Some((resolve, reject)) = self.asked.borrow_mut().remove(&ticket) {
            drop(match js_sys::JSON::parse(&to_json(report)) {
                Ok(value) => resolve.call1(&JsValue::UNDEFINED, &value),
                Err(error) => reject.call1(&JsValue::UNDEFINED, &error),
            });
        }
    }

    /// Says why there will be no report.
    pub fn reject(&self, ticket: Ticket, reason: &str) {
        if let Some((_, reject)) = self.asked.borrow_mut().remove(&ticket) {
            drop(reject.call1(&JsValue::UNDEFINED, &js_sys::Error::new(reason)));
        }
    }

    /// Tells scripts what they wait for.
    pub fn reflect(&self, state: &State) {
        if let Some(environment) = &state.environment {
            *self.environment.borrow_mut() = environment_for_scripts(environment);
        }
        if is_at_rest(&state.phase) {
            for resolve in self.stopping.take() {
                drop(resolve.call0(&JsValue::UNDEFINED));
            }
        }
        self.tell(state);
        let event = match &state.phase {
            Phase::Loading => return,
            Phase::Broken(session::Broken::NoManifest { message }) => {
                let detail = CustomEventInit::new();
                detail.set_detail(&message.into());
                CustomEvent::new_with_event_init_dict("interleave-broken", &detail).map(Event::from)
            }
            Phase::Ready | Phase::Running(_) | Phase::Stopping(_) => Event::new("interleave-ready"),
        };
        if !self.announced.replace(true)
            && let Ok(event) = event
        {
            let _ = the_window().dispatch_event(&event);
        }
    }

    /// Tells whoever holds the page in a frame how far an experiment is, and what it left behind.
    fn tell(&self, state: &State) {
        let runs =
            matches!(state.phase, Phase::Running(_)).then(|| state.report.as_ref()?.rows.iter().find_map(progress));
        match runs {
            Some(now) if now.is_some() && *self.told.borrow() != now => {
                *self.told.borrow_mut() = now;
                let (model, done, jobs) = now.unwrap_or_default();
                let detail = object(&[("model", model.into()), ("done", done.into()), ("jobs", jobs.into())]);
                announce("interleave-progress", &detail);
            }
            None if is_at_rest(&state.phase) && self.told.take().is_some() => {
                let report = state.report.as_ref().and_then(|report| js_sys::JSON::parse(&to_json(report)).ok());
                announce("interleave-report", &report.unwrap_or_default());
            }
            _ => {}
        }
    }
}

fn progress(row: &ResultRow) -> Option<Told> {
    row.now.as_ref().map(|progress| (row.model.row().slug, progress.done, progress.jobs))
}

fn announce(name: &str, detail: &JsValue) {
    let init = CustomEventInit::new();
    init.set_detail(detail);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &init) {
        let _ = the_window().dispatch_event(&event);
    }
}

fn run(scripting: Rc<Scripting>, dispatch: Callback<Action>, next_ticket: Rc<RefCell<u64>>) -> JsValue {
    Closure::<dyn Fn(JsValue) -> Promise>::new(move |link: JsValue| {
        let experiment = match link.as_string().as_deref().map(Experiment::from_link) {
            None => None,
            Some(Ok(experiment)) => Some(experiment),
            Some(Err(error)) => return Promise::reject(&js_sys::Error::new(&error.to_string())),
        };
        let ticket = new_ticket(&next_ticket);
        unless_broken(Promise::new(&mut |resolve, reject| {
            scripting.asked.borrow_mut().insert(ticket, (resolve, reject));
            dispatch.emit(Action::Run { ticket, experiment: experiment.clone() });
        }))
    })
    .into_js_value()
}

fn stop(scripting: Rc<Scripting>, dispatch: Callback<Action>) -> JsValue {
    Closure::<dyn Fn() -> Promise>::new(move || {
        unless_broken(Promise::new(&mut |resolve, _| {
            scripting.stopping.borrow_mut().push(resolve);
            dispatch.emit(Action::Stop);
        }))
    })
    .into_js_value()
}

/// The same promise, but rejected once this program can keep it no more.
fn unless_broken(promise: Promise) -> Promise {
    Promise::race(&Array::of2(&promise, &get(&interleave(), "broken")))
}

fn environment_for_scripts(environment: &Environment) -> JsValue {
    let capabilities = &environment.capabilities;
    let models: Array = MODELS
        .iter()
        .map(|model| {
            let missing = model.missing(capabilities);
            let row = object(&[("model", model.slug.into()), ("available", missing.is_none().into())]);
            if let Some(need) = missing {
                set(&row, "reason", &session::reason(Obstacle::Missing(need)).into());
            }
            row
        })
        .collect();
    object(&[
        ("isolated", environment.isolated.into()),
        ("sharedMemory", capabilities.shared_memory.into()),
        ("jspi", capabilities.stack_switching.into()),
        ("cores", capabilities.cores.into()),
        ("engine", if capabilities.shared_memory { "threads" } else { "plain" }.into()),
        ("models", models.unchecked_into()),
    ])
    .into()
}
