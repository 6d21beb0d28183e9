//! A number that the reader sets: a slider for the hand, a field for the exact value.

use session::History;
use session::catalog::{Language, Param, Scale};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement, InputEvent};
use yew::{Callback, Html, html};

use crate::chart::{STEPS, step_from_value, value_from_step};
use crate::texts::Texts;

/// The row of one number. `changed` gets the value, always within its limits.
pub fn parameter(
    param: &'static Param,
    value: u64,
    language: Language,
    texts: &Texts,
    changed: Callback<(u64, History)>,
) -> Html {
    let name = param.name.in_language(language);
    let (first, last) = match param.scale {
        Scale::Linear => (param.min, param.max),
        Scale::Logarithmic => (0, STEPS),
    };
    let slide = {
        let changed = changed.clone();
        move |event: InputEvent| {
            if let Some(step) = typed(event.target()) {
                changed.emit((value_from_step(param, step), History::Replace));
            }
        }
    };
    let enter = move |event: Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
            return;
        };
        let wanted = input.value().trim().parse::<u64>().unwrap_or(value).clamp(param.min, param.max);
        // Yew leaves the field alone when the value has not changed, but the reader may have typed something else.
        input.set_value(&wanted.to_string());
        changed.emit((wanted, History::Push));
    };
    html! {
        <div class="parameter" role="group" aria-label={name}>
            <span class="parameter-name">
                { name }
                if !param.unit.is_empty() { <span class="unit">{ format!(", {}", param.unit) }</span> }
            </span>
            <input type="range" min={first.to_string()} max={last.to_string()}
                value={step_from_value(param, value).to_string()} oninput={slide} aria-label={name}
                aria-valuetext={format!("{value} {}", param.unit)} />
            <input type="number" name={param.slug} min={param.min.to_string()} max={param.max.to_string()}
                value={value.to_string()} onchange={enter} aria-label={(texts.exact)(name)} />
        </div>
    }
}

fn typed(target: Option<web_sys::EventTarget>) -> Option<u64> {
    target?.dyn_into::<HtmlInputElement>().ok()?.value().parse().ok()
}
