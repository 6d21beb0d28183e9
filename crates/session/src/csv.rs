//! Every run as a line of a file with commas, for whoever wants to compute something else from them.

use trace::State as LaneState;

use crate::{Flag, Report, Run};

/// All runs. A model without any has one line, so that the reader sees what became of it.
pub fn to_csv(report: &Report) -> String {
    let mut text = String::from(
        "model,place,outcome,round,nanos,answer,lost_updates,lost_jobs,repeated_jobs,dropped,hidden,flags,frame_gap_millis",
    );
    text += ",p50_nanos,p95_nanos,p99_nanos,queueing_p50_nanos,utilisation,lanes";
    for state in LaneState::ALL {
        text += &format!(",{}_nanos", state.slug());
    }
    text.push('\n');
    for row in &report.rows {
        let head = format!("{},{},{}", row.model.row().slug, row.place.slug(), row.slug());
        if row.runs.is_empty() {
            text += &format!("{head}{}\n", ",".repeat(16 + LaneState::ALL.len()));
        }
        let flags = row.flags.iter().copied().map(Flag::slug).collect::<Vec<_>>().join(" ");
        for run in &row.runs {
            text += &format!("{head},{}\n", cells(run, &flags));
        }
    }
    text
}

fn cells(run: &Run, flags: &str) -> String {
    let Run { round, nanos, answer, losses, dropped, was_hidden, figures, .. } = run;
    let gap = run.longest_frame_gap_millis.map_or(String::new(), |millis| format!("{millis:.3}"));
    let lost = format!("{},{},{}", losses.updates, losses.jobs, losses.repeated);
    let [half, most, nearly_all] = figures.latency_nanos;
    let mut text =
        format!("{round},{nanos},{answer},{lost},{dropped},{was_hidden},{flags},{gap},{half},{most},{nearly_all}");
    text += &format!(",{},{:.4},{}", figures.queueing_nanos, figures.utilisation, figures.lanes);
    for nanos in figures.nanos_by_state {
        text += &format!(",{nanos}");
    }
    text
}
