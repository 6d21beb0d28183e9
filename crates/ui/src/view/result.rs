//! What was found: the message first, then bars and lanes on one axis, then the table.

use session::catalog::{ModelId, Pages};
use session::figures::millis_from_nanos;
use session::{Action, Order, Phase, Report, Running, Stage, State, finding};
use yew::{Callback, Html, NodeRef, html};

use super::bars::{bars, end_nanos};
use super::lanes::{legend, timeline};
use super::table::table;
use crate::chart::Axis;
use crate::texts::Texts;

/// The right-hand side. `plot` is given to the element as wide as every plot; `width` is what it measured last.
pub fn result(state: &State, texts: &'static Texts, act: &Callback<Action>, plot: &NodeRef, width: f64) -> Html {
    let axis = Axis { end_nanos: state.report.as_ref().map_or(0, end_nanos), width };
    html! {
        <section class="result" aria-label={texts.result}>
            <h2 class="finding" data-part="finding">{ message(state, texts) }</h2>
            <p class="note of-other-choices">
                if state.report_is_of_other_choices() { { texts.of_other_choices } }
            </p>
            { bars(state, texts, act, axis.end_nanos) }
            { below_bars(state, texts, act) }
            { timeline(state, texts, &axis, plot) }
            { legend(state, texts) }
            { frame_gap(state, texts) }
            { table(state, texts, act) }
        </section>
    }
}

/// What the bars are, and in which order they stand.
fn below_bars(state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let report = state.report.as_ref();
    let runs = report.and_then(Report::repeats).map_or(0, |(_, most)| most);
    let baseline = report.and_then(Report::baseline).map(|row| row.model.row().name.in_language(state.language));
    let note = (texts.bars_note)(runs, report.is_some_and(Report::has_intervals), baseline);
    let other = match state.order {
        Order::OfPage => Order::ByTime,
        Order::ByTime => Order::OfPage,
    };
    let by_time = (state.order == Order::ByTime).to_string();
    html! {
        <div class="below-bars">
            <p class="note bars-note">{ note }{ pages(state) }</p>
            <button type="button" class="quiet" data-part="order" aria-pressed={by_time}
                onclick={act.reform(move |_| Action::OrderChosen(other))}>{ texts.fastest_first }</button>
        </div>
    }
}

fn message(state: &State, texts: &Texts) -> String {
    let experiment = &state.experiment;
    let begun =
        !matches!(&state.phase, Phase::Running(Running { stage: Stage::AskingForTurn | Stage::AwaitingTurn, .. }));
    if let Some((model, _)) = state.report.as_ref().and_then(Report::deadlocked) {
        return (texts.finding_deadlock)(model.row().name.in_language(state.language));
    }
    match state.report.as_ref().filter(|_| begun) {
        None if experiment.models.is_empty() => texts.nothing_chosen.to_owned(),
        None => {
            let can_run = |model: &&ModelId| {
                let capabilities = state.environment.as_ref().map(|environment| &environment.capabilities);
                capabilities.is_none_or(|capabilities| experiment.obstacle(**model, capabilities).is_none())
            };
            let models = experiment.models.iter().filter(can_run).count();
            (texts.before)(experiment.jobs(), experiment.workload.row().group, models)
        }
        Some(report) => finding(report, state.language).unwrap_or_else(|| {
            match state.phase {
                Phase::Running(_) | Phase::Stopping(_) => texts.measuring,
                Phase::Loading | Phase::Ready | Phase::Broken(_) => texts.nothing_measured,
            }
            .to_owned()
        }),
    }
}

/// How the pages that jobs fetched were answered; by model, if not the same for all.
fn pages(state: &State) -> Html {
    let rows = state.report.iter().flat_map(|report| &report.rows);
    let found: Vec<(ModelId, Pages)> = rows.filter_map(|row| Some((row.model, row.pages?))).collect();
    let said = |pages: Pages| pages.said().in_language(state.language);
    let is_same = found.iter().all(|(_, pages)| *pages == found[0].1);
    let parts: Vec<String> = if is_same {
        found.first().map(|(_, pages)| said(*pages).to_owned()).into_iter().collect()
    } else {
        let name = |model: ModelId| model.row().name.in_language(state.language);
        found.iter().map(|(model, pages)| format!("{}: {}", name(*model), said(*pages))).collect()
    };
    html! {
        if !parts.is_empty() { <span data-part="pages">{ format!(" · {}", parts.join(" · ")) }</span> }
    }
}

fn frame_gap(state: &State, texts: &Texts) -> Html {
    let text = match (&state.report, &state.phase) {
        (Some(report), Phase::Ready) => Some(match report.longest_frame_gap_millis() {
            Some(millis) => (texts.frame_gap)(&millis_from_nanos((millis * 1e6) as u64)),
            None if report.baseline().is_some() => texts.no_frames.to_owned(),
            None => String::new(),
        }),
        _ => None,
    };
    html! { <p class="note frame-gap" data-part="frame-gap">{ text }</p> }
}
