//! What the reader can set of models. Each setting is shown only while a chosen model heeds it.

use session::catalog::{
    CHUNK, Capabilities, DIES_AFTER, Experiment, LANES, LaneChoice, ModelId, PREFETCH, Param, Place, PlaceChoice,
    SWITCH, Setting,
};
use session::figures::grouped;
use session::{Action, History, State};
use yew::{Callback, Html, html};

use super::parameters::parameter;
use crate::texts::Texts;

/// A callback that changes one number of the experiment.
pub fn change(
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

/// Whether a chosen model that can run heeds a setting. Until the browser has been felt, every model can.
fn uses(state: &State, setting: Setting) -> bool {
    let everything = Capabilities { shared_memory: true, stack_switching: true, cores: 1 };
    let capabilities = state.environment.as_ref().map_or(&everything, |environment| &environment.capabilities);
    state.experiment.uses(setting, capabilities)
}

/// Folded away; what departs from the usual is said outside.
pub fn settings(state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let experiment = &state.experiment;
    let uses = |setting| uses(state, setting);
    let number = |setting, param: &'static Param, value: u32, apply: fn(&mut Experiment, u64)| {
        let changed = change(experiment, act, apply);
        html! {
            if uses(setting) {
                { parameter(param, value.into(), state.language, texts, changed) }
            }
        }
    };
    if !Setting::ALL.into_iter().any(uses) {
        return html! {};
    }
    html! {
        <details class="settings" data-part="settings">
            <summary>{ texts.settings }<span class="note">{ unusual(state, texts) }</span></summary>
            if uses(Setting::Lanes) {
                { lanes(state, texts, act) }
            }
            { number(Setting::Chunk, &CHUNK, experiment.chunk, |experiment, value| experiment.chunk = value as u32) }
            { number(Setting::Switching, &SWITCH, experiment.gil.switch_micros, |experiment, value| {
                experiment.gil.switch_micros = value as u32;
            }) }
            if uses(Setting::Switching) {
                { choices(state, act, "python", texts.switches, [false, true].map(|anywhere| {
                    let chosen = experiment.gil.switches_anywhere == anywhere;
                    let text = texts.switches_at[usize::from(anywhere)];
                    (chosen, text, "", move |experiment: &mut Experiment| experiment.gil.switches_anywhere = anywhere)
                })) }
            }
            if uses(Setting::PoolGil) {
                { choices(state, act, "gil", texts.pool_threads, [true, false].map(|gil| {
                    let text = texts.pool_gil[usize::from(!gil)];
                    let chosen = experiment.pool_has_gil == gil;
                    (chosen, text, "", move |experiment: &mut Experiment| experiment.pool_has_gil = gil)
                })) }
            }
            { number(Setting::Messages, &PREFETCH, experiment.messages.prefetch, |experiment, value| {
                experiment.messages.prefetch = value as u32;
            }) }
            if uses(Setting::Messages) {
                { choices(state, act, "ack", texts.acknowledgement, [false, true].map(|late| {
                    let (text, note) = (texts.acknowledges[usize::from(late)], texts.acknowledgement_notes[usize::from(late)]);
                    let chosen = experiment.messages.acknowledges_late == late;
                    (chosen, text, note, move |experiment: &mut Experiment| experiment.messages.acknowledges_late = late)
                })) }
            }
            { number(Setting::Messages, &DIES_AFTER, experiment.messages.dies_after, |experiment, value| {
                experiment.messages.dies_after = value as u32;
            }) }
            if uses(Setting::Place) {
                { choices(state, act, "place", texts.place, [0, 1, 2].map(|index| {
                    let place = PLACES[index];
                    let set = move |experiment: &mut Experiment| experiment.place = place;
                    (experiment.place == place, texts.places[index], texts.place_notes[index], set)
                })) }
            }
        </details>
    }
}

