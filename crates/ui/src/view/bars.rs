//! One bar per model: its median, from the origin that the lanes share.
//!
//! ```text
//!  name         ├█████████████████████├──┼──┤         412 ms  0.98×  0.95–1.01
//!  (a button)    bar = median          whisker = where it lies
//!                  ·     · ·· ·  ·                     one dot for each run
//! ```

use session::catalog::{Language, ModelId};
use session::figures::{millis_from_nanos, ratio, ratio_interval};
use session::trace::Failure;
use session::trace::statistics::Verdict;
use session::{Action, Outcome, Plan, Report, ResultRow, Run, State, Summary};
use yew::{Callback, Html, classes, html};

use crate::texts::Texts;

const BAR_HEIGHT: f64 = 12.0;
const DOTS_AT: f64 = 17.0;
const HEIGHT: f64 = 20.0;
/// Half the height of a whisker's ends.
const CAP: f64 = 4.0;

/// The rows of the report, or, before the first run, those that it will have.
pub fn bars(state: &State, texts: &Texts, act: &Callback<Action>, end_nanos: u64) -> Html {
    let coming = state.environment.as_ref().map(|environment| Plan::of(&state.experiment, environment, true).1);
    let Some(report) = state.report.as_ref().or(coming.as_ref()) else {
        return html! { <ol class="bars"></ol> };
    };
    let rows = report.in_order(state.order_shown());
    let bars = rows.iter().enumerate().map(|(index, row)| {
        let above = index.checked_sub(1).map(|above| &rows[above].outcome);
        bar(row, above, report, state, texts, act, end_nanos)
    });
    html! { <ol class="bars">{ for bars }</ol> }
}

/// The latest time that is drawn, on bars and lanes alike.
pub fn end_nanos(report: &Report) -> u64 {
    let ends = report.rows.iter().filter(|row| row.outcome == Outcome::Finished).map(|row| {
        let typical = row.typical.as_ref().map_or(0, |typical| typical.recording.nanos());
        let whisker = row.summary.as_ref().and_then(|summary| summary.interval).map_or(0.0, |interval| interval.high);
        row.median_nanos().unwrap_or_default().max(typical).max(whisker as u64)
    });
    ends.max().unwrap_or_default()
}

fn bar(
    row: &ResultRow,
    above: Option<&Outcome>,
    report: &Report,
    state: &State,
    texts: &Texts,
    act: &Callback<Action>,
    end_nanos: u64,
) -> Html {
    let slug = row.slug();
    html! {
        <li key={row.model.row().slug} class={classes!("row", slug)} data-part="result" data-model={row.model.row().slug}
            data-outcome={slug}>
            { name(row, report, state, texts, act) }
            <span class="row-plot">{ plot(row, texts, end_nanos) }</span>
            { figures(row, report, texts) }
            { details(row, above, state.language, texts) }
        </li>
    }
}

/// The name of a measured model is a button: the others are then compared with it.
fn name(row: &ResultRow, report: &Report, state: &State, texts: &Texts, act: &Callback<Action>) -> Html {
    let name = row.model.row().name.in_language(state.language);
    if row.outcome != Outcome::Finished {
        return html! { <span class="row-name">{ name }</span> };
    }
    let model: ModelId = row.model;
    let is_baseline = report.baseline().is_some_and(|baseline| baseline.model == model);
    let choose = act.reform(move |_| Action::BaselineChosen(model));
    html! {
        <button type="button" class="row-name" aria-pressed={is_baseline.to_string()} title={texts.compare_with_this}
            onclick={choose}>{ name }</button>
    }
}

fn plot(row: &ResultRow, texts: &Texts, end_nanos: u64) -> Html {
    if let (Outcome::Finished, Some(summary)) = (&row.outcome, &row.summary) {
        return measured(row, summary, end_nanos);
    }
    match &row.now {
        Some(progress) => html! {
            <progress max={progress.jobs.to_string()} value={progress.done.to_string()}>
                { (texts.jobs_done)(progress.done, progress.jobs) }
            </progress>
        },
        None => html! {},
    }
}

