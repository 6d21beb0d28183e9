//! What a process shares with the rest: nothing.

use crate::{
    answers::{Work, assert_finished, assert_right, models_that, primes, sleeping},
    bench::{Bench, Case, SHARING},
};
use std::collections::BTreeSet;
use tests::{
    error::Result,
    report::Outcome,
    server::{Site, engine_path},
};

pub const CASES: &[Case] = &[
    Case::new("processes::are_handed_no_shared_memory", SHARING, are_handed_no_shared_memory),
    Case::new("processes::write_where_nobody_else_sees_it", SHARING, write_where_nobody_else_sees_it),
    Case::new("processes::copy_what_they_are_given", SHARING, copy_what_they_are_given),
    Case::new("processes::of_a_pool_are_kept", SHARING, of_a_pool_are_kept),
    Case::new("processes::jobs_that_share_are_refused", SHARING, jobs_that_share_are_refused),
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

/// Writes its own number into the instance's memory, where nothing else writes, and says what it found there before, and
/// again when it answers. The eighth byte is the far end of the first thread's stack.
const WRITER: &str = r#"
{
    const place = 2;
    let cell = () => undefined;
    const own = 1 + Number(name.split("-").at(-1));
    const write = instance => {
        cell = () => new Int32Array(instance.exports.memory.buffer);
        const found = Atomics.exchange(cell(), place, own);
        console.error(`probe of NAME: found ${found === 0 ? "nothing" : "another's"}`);
        return instance;
    };
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async (...given) => write(await instantiate.apply(WebAssembly, given));
    WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
        construct: (Instance, given) => write(new Instance(...given)),
    });
    const post = postMessage;
    globalThis.postMessage = (message, ...rest) => {
        if (message.kind === "reply")
            console.error(`probe of NAME: kept ${Atomics.load(cell(), place) === own ? "its own" : "another's"}`);
        post(message, ...rest);
    };
}
"#;

fn write_where_nobody_else_sees_it(bench: &Bench) -> Result<()> {
    // Four at once, so that each lives while the others write.
    let found = probed(bench, WRITER, "process.js", &sleeping(&["processes"], ""))?;
    assert_eq!(found, ["probe of process: found nothing", "probe of process: kept its own"]);
    // The counter-proof: threads do see what another wrote.
    let found = probed(bench, WRITER, "thread.js", &sleeping(&["threads-free"], ""))?;
    assert_eq!(found, ["probe of thread: found another's", "probe of thread: found nothing"]);
    Ok(())
}

/// Runs the work with a probe before one of the engine's scripts; returns the different things that it said.
fn probed(bench: &Bench, probe: &str, script: &str, work: &Work) -> Result<Vec<String>> {
    bench.expect_errors();
    let probe = probe.replace("NAME", script.trim_end_matches(".js"));
    let page = bench.open(Site::project()?.with_probe(&format!("{}/{script}", engine_path()?), &probe)?)?;
    let report = page.run(&work.link)?;
    for result in &report.results {
        assert_right(result, work);
    }
    let errors = page.errors()?;
    let said: BTreeSet<_> = errors.iter().filter_map(|line| Some(line[line.find("probe of ")?..].to_owned())).collect();
    Ok(said.into_iter().collect())
}

fn jobs_that_share_are_refused(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let models = models_that(|model| !model.shares_memory);
    let report = page.run(&format!("work=counter-lock&jobs=2&times=100&models={}", models.join(",")))?;
    for model in models {
        let result = report.of(model);
        assert!(matches!(result.outcome, Outcome::Failed | Outcome::Unavailable), "{result:?}");
        assert!(result.reason.as_ref().is_some_and(|reason| !reason.is_empty()), "{result:?}");
        let text = page.text(&format!("[data-part='result'][data-model='{model}'] .row-details"))?;
        assert!(!text.is_empty(), "the row of {model} gives no reason");
    }
    Ok(())
}

const NAMER: &str =
    "addEventListener('message', () => console.error(`probe of NAME: ${name.split('/').at(-1)}`), { once: true });";

/// More jobs than processes start no further process.
fn of_a_pool_are_kept(bench: &Bench) -> Result<()> {
    let work = Work { link: "work=sleeping&jobs=5&millis=30&lanes=2&models=process-pool".into(), answer: 5 };
    // Each says its name when it is spoken to first; no two have the same.
    let started = probed(bench, NAMER, "process.js", &work)?;
    assert_eq!(started, ["probe of process: process-1", "probe of process: process-2"]);
    Ok(())
}

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