/// As many lanes as Python would take, or a number of the reader's own.
fn lanes(state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let experiment = &state.experiment;
    let cores = cores(state);
    let own = match experiment.lanes {
        LaneChoice::Automatic => LaneChoice::Automatic.of(ModelId::WorkStealing, cores),
        LaneChoice::Fixed(lanes) => lanes,
    };
    let rows = [LaneChoice::Automatic, LaneChoice::Fixed(own)].map(|choice| {
        let is_automatic = choice == LaneChoice::Automatic;
        let chosen = is_automatic == (experiment.lanes == LaneChoice::Automatic);
        let text = texts.lane_choices[usize::from(!is_automatic)];
        (chosen, text, "", move |experiment: &mut Experiment| experiment.lanes = choice)
    });
    let changed = change(experiment, act, |experiment, value| experiment.lanes = LaneChoice::Fixed(value as u32));
    html! {
        <>
            { choices(state, act, "lanes-choice", texts.pool_lanes, rows) }
            if experiment.lanes == LaneChoice::Automatic {
                <p class="note" data-part="automatic-lanes">{ automatic_lanes(state) }</p>
            } else {
                { parameter(&LANES, own.into(), state.language, texts, changed) }
            }
        </>
    }
}

/// How many lanes each chosen model gets when nobody says how many.
fn automatic_lanes(state: &State) -> String {
    let taking = state.experiment.models.iter().map(|model| model.row()).filter(|row| row.takes_lanes);
    let said = taking.map(|row| {
        format!("{} {}", row.name.in_language(state.language), LaneChoice::Automatic.of(row.id, cores(state)))
    });
    said.collect::<Vec<_>>().join(" · ")
}

fn cores(state: &State) -> u32 {
    state.environment.as_ref().map_or(1, |environment| environment.capabilities.cores)
}

const PLACES: [PlaceChoice; 3] =
    [PlaceChoice::Automatic, PlaceChoice::Fixed(Place::Page), PlaceChoice::Fixed(Place::Worker)];

/// Choices of which one holds: whether it is this one, its text, what it comes to, and what makes it hold.
fn choices<const N: usize, F: Fn(&mut Experiment) + 'static>(
    state: &State,
    act: &Callback<Action>,
    name: &'static str,
    label: &'static str,
    rows: [(bool, &'static str, &'static str, F); N],
) -> Html {
    let rows = rows.into_iter().map(|(chosen, text, note, apply)| {
        let experiment = state.experiment.clone();
        let choose = act.reform(move |_| {
            let mut experiment = experiment.clone();
            apply(&mut experiment);
            Action::ExperimentChanged { experiment, history: History::Push }
        });
        html! {
            <label class="choice">
                <input type="radio" {name} checked={chosen} onchange={choose} />
                <span class="choice-name">{ text }</span>
                if !note.is_empty() { <span class="note">{ note }</span> }
            </label>
        }
    });
    html! {
        <div class="setting" role="radiogroup" aria-label={label}>
            <span class="setting-name" aria-hidden="true">{ label }</span>
            { for rows }
        </div>
    }
}

fn unusual(state: &State, texts: &Texts) -> String {
    let experiment = &state.experiment;
    let number = |setting, param: &Param, value: u32, usual: u64| {
        let value = u64::from(value);
        (uses(state, setting) && value != usual)
            .then(|| format!("{} {} {}", param.name.in_language(state.language), grouped(value), param.unit))
    };
    let word = |setting, holds: bool, text: &str| (uses(state, setting) && holds).then(|| text.to_owned());
    let place = PLACES.iter().position(|place| *place == experiment.place).unwrap_or_default();
    let unusual_lanes = match experiment.lanes {
        LaneChoice::Fixed(lanes) if experiment.lanes != experiment.workload.row().lanes => {
            word(Setting::Lanes, true, &format!("{} {lanes}", LANES.name.in_language(state.language)))
        }
        _ => None,
    };
    let parts = [
        unusual_lanes,
        number(Setting::Chunk, &CHUNK, experiment.chunk, CHUNK.default),
        number(Setting::Switching, &SWITCH, experiment.gil.switch_micros, SWITCH.default),
        word(Setting::Switching, experiment.gil.switches_anywhere, texts.switches_at[1]),
        word(Setting::PoolGil, !experiment.pool_has_gil, texts.pool_gil[1]),
        number(Setting::Messages, &PREFETCH, experiment.messages.prefetch, PREFETCH.default),
        word(Setting::Messages, experiment.messages.acknowledges_late, texts.acknowledges[1]),
        number(Setting::Messages, &DIES_AFTER, experiment.messages.dies_after, DIES_AFTER.default),
        word(Setting::Place, place > 0, texts.places[place]),
    ];
    parts.into_iter().flatten().map(|part| part.trim_end().to_owned()).collect::<Vec<_>>().join(" · ")
}
