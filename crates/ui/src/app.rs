//! The one component with a state: it folds in what happens and has the effects performed.

use session::{Action, State, reduce};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, KeyboardEvent, ResizeObserver};
use yew::{Callback, Component, Context, Html, NodeRef, html};

use crate::browser::{Browser, the_window};
use crate::texts::texts;
use crate::view;

/// The page.
pub struct App {
    state: State,
    browser: Browser,
    /// The element as wide as every chart's plot.
    plot: NodeRef,
    plot_width: f64,
    /// On a phone the reader's choices lie in a sheet over the result.
    sheet_is_open: bool,
    /// Notices when the plot's width changes.
    observer: Option<(ResizeObserver, Closure<dyn Fn()>)>,
    on_key: Closure<dyn Fn(KeyboardEvent)>,
}

/// What the page hears of.
pub enum Message {
    /// Something for the session.
    Act(Action),
    /// The reader wants to run what is shown.
    Run,
    /// The charts have so much room now.
    PlotWidth(f64),
    /// The reader opens or closes the sheet of choices.
    ToggleSheet,
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(context: &Context<App>) -> App {
        let (language, theme) = Browser::first_look();
        let browser = Browser::new(context.link().callback(Message::Act));
        browser.start();
        let run = context.link().callback(|()| Message::Run);
        let on_key = Closure::new(move |event: KeyboardEvent| {
            if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                event.prevent_default();
                run.emit(());
            }
        });
        the_window()
            .add_event_listener_with_callback("keydown", on_key.as_ref().unchecked_ref())
            .expect("a window takes listeners");
        App {
            state: State::new(language, theme),
            browser,
            plot: NodeRef::default(),
            plot_width: 0.0,
            sheet_is_open: false,
            observer: None,
            on_key,
        }
    }

    fn update(&mut self, _: &Context<App>, message: Message) -> bool {
        if self.browser.has_failed(&self.state) {
            return false;
        }
        let action = match message {
            Message::Act(action) => action,
            Message::Run if self.state.experiment.models.is_empty() => return false,
            Message::Run => {
                self.sheet_is_open = false;
                Action::Run { ticket: self.browser.ticket(), experiment: None }
            }
            Message::ToggleSheet => {
                self.sheet_is_open = !self.sheet_is_open;
                return true;
            }
            Message::PlotWidth(width) => {
                let changed = (width - self.plot_width).abs() >= 1.0;
                self.plot_width = if changed { width } else { self.plot_width };
                return changed;
            }
        };
        let before = self.state.clone();
        let (state, effects) = reduce(before.clone(), action);
        self.state = state;
        for effect in effects {
            self.browser.perform(effect);
        }
        self.browser.reflect(&self.state);
        self.state != before
    }

    fn rendered(&mut self, context: &Context<App>, first: bool) {
        if !first {
            return;
        }
        let Some(plot) = self.plot.cast::<Element>() else {
            return;
        };
        let resized: Callback<f64> = context.link().callback(Message::PlotWidth);
        let measured = plot.clone();
        let on_resize = Closure::<dyn Fn()>::new(move || resized.emit(measured.get_bounding_client_rect().width()));
        if let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) {
            observer.observe(&plot);
            self.observer = Some((observer, on_resize));
        }
    }

    fn view(&self, context: &Context<App>) -> Html {
        let texts = texts(self.state.language);
        let act = context.link().callback(Message::Act);
        let run = context.link().callback(|()| Message::Run);
        let sheet = view::Sheet {
            open: self.sheet_is_open,
            toggle: context.link().callback(|_: yew::MouseEvent| Message::ToggleSheet),
        };
        html! {
            <>
                { view::header(&self.state, texts, &act) }
                { view::notice(&self.state, texts, &act) }
                <main class="bench">
                    { view::compose(&self.state, texts, &act, &run, self.sheet_is_open) }
                    { view::controls(&self.state, texts, &act, &run, &sheet) }
                    { view::result(&self.state, texts, &act, &self.plot, self.plot_width) }
                </main>
            </>
        }
    }

    fn destroy(&mut self, _: &Context<App>) {
        let _ = the_window().remove_event_listener_with_callback("keydown", self.on_key.as_ref().unchecked_ref());
        if let Some((observer, _)) = self.observer.take() {
            observer.disconnect();
        }
    }
}
