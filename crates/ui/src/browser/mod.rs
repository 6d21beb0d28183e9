//! The one place that performs the session's effects. It never waits: what takes time answers with an action later.

mod conductor;
mod environment;
mod frames;
mod handing_out;
mod javascript;
mod locks;
mod modules;
mod page_loop;
mod scripting;
mod service_worker;
mod storage;

use std::cell::RefCell;
use std::rc::Rc;

use session::catalog::{Experiment, Language};
use session::{Action, Effect, History, Phase, State, Theme, Ticket};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Window, window};
use yew::Callback;

use conductor::Conductor;
use frames::FrameMeter;
use locks::Turn;
use modules::Modules;
use page_loop::PageLoop;
use scripting::Scripting;

/// After this long the page has been painted, and the engine's code can be fetched without being in the way.
const IDLE_MILLIS: u32 = 300;

/// The browser's window.
pub fn the_window() -> Window {
    window().expect("the page's program runs in a window")
}

/// Performs effects.
pub struct Browser {
    dispatch: Callback<Action>,
    modules: Rc<Modules>,
    conductor: Conductor,
    page_loop: PageLoop,
    turn: Turn,
    frames: Option<FrameMeter>,
    scripting: Rc<Scripting>,
    next_ticket: Rc<RefCell<u64>>,
}

impl Browser {
    /// Gets to know the browser; what is found comes as the action `Loaded` or `Broke`.
    pub fn new(dispatch: Callback<Action>) -> Browser {
        let modules = Rc::new(Modules::new());
        let next_ticket = Rc::new(RefCell::new(1));
        let page_loop = PageLoop::new(dispatch.clone(), modules.clone());
        Browser {
            conductor: Conductor::new(dispatch.clone(), modules.clone()),
            scripting: Scripting::new(dispatch.clone(), page_loop.clone(), next_ticket.clone()),
            turn: Turn::new(dispatch.clone()),
            frames: None,
            page_loop,
            next_ticket,
            modules,
            dispatch,
        }
    }

    /// Finds out what the browser can do and opens the link with which the page began.
    pub fn start(&self) {
        let dispatch = self.dispatch.clone();
        self.listen();
        if let Some(query) = query() {
            dispatch.emit(Action::LinkOpened { query });
        }
        let (modules, page_loop) = (self.modules.clone(), self.page_loop.clone());
        spawn_local(async move {
            if let Err(message) = modules.folder() {
                dispatch.emit(Action::Broke(session::Broken::NoManifest { message }));
                return;
            }
            let environment = environment::feel().await;
            dispatch.emit(Action::Loaded(environment.clone()));
            // A page with many frames of ours would fetch for each of them what its reader may never run.
            if environment.top_level {
                javascript::sleep(IDLE_MILLIS).await;
                let registered = service_worker::register();
                modules.prepare(environment.capabilities.shared_memory).await;
                registered.await;
                page_loop.prepare().await;
            }
        });
    }

    /// The language and the theme that floor.js gave the page before its first paint.
    pub fn first_look() -> (Language, Theme) {
        let root = the_window().document().and_then(|document| document.document_element());
        let attribute = |name| root.as_ref().and_then(|root| root.get_attribute(name)).unwrap_or_default();
        let theme = Theme::from_slug(&attribute("data-theme")).unwrap_or(Theme::System);
        (Language::for_tag(&attribute("lang")), theme)
    }

    /// A ticket that nobody has.
    pub fn ticket(&self) -> Ticket {
        new_ticket(&self.next_ticket)
    }

