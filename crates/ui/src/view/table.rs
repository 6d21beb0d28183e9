//! The report as a plain table, for whoever cannot see the charts or wants the numbers.

use session::figures::{grouped, millis_from_nanos, ratio};
use session::{Outcome, Report, ResultRow, State};
use yew::{Html, html};

use crate::texts::Texts;

/// Folded away until it is wanted.
pub fn table(state: &State, texts: &Texts) -> Html {
    let Some(report) = &state.report else {
        return html! {};
    };
    html! {
        <details class="table" data-part="table">
            <summary>{ texts.table }</summary>
            <div class="scroll">
                <table>
                    <thead>
                        <tr>{ for texts.columns.iter().map(|column| html! { <th scope="col">{ *column }</th> }) }</tr>
                    </thead>
                    <tbody>{ for report.rows.iter().map(|row| table_row(row, report, state, texts)) }</tbody>
                </table>
            </div>
            { for report.rows.iter().filter_map(|row| losses(row, state, texts)) }
            { for report.rows.iter().filter_map(|row| pauses(row, state, texts)) }
        </details>
    }
}

fn table_row(row: &ResultRow, report: &Report, state: &State, texts: &Texts) -> Html {
    let name = row.model.row().name.in_language(state.language);
    let cells = match &row.outcome {
        Outcome::Finished { answer, recording, .. } => html! {
            <>
                <td>{ millis_from_nanos(recording.nanos()) }</td>
                <td>{ report.ratio(row).map(ratio) }</td>
                <td>{ grouped(*answer) }</td>
                <td>{ recording.lanes.len() + recording.dropped_lanes as usize }</td>
            </>
        },
        Outcome::Running { done, jobs, .. } => html! { <td colspan="4">{ (texts.jobs_done)(*done, *jobs) }</td> },
        Outcome::NotRun => html! { <td colspan="4">{ texts.not_run }</td> },
        Outcome::Stopped => html! { <td colspan="4">{ texts.stopped }</td> },
        Outcome::Unavailable(_) => html! { <td colspan="4">{ texts.unavailable }</td> },
        Outcome::Failed(_) => html! { <td colspan="4">{ texts.failed }</td> },
    };
    html! { <tr><th scope="row">{ name }</th><td class="text">{ (texts.ran_in)(row.place) }</td>{ cells }</tr> }
}

/// Why a time in the table is not to be compared with the others as it stands.
fn losses(row: &ResultRow, state: &State, texts: &Texts) -> Option<Html> {
    let name = row.model.row().name.in_language(state.language);
    match row.outcome {
        Outcome::Finished { losses, .. } if !losses.are_none() => {
            Some(html! { <p class="note">{ format!("{name}: {}", (texts.losses)(losses)) }</p> })
        }
        _ => None,
    }
}

/// What looking for *Stop* has cost a model whose lanes share no memory.
fn pauses(row: &ResultRow, state: &State, texts: &Texts) -> Option<Html> {
    let Outcome::Finished { recording, .. } = &row.outcome else {
        return None;
    };
    let pauses: u32 = recording.lanes.iter().map(|lane| lane.pauses).sum();
    let nanos: u64 = recording.lanes.iter().map(|lane| lane.pause_nanos).sum();
    let name = row.model.row().name.in_language(state.language);
    (pauses > 0).then(|| {
        html! { <p class="note">{ format!("{name}: {}", (texts.pauses)(pauses, &millis_from_nanos(nanos))) }</p> }
    })
}