fn measured(row: &ResultRow, summary: &Summary, end_nanos: u64) -> Html {
    let part = |nanos: f64| 100.0 * nanos / end_nanos.max(1) as f64;
    let percent = |nanos: f64| format!("{:.2}%", part(nanos).clamp(0.2, 100.0));
    let whisker = summary.interval.map(|interval| {
        let (low, high) = (percent(interval.low), percent(interval.high));
        let middle = BAR_HEIGHT / 2.0;
        let line = |class: Option<&'static str>, x1: &str, x2: &str, reach: f64| {
            let (y1, y2) = ((middle - reach).to_string(), (middle + reach).to_string());
            html! { <line {class} x1={x1.to_owned()} x2={x2.to_owned()} {y1} {y2} /> }
        };
        html! {
            <g class="whisker">
                { line(Some("halo"), &low, &high, 0.0) }
                { line(None, &low, &high, 0.0) }
                { line(None, &low, &low, CAP) }
                { line(None, &high, &high, CAP) }
            </g>
        }
    });
    // A run beyond the end of the axis has no place on it; the table counts it among the outliers.
    let dots = row.runs.iter().filter(|run| row.runs.len() > 1 && run.nanos <= end_nanos).map(|run: &Run| {
        html! { <circle class="dot" cx={percent(run.nanos as f64)} cy={DOTS_AT.to_string()} r="1.6" /> }
    });
    html! {
        <svg class="bar" height={HEIGHT.to_string()} aria-hidden="true">
            <rect width={percent(summary.times.median())} height={BAR_HEIGHT.to_string()} />
            { for whisker }
            { for dots }
        </svg>
    }
}

fn figures(row: &ResultRow, report: &Report, texts: &Texts) -> Html {
    let said = match (&row.outcome, &row.now) {
        (_, Some(progress)) if !progress.deadlock.is_empty() => texts.deadlock.to_owned(),
        (Outcome::Finished, _) => return times(row, report, texts),
        (Outcome::NotRun, Some(progress)) => (texts.jobs_done)(progress.done, progress.jobs),
        (Outcome::NotRun, None) => texts.not_run.to_owned(),
        (Outcome::Stopped, _) => texts.stopped.to_owned(),
        (Outcome::Unavailable(_), _) => texts.unavailable.to_owned(),
        (Outcome::Failed(Failure::Deadlock { .. }), _) => texts.deadlock.to_owned(),
        (Outcome::Failed(_), _) => texts.failed.to_owned(),
    };
    html! { <span class="said">{ said }</span> }
}

fn times(row: &ResultRow, report: &Report, texts: &Texts) -> Html {
    let comparison = row.summary.as_ref().and_then(|summary| summary.comparison);
    let alike = comparison.is_some_and(|comparison| comparison.verdict == Verdict::NoDifference);
    let title = alike.then_some(texts.no_difference);
    let interval = comparison.and_then(|comparison| comparison.interval).map(ratio_interval);
    html! {
        <>
            <span class="figure">
                { row.median_nanos().map(millis_from_nanos) }<span class="unit">{ "\u{202f}ms" }</span>
            </span>
            <span class={classes!("figure", alike.then_some("alike"))} {title}>{ report.ratio(row).map(ratio) }</span>
            <span class={classes!("figure", "interval", alike.then_some("alike"))} {title}>{ interval }</span>
        </>
    }
}

/// What must not be overlooked: why there is no time, or what the record has lost and what else is wrong with it.
fn details(row: &ResultRow, above: Option<&Outcome>, language: Language, texts: &Texts) -> Html {
    let likewise = above == Some(&row.outcome);
    let text = match (&row.outcome, &row.now) {
        (_, Some(progress)) if !progress.deadlock.is_empty() => vec![(texts.deadlocked)(&progress.deadlock)],
        (Outcome::Failed(_) | Outcome::Unavailable(_), _) if likewise => vec![texts.likewise.to_owned()],
        (Outcome::Failed(failure), _) => vec![(texts.failure)(failure)],
        (Outcome::Unavailable(obstacle), _) => vec![(texts.obstacle)(*obstacle)],
        (Outcome::Finished, _) => remarks(row, language, texts),
        _ => Vec::new(),
    };
    let text = text.join(texts.between_sentences);
    html! { if !text.is_empty() { <span class="row-details">{ text }</span> } }
}

/// What the times of a model do not say.
fn remarks(row: &ResultRow, language: Language, texts: &Texts) -> Vec<String> {
    let losses = row.typical_run().map(|run| run.losses).filter(|losses| !losses.are_none());
    let flagged = row.flags.iter().filter(|flag| flag.is_urgent()).map(|flag| flag.sentence(language));
    losses.map(texts.losses).into_iter().chain(flagged).collect()
}
