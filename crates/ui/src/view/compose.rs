//! What the reader chooses.

use session::catalog::{
    Experiment, Group, LANES, MODELS, Model, ModelId, Need, Place, PlaceChoice, WORKLOADS, Workload,
};
use session::{Action, History, State};
use yew::{Callback, Html, classes, html};

use super::parameters::parameter;
use crate::texts::Texts;

/// Work, parameters, models, place.
pub fn compose(state: &State, texts: &Texts, act: &Callback<Action>, run: &Callback<()>, open: bool) -> Html {
    let experiment = &state.experiment;
    let language = state.language;
    let submit = run.reform(|event: yew::SubmitEvent| event.prevent_default());
    let params = experiment.workload.row().params;
    html! {
        <form class={classes!("compose", open.then_some("open"))} aria-label={texts.choices} onsubmit={submit}>
            <fieldset>
                <legend>{ texts.work }</legend>
                { for Group::ALL.iter().map(|group| workloads(*group, state, act)) }
            </fieldset>
            <fieldset>
                <legend>{ texts.parameters }</legend>
                { for params.iter().enumerate().map(|(index, param)| {
                    let changed = change(experiment, act, move |experiment, value| experiment.values[index] = value);
                    parameter(param, experiment.values[index], language, texts, None, changed)
                }) }
                { parameter(&LANES, experiment.lanes.into(), language, texts, Some(texts.lanes_note),
                    change(experiment, act, |experiment, value| experiment.lanes = value as u32)) }
            </fieldset>
            <fieldset>
                <legend>{ texts.models }</legend>
                { for MODELS.iter().map(|row| model(row, state, texts, act)) }
            </fieldset>
            <fieldset>
                <legend>{ texts.place }</legend>
                { places(state, texts, act) }
            </fieldset>
        </form>
    }
}

/// A callback that changes one number of the experiment.
fn change(
    experiment: &Experiment,
    act: &Callback<Action>,
    apply: impl Fn(&mut Experiment, u64) + 'static,
) -> Callback<(u64, History)> {
    let experiment = experiment.clone();
    act.reform(move |(value, history)| {
        let mut experiment = experiment.clone();
        apply(&mut experiment, value);
        Action::ExperimentChanged { experiment, history }
    })
}

fn workloads(group: Group, state: &State, act: &Callback<Action>) -> Html {
    let rows = WORKLOADS.iter().filter(|workload| workload.group == group);
    html! {
        <div class="group" role="group" aria-label={group.name().in_language(state.language)}>
            <span class="group-name" aria-hidden="true">{ group.name().in_language(state.language) }</span>
            { for rows.map(|row| workload(row, state, act)) }
        </div>
    }
}

fn workload(row: &'static Workload, state: &State, act: &Callback<Action>) -> Html {
    let chosen = state.experiment.workload == row.id;
    let experiment = state.experiment.clone();
    let choose = act.reform(move |_| Action::ExperimentChanged {
        experiment: Experiment { workload: row.id, values: Experiment::of(row.id).values, ..experiment.clone() },
        history: History::Push,
    });
    html! {
        <label class="choice">
            <input type="radio" name="work" value={row.slug} checked={chosen} onchange={choose} />
            <span class="choice-name">{ row.name.in_language(state.language) }</span>
            <span class="note">{ row.summary.in_language(state.language) }</span>
        </label>
    }
}

fn model(row: &'static Model, state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let chosen = state.experiment.models.contains(&row.id);
    let missing = state.environment.as_ref().and_then(|environment| row.missing(&environment.capabilities));
    let experiment = state.experiment.clone();
    let toggle = act.reform(move |_| Action::ExperimentChanged {
        experiment: Experiment { models: toggled(&experiment.models, row.id), ..experiment.clone() },
        history: History::Push,
    });
    let note = match missing {
        Some(Need::SharedMemory) => texts.needs_shared_memory,
        None => row.summary.in_language(state.language),
    };
    html! {
        <label class={classes!("choice", missing.map(|_| "unavailable"))} title={row.python}>
            <input type="checkbox" name="model" value={row.slug} checked={chosen && missing.is_none()}
                disabled={missing.is_some()} onchange={toggle} />
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

fn places(state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let choices = [PlaceChoice::Automatic, PlaceChoice::Fixed(Place::Page), PlaceChoice::Fixed(Place::Worker)];
    let slugs = ["automatic", Place::Page.slug(), Place::Worker.slug()];
    let rows = choices.into_iter().enumerate().map(|(index, place)| {
        let experiment = state.experiment.clone();
        let choose = act.reform(move |_| Action::ExperimentChanged {
            experiment: Experiment { place, ..experiment.clone() },
            history: History::Push,
        });
        html! {
            <label class="choice">
                <input type="radio" name="place" value={slugs[index]} checked={state.experiment.place == place}
                    onchange={choose} />
                <span class="choice-name">{ texts.places[index] }</span>
                <span class="note">{ texts.place_notes[index] }</span>
            </label>
        }
    });
    rows.collect()
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
