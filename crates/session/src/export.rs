//! A report as JSON, for scripts that drive the page. Times are nanoseconds since the run began; what a lane did before
//! (coming into being, say) has negative ones.

use core::fmt::Write;

use catalog::{Need, Obstacle};
use trace::{Failure, LaneRecord, Missing, RecorderCost, Recording, Wait};

use crate::{Outcome, Report, ResultRow};

/// The report as JSON.
pub fn to_json(report: &Report) -> String {
    let mut json = String::from("{\"experiment\":");
    push_text(&mut json, &report.experiment.to_link());
    json.push_str(",\"results\":[");
    for (index, row) in report.rows.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        push_row(&mut json, row);
    }
    json.push_str("],\"longestFrameGapMillis\":");
    match report.longest_frame_gap_millis {
        Some(millis) if millis.is_finite() => push(&mut json, format_args!("{millis:.3}")),
        _ => json.push_str("null"),
    }
    json.push('}');
    json
}

fn push_row(json: &mut String, row: &ResultRow) {
    push(json, format_args!("{{\"model\":\"{}\",\"outcome\":\"{}\"", row.model.row().slug, row.outcome.slug()));
    push(json, format_args!(",\"place\":\"{}\"", row.place.slug()));
    match &row.outcome {
        Outcome::Finished { answer, losses, recording } => {
            push(json, format_args!(",\"nanos\":{},\"answer\":{answer}", recording.nanos()));
            push(json, format_args!(",\"lostUpdates\":{}", losses.updates));
            push(json, format_args!(",\"lostJobs\":{},\"repeatedJobs\":{}", losses.jobs, losses.repeated));
            push(
                json,
                format_args!(",\"dropped\":{},\"droppedLanes\":{}", recording.dropped(), recording.dropped_lanes),
            );
            if let Some(RecorderCost { clock_nanos, span_nanos }) = recording.recorder {
                push(json, format_args!(",\"recorder\":{{\"clockNanos\":{clock_nanos},\"spanNanos\":{span_nanos}}}"));
            }
            push_lanes(json, recording);
        }
        Outcome::Failed(failure) => push_reason(json, &failure.to_string()),
        Outcome::Unavailable(obstacle) => push_reason(json, &reason(*obstacle)),
        Outcome::Stopped | Outcome::NotRun | Outcome::Running { .. } => json.push_str(",\"dropped\":0,\"lanes\":[]"),
    }
    json.push('}');
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
