//! A report as JSON, for scripts that drive the page. Times are nanoseconds since the run began; what a lane did before
//! (coming into being, say) has negative ones.

use core::fmt::Write;

use catalog::{Capabilities, Need, Obstacle, Repeats};
use trace::statistics::{Interval, Verdict};
use trace::{Failure, LaneRecord, Losses, Missing, RecorderCost, Recording, State as LaneState, Wait};

use crate::{End, Environment, Outcome, Report, ResultRow, Run};

/// What the numbers of the form below count from; it grows when a reader of the old form could mistake the new one.
const FORM: u32 = 1;

/// The report as JSON.
///
/// ```text
/// form, version            of this description, and of the page
/// experiment, seed         the link's query; where every random choice began
/// repeats                  { runs } or { precisionPercent, budgetSeconds }
/// end                      complete | precise | out-of-time | stopped
/// environment              browser, isolated, topLevel, sharedMemory, jspi, cores, clockStepNanos
/// baseline                 the model with which the others are compared
/// results[]                one for each model, in the order of the page:
///   model, outcome, place    outcome: finished | failed | unavailable | stopped
///   reason                   why it did not finish
///   nanos, interval          the median of its runs, and where it lies in 95 % of all experiments (null below 7 runs)
///   ratio, ratioInterval     the median over the baseline's; the interval is widened for the number of models
///   verdict                  faster | slower | no-difference | too-few
///   outliers                 runs beyond Tukey's fences; they are among the runs
///   flags[]                  what speaks against trusting the times: hidden | drift | halves-disagree | coarse-clock |
///                            dropped-spans | few-cores
///   runs[]                   every run: round, nanos, answer, lostUpdates, lostJobs, repeatedJobs, dropped, hidden,
///                            longestFrameGapMillis, jobs, latencyNanos { p50, p95, p99 }, queueingNanos (p50), lanes, utilisation, nanosByState
///   typicalRun               which of them the rest is about, from zero
///   answer, lostUpdates, lostJobs, repeatedJobs, dropped, droppedLanes, recorder, lanes[]
/// longestFrameGapMillis    of all runs
/// ```
pub fn to_json(report: &Report) -> String {
    let mut json = format!("{{\"form\":{FORM},\"version\":\"{}\",\"experiment\":", env!("CARGO_PKG_VERSION"));
    push_text(&mut json, &report.experiment.to_link());
    push(&mut json, format_args!(",\"seed\":{}", report.experiment.seed));
    match report.experiment.repeats {
        Repeats::Fixed(runs) => push(&mut json, format_args!(",\"repeats\":{{\"runs\":{runs}}}")),
        Repeats::UntilPrecise { percent, seconds } => {
            let repeats = format_args!(",\"repeats\":{{\"precisionPercent\":{percent},\"budgetSeconds\":{seconds}}}");
            push(&mut json, repeats);
        }
    }
    push_word(&mut json, "end", report.end.map(End::slug));
    push_environment(&mut json, &report.environment);
    push_word(&mut json, "baseline", report.baseline().map(|row| row.model.row().slug));
    json.push_str(",\"results\":[");
    for (index, row) in report.rows.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        push_row(&mut json, row, report);
    }
    json.push(']');
    push_millis(&mut json, report.longest_frame_gap_millis());
    json.push('}');
    json
}

fn push_environment(json: &mut String, environment: &Environment) {
    let Environment { capabilities, isolated, top_level, browser, clock_step_nanos } = environment;
    json.push_str(",\"environment\":{\"browser\":");
    push_text(json, browser);
    push(json, format_args!(",\"isolated\":{isolated},\"topLevel\":{top_level}"));
    let Capabilities { shared_memory, stack_switching, cores } = capabilities;
    push(json, format_args!(",\"sharedMemory\":{shared_memory},\"jspi\":{stack_switching},\"cores\":{cores}"));
    push(json, format_args!(",\"clockStepNanos\":{clock_step_nanos}}}"));
}

