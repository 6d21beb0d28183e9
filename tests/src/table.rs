//! A report as text for the terminal.

use crate::report::{ModelResult, Outcome, Report};

/// ```text
/// model            time    ratio  answer  lanes
/// sequential   412.3 ms    1.00×  166152  1 page-loop
/// ```
pub fn table(report: &Report) -> String {
    let base = report.results.iter().find(|result| result.model == "sequential").and_then(|result| result.nanos);
    let head = ["model", "time", "ratio", "answer", "lanes"].map(str::to_owned);
    let mut rows = vec![head];
    rows.extend(report.results.iter().map(|result| row(result, base)));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [model, time, ratio, answer] = [0, 1, 2, 3].map(width);
    let lines = rows.iter().map(|row| {
        let line =
            format!("{:<model$}  {:>time$}  {:>ratio$}  {:>answer$}  {}", row[0], row[1], row[2], row[3], row[4]);
        line.trim_end().to_owned() + "\n"
    });
    lines.collect()
}

fn row(result: &ModelResult, base: Option<f64>) -> [String; 5] {
    let time = result.nanos.map(|nanos| format!("{:.1} ms", nanos / 1e6)).unwrap_or_default();
    let ratio = match (result.nanos, base) {
        (Some(nanos), Some(base)) if base > 0.0 => format!("{:.2}×", nanos / base),
        _ => String::new(),
    };
    let answer = match &result.answer {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let last = match result.outcome {
        Outcome::Finished => lanes(result),
        outcome => {
            let reason = result.reason.as_deref().unwrap_or("no reason given");
            format!("{}: {reason}", format!("{outcome:?}").to_lowercase())
        }
    };
    [result.model.clone(), time, ratio, answer, last]
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
            {"model": "sequential", "outcome": "finished", "nanos": 412300000, "answer": 9592,
             "lanes": [{"name": "one", "kind": "thread", "spans": []}]},
            {"model": "processes", "outcome": "finished", "nanos": 206150000, "answer": "9592",
             "lanes": [{"name": "one", "kind": "process", "spans": []}, {"name": "two", "kind": "process", "spans": []}]},
            {"model": "work-stealing", "outcome": "unavailable", "reason": "No shared memory."}]}"#,
    )
    .unwrap();
    let expected = "\
model              time  ratio  answer  lanes
sequential     412.3 ms  1.00×    9592  1 thread
processes      206.2 ms  0.50×    9592  2 process
work-stealing                           unavailable: No shared memory.
";
    assert_eq!(table(&report), expected);
}
