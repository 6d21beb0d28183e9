//! What is run: a group, a workload of it, and the workload's numbers.

use session::catalog::{Experiment, Group, STEP_NANOS, WORKLOADS, Workload, WorkloadId};
use session::{Action, History, State};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlSelectElement};
use yew::{Callback, Html, html};

use super::editor::Editor;
use super::parameters::parameter;
use super::settings::change;
use crate::texts::Texts;

/// Groups, the workloads of the chosen one, parameters.
pub fn work(state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let experiment = &state.experiment;
    let row = experiment.workload.row();
    html! {
        <fieldset>
            <legend>{ texts.work }</legend>
            <div class="groups">{ for Group::ALL.iter().map(|group| group_choice(*group, state, act)) }</div>
            { workloads(state, texts, act) }
            <p class="note work-summary" data-part="work-summary">
                { row.summary.in_language(state.language) }
                if row.simple_steps { { (texts.step_cost)(STEP_NANOS) } }
            </p>
            if row.id == WorkloadId::Custom {
                <Editor experiment={experiment.clone()} language={state.language} act={act.clone()} />
            }
            { for row.params.iter().enumerate().map(|(index, param)| {
                let changed = change(experiment, act, move |experiment, value| experiment.values[index] = value);
                parameter(param, experiment.values[index], state.language, texts, changed)
            }) }
        </fieldset>
    }
}

fn choose(experiment: &Experiment, workload: WorkloadId) -> Action {
    Action::ExperimentChanged { experiment: experiment.with_workload(workload), history: History::Push }
}

fn of_group(group: Group) -> impl Iterator<Item = &'static Workload> {
    WORKLOADS.iter().filter(move |workload| workload.group == group)
}

fn group_choice(group: Group, state: &State, act: &Callback<Action>) -> Html {
    let experiment = state.experiment.clone();
    let first = of_group(group).next().map_or(experiment.workload, |workload| workload.id);
    let choose = act.reform(move |_| choose(&experiment, first));
    html! {
        <label class="choice">
            <input type="radio" name="group" checked={state.experiment.workload.row().group == group}
                onchange={choose} />
            <span class="choice-name">{ group.name().in_language(state.language) }</span>
        </label>
    }
}

fn workloads(state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let experiment = state.experiment.clone();
    let chosen = experiment.workload;
    let group = chosen.row().group;
    let act = act.clone();
    let changed = move |event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        if let Some(workload) = select.and_then(|select| WorkloadId::from_slug(&select.value())) {
            act.emit(choose(&experiment, workload));
        }
    };
    // Another group is another list. Within one, the list's value says what is chosen: once the reader has chosen, browsers
    // no longer look at the attributes of the options, which say it first.
    html! {
        <select key={group.name().en} name="work" aria-label={texts.workload} ~value={chosen.row().slug}
            onchange={changed}>
            { for of_group(group).map(|row| html! {
                <option value={row.slug} selected={row.id == chosen}>{ row.name.in_language(state.language) }</option>
            }) }
        </select>
    }
}