/// A word of ours, or nothing.
fn push_word(json: &mut String, name: &str, word: Option<&str>) {
    match word {
        Some(word) => push(json, format_args!(",\"{name}\":\"{word}\"")),
        None => push(json, format_args!(",\"{name}\":null")),
    }
}

fn push_millis(json: &mut String, millis: Option<f64>) {
    json.push_str(",\"longestFrameGapMillis\":");
    match millis {
        Some(millis) if millis.is_finite() => push(json, format_args!("{millis:.3}")),
        _ => json.push_str("null"),
    }
}

fn push_interval(json: &mut String, name: &str, interval: Option<Interval>, places: usize) {
    match interval {
        Some(Interval { low, high }) => push(json, format_args!(",\"{name}\":[{low:.places$},{high:.places$}]")),
        None => push(json, format_args!(",\"{name}\":null")),
    }
}

fn push_row(json: &mut String, row: &ResultRow, report: &Report) {
    push(json, format_args!("{{\"model\":\"{}\",\"outcome\":\"{}\"", row.model.row().slug, row.slug()));
    push(json, format_args!(",\"place\":\"{}\"", row.place.slug()));
    if let Some(pages) = row.pages {
        push(json, format_args!(",\"pages\":\"{}\"", pages.slug()));
    }
    if let (Some(summary), Some(nanos)) = (&row.summary, row.median_nanos()) {
        push(json, format_args!(",\"nanos\":{nanos}"));
        push_interval(json, "interval", summary.interval, 0);
        match report.ratio(row) {
            Some(ratio) => push(json, format_args!(",\"ratio\":{ratio:.5}")),
            None => json.push_str(",\"ratio\":null"),
        }
        push_interval(json, "ratioInterval", summary.comparison.and_then(|comparison| comparison.interval), 5);
        push_word(json, "verdict", summary.comparison.map(|comparison| verdict(comparison.verdict)));
        push(json, format_args!(",\"outliers\":{},\"flags\":[", summary.times.outliers()));
        for (index, flag) in row.flags.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            push(json, format_args!("{comma}\"{}\"", flag.slug()));
        }
        json.push(']');
    }
    json.push_str(",\"runs\":[");
    for (index, run) in row.runs.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        push_run(json, run);
    }
    json.push(']');
    match (&row.outcome, &row.typical, row.typical_run()) {
        (Outcome::Finished, Some(typical), Some(run)) => {
            let (recording, Run { answer, losses, .. }) = (&typical.recording, run);
            push(json, format_args!(",\"typicalRun\":{},\"answer\":{answer}", typical.run));
            push_losses(json, *losses);
            let (spans, lanes) = (recording.dropped(), recording.dropped_lanes);
            push(json, format_args!(",\"dropped\":{spans},\"droppedLanes\":{lanes}"));
            if let Some(RecorderCost { clock_nanos, span_nanos }) = recording.recorder {
                push(json, format_args!(",\"recorder\":{{\"clockNanos\":{clock_nanos},\"spanNanos\":{span_nanos}}}"));
            }
            push_lanes(json, recording);
        }
        (Outcome::Failed(failure), ..) => push_reason(json, &failure.to_string()),
        (Outcome::Unavailable(obstacle), ..) => push_reason(json, &reason(*obstacle)),
        _ => json.push_str(",\"dropped\":0,\"lanes\":[]"),
    }
    json.push('}');
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Faster => "faster",
        Verdict::Slower => "slower",
        Verdict::NoDifference => "no-difference",
        Verdict::TooFew => "too-few",
    }
}

fn push_losses(json: &mut String, losses: Losses) {
    let Losses { updates, jobs, repeated } = losses;
    push(json, format_args!(",\"lostUpdates\":{updates},\"lostJobs\":{jobs},\"repeatedJobs\":{repeated}"));
}

