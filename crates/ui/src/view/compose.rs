//! What the reader chooses.

use session::catalog::{Experiment, MODELS, ModelId, Obstacle};
use session::{Action, History, State};
use yew::{Callback, Html, classes, html};

use super::repeats::repeats;
use super::settings::settings;
use super::work::work;
use crate::texts::Texts;

/// Work, models, settings.
pub fn compose(state: &State, texts: &Texts, act: &Callback<Action>, run: &Callback<()>, open: bool) -> Html {
    let submit = run.reform(|event: yew::SubmitEvent| event.prevent_default());
    html! {
        <form class={classes!("compose", open.then_some("open"))} aria-label={texts.choices} onsubmit={submit}>
            { work(state, texts, act) }
            <fieldset>
                <legend>{ texts.models }</legend>
                { for (0..MODELS.len()).map(|index| model(index, state, texts, act)) }
            </fieldset>
            { repeats(state, texts, act) }
            { settings(state, texts, act) }
        </form>
    }
}

fn obstacle(id: ModelId, state: &State) -> Option<Obstacle> {
    state.experiment.obstacle(id, &state.environment.as_ref()?.capabilities)
}

fn model(index: usize, state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let row = &MODELS[index];
    let chosen = state.experiment.models.contains(&row.id);
    let (above, obstacle) = (index.checked_sub(1).map(|above| MODELS[above].id), obstacle(row.id, state));
    let experiment = state.experiment.clone();
    let toggle = act.reform(move |_| Action::ExperimentChanged {
        experiment: Experiment { models: toggled(&experiment.models, row.id), ..experiment.clone() },
        history: History::Push,
    });
    let summary = row.summary.in_language(state.language);
    let note = match obstacle {
        Some(_) if above.is_some_and(|above| self::obstacle(above, state) == obstacle) => texts.likewise.to_owned(),
        Some(obstacle) => (texts.obstacle)(obstacle),
        None => summary.to_owned(),
    };
    html! {
        <label class={classes!("choice", obstacle.map(|_| "unavailable"))} title={format!("{summary}\nPython: {}", row.python)}>
            <input type="checkbox" name="model" value={row.slug} checked={chosen && obstacle.is_none()}
                disabled={obstacle.is_some()} onchange={toggle} />
            <span class="choice-name">{ row.name.in_language(state.language) }</span>
            <span class="note">{ note }</span>
        </label>
    }
}

/// The models with this one added or taken away, in the order of the page.
fn toggled(models: &[ModelId], id: ModelId) -> Vec<ModelId> {
    let is_in = |other: &ModelId| models.contains(other) != (*other == id);
    MODELS.iter().map(|model| model.id).filter(is_in).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_comes_back_to_its_place() {
        let all: Vec<_> = MODELS.iter().map(|model| model.id).collect();
        let without = toggled(&all, ModelId::WorkStealing);
        assert_eq!(without.len(), all.len() - 1);
        assert!(!without.contains(&ModelId::WorkStealing));
        assert_eq!(toggled(&without, ModelId::WorkStealing), all);
    }
}
