//! A report as text for the terminal.

use crate::report::{ModelResult, Outcome, Report};

/// ```text
/// model        runs    median  ratio   interval  answer  lanes
/// sequential      8  412.3 ms  1.00×             166152  1 page-loop
/// ```
pub fn table(report: &Report) -> String {
    let mut rows = vec![["model", "runs", "median", "ratio", "interval", "answer", "lanes"].map(str::to_owned)];
    rows.extend(report.results.iter().map(row));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3, 4, 5].map(width);
    let lines = rows.iter().map(|row| {
        let mut line = format!("{:<width$}", row[0], width = widths[0]);
        for column in 1..6 {
            line += &format!("  {:>width$}", row[column], width = widths[column]);
        }
        format!("{line}  {}", row[6]).trim_end().to_owned() + "\n"
    });
    lines.collect()
}

fn row(result: &ModelResult) -> [String; 7] {
    let time = result.nanos.map(|nanos| format!("{:.1} ms", nanos / 1e6)).unwrap_or_default();
    let runs = if result.runs.is_empty() { String::new() } else { result.runs.len().to_string() };
    let ratio = result.ratio.map(|ratio| format!("{ratio:.2}×")).unwrap_or_default();
    let interval = result.ratio_interval.map(|[low, high]| format!("{low:.2}–{high:.2}")).unwrap_or_default();
    let answer = match &result.answer {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let last = match result.outcome {
        Outcome::Finished => lanes(result) + &losses(result),
        outcome => {
            let reason = result.reason.as_deref().unwrap_or("no reason given");
            format!("{}: {reason}", format!("{outcome:?}").to_lowercase())
        }
    };
    [result.model.clone(), runs, time, ratio, interval, answer, last]
}

/// What keeps the time from being an ordinary one.
fn losses(result: &ModelResult) -> String {
    let counts = [
        (result.lost_updates, "updates lost"),
        (result.lost_jobs, "jobs lost"),
        (result.repeated_jobs, "jobs repeated"),
    ];
    counts.iter().filter(|(count, _)| *count > 0.0).map(|(count, what)| format!("; {count} {what}")).collect()
}

/// How many lanes of each kind, in the order they appear.
fn lanes(result: &ModelResult) -> String {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for lane in &result.lanes {
        match kinds.iter_mut().find(|(kind, _)| *kind == lane.kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((&lane.kind, 1)),
        }
    }
    kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn results_stand_side_by_side() {
    let report: Report = serde_json::from_str(
        r#"{"experiment": "work=primes", "longestFrameGapMillis": null, "results": [
            {"model": "sequential", "outcome": "finished", "nanos": 412300000, "ratio": 1, "answer": 9592,
             "lanes": [{"name": "one", "kind": "thread", "spans": []}]},
            {"model": "processes", "outcome": "finished", "nanos": 206150000, "answer": "9592",
             "lostJobs": 2, "ratio": 0.5, "ratioInterval": [0.486, 0.51], "runs": [{"round": 1, "nanos": 206150000}],
             "lanes": [{"name": "one", "kind": "process", "spans": []}, {"name": "two", "kind": "process", "spans": []}]},
            {"model": "work-stealing", "outcome": "unavailable", "reason": "No shared memory."}]}"#,
    )
    .unwrap();
    let expected = "\
model          runs    median  ratio   interval  answer  lanes
sequential           412.3 ms  1.00×               9592  1 thread
processes         1  206.2 ms  0.50×  0.49–0.51    9592  2 process; 2 jobs lost
work-stealing                                            unavailable: No shared memory.
";
    assert_eq!(table(&report), expected);
}