fn push_run(json: &mut String, run: &Run) {
    let Run { round, nanos, answer, losses, dropped, was_hidden, figures, .. } = run;
    push(json, format_args!("{{\"round\":{round},\"nanos\":{nanos},\"answer\":{answer}"));
    push_losses(json, *losses);
    push(json, format_args!(",\"dropped\":{dropped},\"hidden\":{was_hidden}"));
    push_millis(json, run.longest_frame_gap_millis);
    let [half, most, nearly_all] = figures.latency_nanos;
    push(json, format_args!(",\"jobs\":{},\"latencyNanos\":{{\"p50\":{half}", figures.jobs));
    push(json, format_args!(",\"p95\":{most},\"p99\":{nearly_all}}}"));
    push(json, format_args!(",\"queueingNanos\":{},\"lanes\":{}", figures.queueing_nanos, figures.lanes));
    push(json, format_args!(",\"utilisation\":{:.4},\"nanosByState\":{{", figures.utilisation));
    for (index, (state, nanos)) in LaneState::ALL.iter().zip(figures.nanos_by_state).enumerate() {
        let comma = if index > 0 { "," } else { "" };
        push(json, format_args!("{comma}\"{}\":{nanos}", state.slug()));
    }
    json.push_str("}}");
}

/// Why a model cannot run, as exports and scripts say it.
pub fn reason(obstacle: Obstacle) -> String {
    why(obstacle).to_string()
}

/// What the engine would say if it were asked nevertheless.
fn why(obstacle: Obstacle) -> Failure {
    match obstacle {
        Obstacle::Missing(Need::SharedMemory) => Failure::Unavailable(Missing::SharedMemory),
        Obstacle::Missing(Need::StackSwitching) => Failure::Unavailable(Missing::StackSwitching),
        Obstacle::NothingShared => Failure::NothingShared,
        Obstacle::TooManyJobs { jobs, most } => Failure::TooManyJobs { jobs, most },
    }
}

fn push_reason(json: &mut String, reason: &str) {
    json.push_str(",\"dropped\":0,\"lanes\":[],\"reason\":");
    push_text(json, reason);
}

fn push_lanes(json: &mut String, recording: &Recording) {
    json.push_str(",\"lanes\":[");
    for (index, record) in recording.lanes.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        push_lane(json, record, recording.start_nanos);
    }
    json.push(']');
}

fn push_lane(json: &mut String, record: &LaneRecord, origin: u64) {
    let kind = record.lane.kind.slug();
    push(json, format_args!("{{\"name\":\"{kind} {}\",\"kind\":\"{kind}\"", record.lane.number));
    push(json, format_args!(",\"pauses\":{},\"pauseNanos\":{},\"spans\":[", record.pauses, record.pause_nanos));
    for (index, span) in record.spans.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        let start = span.start_nanos as i64 - origin as i64;
        let end = span.end_nanos as i64 - origin as i64;
        push(json, format_args!("{{\"state\":\"{}\",\"start\":{start},\"end\":{end},\"job\":", span.state.slug()));
        match span.job {
            Some(job) => push(json, format_args!("{job}")),
            None => json.push_str("null"),
        }
        if let Some(wait) = span.wait {
            push_wait(json, wait);
        }
        json.push('}');
    }
    json.push_str("]}");
}

/// What a span waited for; locks, queues and jobs are counted from zero, as jobs are everywhere in an export.
fn push_wait(json: &mut String, wait: Wait) {
    push(json, format_args!(",\"waitsFor\":\"{}\"", wait.slug()));
    match wait {
        Wait::ForLock { lock, held_by } => push(json, format_args!(",\"lock\":{lock},\"heldBy\":{held_by}")),
        Wait::ForRoom { queue } | Wait::ForItem { queue } => push(json, format_args!(",\"queue\":{queue}")),
        Wait::ForJob { job } => push(json, format_args!(",\"otherJob\":{job}")),
        _ => {}
    }
}

fn push(json: &mut String, text: core::fmt::Arguments<'_>) {
    json.write_fmt(text).expect("writing into a String does not fail");
}

fn push_text(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '\u{0}'..='\u{1f}' => push(json, format_args!("\\u{:04x}", u32::from(character))),
            _ => json.push(character),
        }
    }
    json.push('"');
}
