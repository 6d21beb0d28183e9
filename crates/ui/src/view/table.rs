//! The report as a plain table, for whoever cannot see the charts, wants the numbers, or wants to take them elsewhere.

use session::catalog::Language;
use session::figures::millis_from_nanos;
use session::table::rows;
use session::{Action, Column, Export, Outcome, Phase, Report, ResultRow, Sorting, State};
use yew::{Callback, Html, html};

use crate::texts::Texts;

/// Folded away until it is wanted.
pub fn table(state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let Some(report) = &state.report else {
        return html! {};
    };
    let rows = rows(report, state.sorting, state.order_shown(), state.language);
    html! {
        <details class="table" data-part="table">
            <summary>{ texts.table }</summary>
            { exports(state, texts, act) }
            <div class="scroll" tabindex="0" role="group" aria-label={texts.table}>
                <table>
                    <thead><tr>{ for Column::ALL.map(|column| head(column, state, act)) }</tr></thead>
                    <tbody>{ for rows.iter().map(|row| table_row(row, report, state.language, texts)) }</tbody>
                </table>
            </div>
            <p class="note">{ texts.table_note }</p>
            { for report.rows.iter().filter_map(|row| losses(row, state, texts)) }
            { for report.rows.iter().filter_map(|row| pauses(row, state, texts)) }
        </details>
    }
}

/// The buttons by which the report goes elsewhere. Before it is whole they say that they do nothing.
fn exports(state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let whole = matches!(state.phase, Phase::Ready);
    let button = |export: Export, part: &'static str, text: &'static str| {
        let want = act.reform(move |_| Action::ExportWanted(export));
        html! {
            <button type="button" data-part={part} aria-disabled={(!whole).to_string()} onclick={want}>{ text }</button>
        }
    };
    let copied = state.copied.map(|worked| if worked { texts.copied } else { texts.not_copied });
    html! {
        <p class="exports">
            { button(Export::Table, "copy-table", texts.copy_table) }
            { button(Export::Csv, "save-csv", texts.save_csv) }
            { button(Export::Json, "save-json", texts.save_json) }
            <span class="note" role="status">{ copied }</span>
        </p>
    }
}

fn head(column: Column, state: &State, act: &Callback<Action>) -> Html {
    let sorting = state.sorting.filter(|sorting| sorting.column == column);
    let (sorted, arrow) = match sorting {
        None => ("none", ""),
        Some(Sorting { descending: false, .. }) => ("ascending", " ▲"),
        Some(Sorting { descending: true, .. }) => ("descending", " ▼"),
    };
    let sort = act.reform(move |_| Action::TableSorted(column));
    html! {
        <th scope="col" aria-sort={sorted}>
            <button type="button" class="quiet" onclick={sort}>
                { column.name(state.language) }<span aria-hidden="true">{ arrow }</span>
            </button>
        </th>
    }
}

fn table_row(row: &ResultRow, report: &Report, language: Language, texts: &Texts) -> Html {
    let [model, place] = [Column::Model, Column::Place].map(|column| column.cell(row, report, language));
    let figures = &Column::ALL[2..];
    let said = match &row.outcome {
        Outcome::Finished => None,
        Outcome::NotRun => Some(
            row.now
                .as_ref()
                .map_or(texts.not_run.to_owned(), |progress| (texts.jobs_done)(progress.done, progress.jobs)),
        ),
        Outcome::Stopped => Some(texts.stopped.to_owned()),
        Outcome::Unavailable(_) => Some(texts.unavailable.to_owned()),
        Outcome::Failed(_) => Some(texts.failed.to_owned()),
    };
    let cells = match said {
        Some(said) => html! { <td colspan={figures.len().to_string()}>{ said }</td> },
        None => {
            let cells = figures.iter().map(|column| {
                let class = column.is_text().then_some("text");
                html! { <td {class}>{ column.cell(row, report, language) }</td> }
            });
            html! { { for cells } }
        }
    };
    html! { <tr key={row.model.row().slug}><th scope="row">{ model }</th><td class="text">{ place }</td>{ cells }</tr> }
}

/// Why a time in the table is not to be compared with the others as it stands.
fn losses(row: &ResultRow, state: &State, texts: &Texts) -> Option<Html> {
    let name = row.model.row().name.in_language(state.language);
    let losses = row.typical_run().map(|run| run.losses).filter(|losses| !losses.are_none())?;
    Some(html! { <p class="note">{ format!("{name}: {}", (texts.losses)(losses)) }</p> })
}

/// What looking for *Stop* has cost a model whose lanes share no memory.
fn pauses(row: &ResultRow, state: &State, texts: &Texts) -> Option<Html> {
    let recording = &row.typical.as_ref().filter(|_| row.outcome == Outcome::Finished)?.recording;
    let pauses: u32 = recording.lanes.iter().map(|lane| lane.pauses).sum();
    let nanos: u64 = recording.lanes.iter().map(|lane| lane.pause_nanos).sum();
    let name = row.model.row().name.in_language(state.language);
    (pauses > 0).then(|| {
        html! { <p class="note">{ format!("{name}: {}", (texts.pauses)(pauses, &millis_from_nanos(nanos))) }</p> }
    })
}
