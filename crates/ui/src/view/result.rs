//! What was found: the message first, then bars and lanes on one axis, then the table.

use session::catalog::ModelId;
use session::figures::millis_from_nanos;
use session::{Phase, Report, Running, Stage, State, finding};
use yew::{Html, NodeRef, html};

use super::bars::bars;
use super::lanes::{legend, timeline};
use super::table::table;
use crate::chart::Axis;
use crate::texts::Texts;

/// The right-hand side. `plot` is given to the element as wide as every plot; `width` is what it measured last.
pub fn result(state: &State, texts: &'static Texts, plot: &NodeRef, width: f64) -> Html {
    let axis = Axis { end_nanos: state.report.as_ref().map_or(0, longest), width };
    html! {
        <section class="result" aria-label={texts.result}>
            <h2 class="finding" data-part="finding">{ message(state, texts) }</h2>
            <p class="note of-other-choices">
                if state.report_is_of_other_choices() { { texts.of_other_choices } }
            </p>
            { bars(state, texts, axis.end_nanos) }
            <p class="note bars-note">{ texts.bars_note }</p>
            { timeline(state, texts, &axis, plot) }
            { legend(state, texts) }
            { frame_gap(state, texts) }
            { table(state, texts) }
        </section>
    }
}

fn longest(report: &Report) -> u64 {
    report.rows.iter().filter_map(|row| row.outcome.nanos()).max().unwrap_or_default()
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

fn frame_gap(state: &State, texts: &Texts) -> Html {
    let text = match (&state.report, &state.phase) {
        (Some(report), Phase::Ready) => Some(match report.longest_frame_gap_millis {
            Some(millis) => (texts.frame_gap)(&millis_from_nanos((millis * 1e6) as u64)),
            None if report.baseline().is_some() => texts.no_frames.to_owned(),
            None => String::new(),
        }),
        _ => None,
    };
    html! { <p class="note frame-gap" data-part="frame-gap">{ text }</p> }
}
