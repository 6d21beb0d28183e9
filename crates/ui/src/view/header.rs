//! The top of the page, and notices below it.

use session::catalog::Language;
use session::{Action, Notice, State, Theme};
use yew::{Callback, Html, html};

use crate::browser::{link_to, the_window};
use crate::texts::Texts;

/// Name, environment, switches.
pub fn header(state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let other = match state.language {
        Language::En => Language::Zh,
        Language::Zh => Language::En,
    };
    let theme_index = Theme::ALL.iter().position(|theme| *theme == state.theme).unwrap_or_default();
    let next_theme = Theme::ALL[(theme_index + 1) % Theme::ALL.len()];
    let theme_label = (texts.theme_switch)(texts.themes[theme_index]);
    let (to_language, to_theme) = (act.clone(), act.clone());
    html! {
        <header class="top">
            <h1>{ "Interleave" }</h1>
            <p class="tagline">{ texts.tagline }</p>
            { environment(state, texts) }
            <button type="button" class="quiet" data-part="language" lang={other.tag()}
                onclick={move |_| to_language.emit(Action::LanguageChosen(other))}>{ texts.other_language }</button>
            <button type="button" class="quiet" data-part="theme" aria-label={theme_label.clone()} title={theme_label}
                onclick={move |_| to_theme.emit(Action::ThemeChosen(next_theme))}>
                <span aria-hidden="true">{ ["◐", "○", "●"][theme_index] }</span>
                <span class="theme-name">{ texts.themes[theme_index] }</span>
            </button>
            <a class="full-page" href={link_to(&state.experiment)} target="_blank">{ texts.full_page }</a>
        </header>
    }
}

fn environment(state: &State, texts: &Texts) -> Html {
    let Some(environment) = &state.environment else {
        return html! { <p class="environment" data-part="environment"></p> };
    };
    let cores = environment.capabilities.cores;
    if environment.capabilities.shared_memory {
        html! { <p class="environment good" data-part="environment">{ (texts.isolated)(cores) }</p> }
    } else {
        html! {
            <details class="environment lacking" data-part="environment">
                <summary>{ (texts.not_isolated)(cores) }</summary>
                <p>{ texts.not_isolated_why }</p>
            </details>
        }
    }
}

/// Something that the reader should know.
pub fn notice(state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let Some(notice) = &state.notice else {
        return html! { <div role="alert"></div> };
    };
    let (text, reload) = match notice {
        Notice::BadLink(error) => ((texts.bad_link)(&(texts.link_error)(error)), false),
        Notice::WorkerLivesOn => (texts.worker_lives_on.to_owned(), true),
        Notice::PageLoopGoesOn => (texts.page_loop_goes_on.to_owned(), true),
    };
    let dismiss = act.reform(|_| Action::NoticeDismissed);
    html! {
        <div role="alert">
            <div class="notice" data-part="notice">
                <p>{ text }</p>
                if reload {
                    <button type="button" onclick={|_| drop(the_window().location().reload())}>{ texts.reload }</button>
                }
                <button type="button" class="quiet" onclick={dismiss}>{ texts.dismiss }</button>
            </div>
        </div>
    }
}
