//! What a process shares with the rest: nothing.

use crate::{
    answers::{assert_finished, primes},
    bench::{Bench, Case, SHARING},
};
use std::collections::BTreeSet;
use tests::{
    error::Result,
    server::{Site, engine_path},
};

pub const CASES: &[Case] = &[
    Case::new("processes::are_handed_no_shared_memory", SHARING, are_handed_no_shared_memory),
    Case::new("processes::copy_what_they_are_given", SHARING, copy_what_they_are_given),
];

/// Says, in the way errors travel, whether the first message holds memory that others can write to. Whatever a process
/// wrote could be seen elsewhere only through such memory.
const PROBE: &str = r#"
const sharedIn = (value, depth) => {
    if (value instanceof SharedArrayBuffer) return true;
    if (value instanceof WebAssembly.Memory || ArrayBuffer.isView(value)) return sharedIn(value.buffer, depth);
    return depth > 0 && value !== null && typeof value === "object"
        && Object.values(value).some(inner => sharedIn(inner, depth - 1));
};
addEventListener("message", ({ data }) => console.error(`probe of NAME: shared=${sharedIn(data, 3)}`), { once: true });
"#;

fn are_handed_no_shared_memory(bench: &Bench) -> Result<()> {
    bench.expect_errors();
    let engine = engine_path()?;
    let site = Site::project()?
        .with_probe(&format!("{engine}/process.js"), &PROBE.replace("NAME", "process"))?
        .with_probe(&format!("{engine}/thread.js"), &PROBE.replace("NAME", "thread"))?;
    let page = bench.open(site)?;
    let work = primes(&["sequential", "processes"], "&lanes=2&place=worker");
    assert_finished(&page.run(&work.link)?, &["sequential", "processes"], &work);
    let errors = page.errors()?;
    let found: BTreeSet<&str> = errors.iter().filter_map(|line| Some(&line[line.find("probe of ")?..])).collect();
    // The threads are the counter-proof: the probe does see shared memory where there is some.
    let expected = ["probe of process: shared=false", "probe of thread: shared=true"];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{errors:?}");
    Ok(())
}

fn copy_what_they_are_given(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let work = primes(&["processes"], "&place=worker");
    let report = page.run(&work.link)?;
    assert_finished(&report, &["processes"], &work);
    let result = report.of("processes");
    let processes: Vec<_> = result.lanes.iter().filter(|lane| lane.kind == "process").collect();
    assert_eq!(processes.len(), 4, "one process per job: {:?}", result.lanes);
    for state in ["starting", "copying", "computing"] {
        let all = processes.iter().all(|lane| lane.spans.iter().any(|span| span.state == state));
        assert!(all, "a process was never {state}: {processes:?}");
    }
    Ok(())
}