    /// Performs what can be done without a new state.
    pub fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::StartEngine(id, needs) => self.conductor.start(id, needs),
            Effect::SendToEngine(id, message) => self.conductor.send(id, &message),
            Effect::SendToPage(message) => self.page_loop.send(message),
            Effect::CloseEngine(id) => self.conductor.close(id),
            Effect::TerminateEngine(id) => self.conductor.terminate(id),
            Effect::AwaitLocksFree { engine_id, millis } => {
                self.conductor.await_locks_free(engine_id, millis);
            }
            Effect::StartTimer { timer, millis } => {
                let dispatch = self.dispatch.clone();
                javascript::after(millis, move || dispatch.emit(Action::TimeUp(timer)));
            }
            Effect::TakeTurn => self.turn.take(),
            Effect::WaitForTurn => self.turn.wait(),
            Effect::GiveTurnBack => self.turn.give_back(),
            Effect::WriteLink { link, history } => write_link(&link, history),
            Effect::RememberLanguage(language) => storage::remember_language(language),
            Effect::RememberTheme(theme) => storage::remember_theme(theme),
            Effect::StartFrames => self.frames = Some(FrameMeter::start()),
            Effect::StopFrames => {
                let longest_gap_millis = self.frames.take().and_then(FrameMeter::stop);
                self.dispatch.emit(Action::FramesMeasured { longest_gap_millis });
            }
            Effect::Copy { text } => {
                let dispatch = self.dispatch.clone();
                spawn_local(async move { dispatch.emit(Action::Copied { worked: handing_out::copy(&text).await }) });
            }
            Effect::Save { name, media_type, text } => handing_out::save(name, media_type, &text),
            Effect::Settle { ticket, report } => self.scripting.settle(ticket, &report),
            Effect::Reject { ticket, reason } => self.scripting.reject(ticket, &reason),
        }
    }

    /// Whether boot.js has seen this program fail and told the reader so. What is left of it must change nothing more.
    pub fn has_failed(&self, state: &State) -> bool {
        let is_called_broken = root().and_then(|root| root.get_attribute("data-phase")).as_deref() == Some("broken");
        is_called_broken && !matches!(state.phase, Phase::Broken(_))
    }

    /// Shows the state where scripts and styles look for it.
    pub fn reflect(&self, state: &State) {
        if let Some(root) = root() {
            let _ = root.set_attribute("lang", state.language.tag());
            let _ = root.set_attribute("data-theme", state.theme.slug());
            let _ = root.set_attribute("data-phase", state.phase.slug());
        }
        self.scripting.reflect(state);
    }

    /// What happens to the page without being asked for.
    fn listen(&self) {
        let dispatch = self.dispatch.clone();
        let on_back = Closure::<dyn Fn()>::new(move || {
            dispatch.emit(Action::LinkOpened { query: query().unwrap_or_default() });
        });
        javascript::listen(&the_window(), "popstate", on_back);
        let dispatch = self.dispatch.clone();
        let on_leave = Closure::<dyn Fn()>::new(move || dispatch.emit(Action::Left));
        javascript::listen(&the_window(), "pagehide", on_leave);
        let Some(document) = the_window().document() else {
            return;
        };
        let dispatch = self.dispatch.clone();
        let watched = document.clone();
        let on_visibility = Closure::<dyn Fn()>::new(move || {
            dispatch.emit(Action::VisibilityChanged { visible: !watched.hidden() });
        });
        self.dispatch.emit(Action::VisibilityChanged { visible: !document.hidden() });
        javascript::listen(&document, "visibilitychange", on_visibility);
    }
}

/// The element on which styles and scripts read how the page is.
fn root() -> Option<Element> {
    the_window().document()?.document_element()
}

fn new_ticket(next: &RefCell<u64>) -> Ticket {
    let mut next = next.borrow_mut();
    *next += 1;
    Ticket(*next)
}

/// Whether the state is one in which nothing runs.
fn is_at_rest(phase: &Phase) -> bool {
    match phase {
        Phase::Loading | Phase::Ready | Phase::Broken(_) => true,
        Phase::Running(_) | Phase::Stopping(_) => false,
    }
}

fn query() -> Option<String> {
    let search = the_window().location().search().ok()?;
    let query = search.strip_prefix('?').unwrap_or(&search);
    (!query.is_empty()).then(|| query.to_owned())
}

fn write_link(link: &str, history: History) {
    let Ok(browser_history) = the_window().history() else {
        return;
    };
    // What stands behind the number sign is not ours to lose.
    let url = format!("?{link}{}", the_window().location().hash().unwrap_or_default());
    // A browser refuses when there are too many in a short time, as while a slider moves; the next one will do.
    let _ = match history {
        History::Push => browser_history.push_state_with_url(&JsValue::NULL, "", Some(&url)),
        History::Replace => browser_history.replace_state_with_url(&JsValue::NULL, "", Some(&url)),
    };
}

/// The link of an experiment on this page, for use outside a frame.
pub fn link_to(experiment: &Experiment) -> String {
    format!("?{}", experiment.to_link())
}
