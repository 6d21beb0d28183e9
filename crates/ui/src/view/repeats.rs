//! How often each model is run: until it is known precisely enough, or a number of times.

use session::catalog::{BUDGET, Experiment, PRECISION, REPEATS, Repeats};
use session::{Action, History, State};
use yew::{Callback, Html, html};

use super::parameters::parameter;
use super::settings::change;
use crate::texts::Texts;

/// Folded away; what holds is said outside.
pub fn repeats(state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let experiment = &state.experiment;
    let is_fixed = matches!(experiment.repeats, Repeats::Fixed(_));
    let choice = |index: usize, repeats: Repeats, chosen: bool| {
        let experiment = experiment.clone();
        let choose = act.reform(move |_| Action::ExperimentChanged {
            experiment: Experiment { repeats, ..experiment.clone() },
            history: History::Push,
        });
        html! {
            <label class="choice">
                <input type="radio" name="repeats-kind" checked={chosen} onchange={choose} />
                <span class="choice-name">{ texts.repeats_kinds[index] }</span>
                <span class="note">{ texts.repeats_notes[index] }</span>
            </label>
        }
    };
    html! {
        <details class="settings" data-part="repeats">
            <summary>{ texts.repeats }<span class="note">{ (texts.repeats_said)(experiment.repeats) }</span></summary>
            <div class="setting" role="radiogroup" aria-label={texts.repeats}>
                { choice(0, Repeats::default(), !is_fixed) }
                { choice(1, Repeats::Fixed(REPEATS.default as u32), is_fixed) }
            </div>
            { numbers(state, texts, act) }
        </details>
    }
}

fn numbers(state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let experiment = &state.experiment;
    match experiment.repeats {
        Repeats::Fixed(runs) => {
            let changed = change(experiment, act, |experiment, value| {
                experiment.repeats = Repeats::Fixed(value as u32);
            });
            parameter(&REPEATS, runs.into(), state.language, texts, changed)
        }
        Repeats::UntilPrecise { percent, seconds } => {
            let precision = change(experiment, act, move |experiment, value| {
                experiment.repeats = Repeats::UntilPrecise { percent: value as u32, seconds };
            });
            let budget = change(experiment, act, move |experiment, value| {
                experiment.repeats = Repeats::UntilPrecise { percent, seconds: value as u32 };
            });
            html! {
                <>
                    { parameter(&PRECISION, percent.into(), state.language, texts, precision) }
                    { parameter(&BUDGET, seconds.into(), state.language, texts, budget) }
                </>
            }
        }
    }
}
