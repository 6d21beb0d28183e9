//! Consumers that die in the middle of something, and what the acknowledgement makes of it.

use crate::bench::{Bench, Case, HONEST, SHARING};
use tests::{
    error::Result,
    page::Page,
    report::{ModelResult, Outcome},
    server::{Headers, Site, engine_path},
};

pub const CASES: &[Case] = &[
    Case::new("message_queue::early_acknowledgement_loses_a_job", SHARING, early_acknowledgement_loses_a_job),
    Case::new("message_queue::late_acknowledgement_repeats_a_job", SHARING, late_acknowledgement_repeats_a_job),
    Case::new("message_queue::without_shared_memory", HONEST, without_shared_memory),
    Case::new("message_queue::a_consumer_that_vanishes", SHARING, a_consumer_that_vanishes),
];

/// Eight jobs for two consumers, of which the first dies with its second job.
const JOBS: f64 = 8.0;

fn run(page: Page, more: &str) -> Result<ModelResult> {
    let link = format!("work=sleeping&jobs=8&millis=20&lanes=2&models=message-queue{more}");
    let result = page.run(&link)?.of("message-queue").clone();
    assert_eq!(result.outcome, Outcome::Finished, "{link}: {:?}", result.reason);
    Ok(result)
}

#[track_caller]
fn assert_counts(result: &ModelResult, lost: f64, repeated: f64) {
    assert_eq!((result.lost_jobs, result.repeated_jobs), (lost, repeated), "{result:?}");
    assert_eq!(result.number(), Some(JOBS - lost), "{result:?}");
    // Each row's spans follow each other, and no process has two rows.
    let mut names: Vec<_> = result.lanes.iter().map(|lane| &lane.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), result.lanes.len(), "{names:?}");
    for lane in &result.lanes {
        for pair in lane.spans.windows(2) {
            assert!(pair[1].start >= pair[0].end, "{}: {:?} and {:?}", lane.name, pair[0], pair[1]);
        }
    }
}

fn early_acknowledgement_loses_a_job(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    assert_counts(&run(page, "&ack=early&dies=2")?, 1.0, 0.0);
    let row = "[data-part='result'][data-model='message-queue']";
    let told = page.text(&format!("{row} .row-details"))?;
    assert!(told.contains("1 job lost"), "the row says {told:?}");
    // Nothing is left over for the next run.
    assert_counts(&run(page, "&ack=early")?, 0.0, 0.0);
    Ok(())
}

fn late_acknowledgement_repeats_a_job(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    assert_counts(&run(page, "&ack=late&dies=2")?, 0.0, 1.0);
    let told = page.text("[data-part='result'][data-model='message-queue'] .row-details")?;
    assert!(told.contains("1 job run again"), "the row says {told:?}");
    assert_counts(&run(page, "&ack=late&prefetch=1&dies=1")?, 0.0, 1.0);
    Ok(())
}

fn without_shared_memory(bench: &Bench) -> Result<()> {
    let page = bench.open(Site::project()?.with_headers(Headers::none()))?;
    assert_counts(&run(page, "&ack=early&dies=1")?, 1.0, 0.0);
    assert_counts(&run(page, "&ack=late&dies=1")?, 0.0, 1.0);
    Ok(())
}

/// Ends the first worker soon after it has begun, at a moment that nobody has chosen.
const VANISH: &str = r#"
if (name.endsWith("/process-1")) {
    const post = postMessage;
    globalThis.postMessage = (message, transfer) => {
        post(message, transfer);
        if (message.kind === "alive") setTimeout(close, 50);
    };
}
"#;

fn vanishing(bench: &Bench) -> Result<Page<'_>> {
    bench.open(Site::project()?.with_probe(&format!("{}/process.js", engine_path()?), VANISH)?)
}

fn a_consumer_that_vanishes(bench: &Bench) -> Result<()> {
    let late = run(vanishing(bench)?, "&ack=late")?;
    assert!(late.repeated_jobs <= 1.0, "{late:?}");
    assert_counts(&late, 0.0, late.repeated_jobs);
    let early = run(vanishing(bench)?, "&ack=early")?;
    assert!(early.lost_jobs <= 1.0, "{early:?}");
    assert_counts(&early, early.lost_jobs, 0.0);
    Ok(())
}
