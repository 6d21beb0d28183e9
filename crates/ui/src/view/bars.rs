//! One bar per model: its time, from the origin that the lanes share.

use session::figures::{millis_from_nanos, ratio};
use session::trace::Failure;
use session::{Outcome, Plan, Report, ResultRow, State};
use yew::{Html, classes, html};

use crate::texts::Texts;

const HEIGHT: f64 = 14.0;

/// The rows of the report, or, before the first run, those that it will have.
pub fn bars(state: &State, texts: &Texts, end_nanos: u64) -> Html {
    let coming = state.environment.as_ref().map(|environment| Plan::of(&state.experiment, environment, true).1);
    let Some(report) = state.report.as_ref().or(coming.as_ref()) else {
        return html! { <ol class="bars"></ol> };
    };
    html! {
        <ol class="bars">{ for (0..report.rows.len()).map(|index| bar(index, report, state, texts, end_nanos)) }</ol>
    }
}

fn bar(index: usize, report: &Report, state: &State, texts: &Texts, end_nanos: u64) -> Html {
    let row = &report.rows[index];
    let above = index.checked_sub(1).map(|above| &report.rows[above].outcome);
    let slug = row.outcome.slug();
    let name = row.model.row().name.in_language(state.language);
    html! {
        <li class={classes!("row", slug)} data-part="result" data-model={row.model.row().slug} data-outcome={slug}>
            <span class="row-name">{ name }</span>
            <span class="row-plot">{ plot(row, texts, end_nanos) }</span>
            { figures(row, report, texts) }
            { details(&row.outcome, above, texts) }
        </li>
    }
}

fn plot(row: &ResultRow, texts: &Texts, end_nanos: u64) -> Html {
    match &row.outcome {
        Outcome::Finished { recording, .. } => {
            let width = (100.0 * recording.nanos() as f64 / end_nanos.max(1) as f64).clamp(0.2, 100.0);
            html! {
                <svg class="bar" height={HEIGHT.to_string()} aria-hidden="true">
                    <rect width={format!("{width:.2}%")} height={HEIGHT.to_string()} />
                </svg>
            }
        }
        Outcome::Running { done, jobs, .. } => html! {
            <progress max={jobs.to_string()} value={done.to_string()}>{ (texts.jobs_done)(*done, *jobs) }</progress>
        },
        Outcome::NotRun | Outcome::Failed(_) | Outcome::Unavailable(_) | Outcome::Stopped => html! {},
    }
}

fn figures(row: &ResultRow, report: &Report, texts: &Texts) -> Html {
    let said = match &row.outcome {
        Outcome::Finished { recording, .. } => {
            return html! {
                <>
                    <span class="figure">{ millis_from_nanos(recording.nanos()) }<span class="unit">{ "\u{202f}ms" }</span></span>
                    <span class="figure">{ report.ratio(row).map(ratio) }</span>
                </>
            };
        }
        Outcome::NotRun => texts.not_run.to_owned(),
        Outcome::Running { deadlock, .. } if !deadlock.is_empty() => texts.deadlock.to_owned(),
        Outcome::Running { done, jobs, .. } => (texts.jobs_done)(*done, *jobs),
        Outcome::Stopped => texts.stopped.to_owned(),
        Outcome::Unavailable(_) => texts.unavailable.to_owned(),
        Outcome::Failed(Failure::Deadlock { .. }) => texts.deadlock.to_owned(),
        Outcome::Failed(_) => texts.failed.to_owned(),
    };
    html! { <span class="said">{ said }</span> }
}

/// What must not be overlooked: why there is no time, or what the record has lost and what the instrument cost.
fn details(outcome: &Outcome, above: Option<&Outcome>, texts: &Texts) -> Html {
    let text = match outcome {
        Outcome::Failed(_) if above == Some(outcome) => Some(texts.likewise.to_owned()),
        Outcome::Failed(failure) => Some((texts.failure)(failure)),
        Outcome::Unavailable(_) if above == Some(outcome) => Some(texts.likewise.to_owned()),
        Outcome::Unavailable(obstacle) => Some((texts.obstacle)(*obstacle)),
        Outcome::Running { deadlock, .. } if !deadlock.is_empty() => Some((texts.deadlocked)(deadlock)),
        Outcome::Finished { losses, .. } if !losses.are_none() => Some((texts.losses)(*losses)),
        Outcome::Finished { recording, .. } if recording.dropped() > 0 => Some((texts.dropped)(recording.dropped())),
        _ => None,
    };
    html! { if let Some(text) = text { <span class="row-details">{ text }</span> } }
}
