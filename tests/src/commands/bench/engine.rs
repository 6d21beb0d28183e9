//! What the engine itself costs: messages, empty jobs, recording.

use super::{Bench, PAIRS, median};
use catalog::{Experiment, ModelId};
use protocol::{Message, RunId, ToEngine};
use serde::Deserialize;
use serde_json::json;
use tests::{
    error::{Error, Result},
    page::Page,
    server::{Site, engine_path},
};

/// Messages there and back in a row.
const TRIPS: u32 = 400;

/// Jobs of nothing in a row.
const EMPTY_JOBS: u32 = 10_000;

/// The engine's own conductor, which besides measures empty jobs.
const CONDUCTOR: &str = r#"
import "ENGINE/conductor.js";
addEventListener("message", async ({ data: { kind, count } }) => {
    if (kind !== "empty-jobs") return;
    const { emptyJobs } = await import("ENGINE/threads/engine.js");
    emptyJobs(count).then(nanos => postMessage({ kind, nanos }), ({ message: text }) => postMessage({ kind: "error", text }));
});
"#;

/// Starts an engine as the page does, and beside it a worker that sends back what it gets.
const MEASURE: &str = r#"
const [engine, request, pairs, trips, jobs] = arguments;
const compile = flavour => WebAssembly.compileStreaming(fetch(`${engine}/${flavour}/engine_bg.wasm`));
const [threads, plain] = await Promise.all(["threads", "plain"].map(compile));
const conductor = new Worker("/bench-conductor.js", { type: "module" });
const script = "onmessage = ({ data }) => postMessage(data, [data.bytes.buffer])";
const echo = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
const ask = (worker, message, transfer = []) => new Promise((resolve, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message ?? "a worker cannot be loaded"));
    worker.onmessage = ({ data }) => data.kind === "error" ? reject(new Error(data.text)) : resolve(data);
    worker.postMessage(message, transfer);
});
const tripMicros = async worker => {
    const began = performance.now();
    for (let trip = 0; trip < trips; trip += 1) {
        const bytes = new Uint8Array(request);
        await ask(worker, { kind: "message", bytes }, [bytes.buffer]);
    }
    return (performance.now() - began) * 1000 / trips;
};
try {
    await ask(conductor, { kind: "init", engineId: "bench", flavour: "threads", threads, plain, poolThreads: 2 });
    const found = { raw: [], engine: [], jobs: [] };
    // The first pair warms up.
    for (let pair = 0; pair <= pairs; pair += 1) {
        const times = [await tripMicros(echo), await tripMicros(conductor)];
        const { nanos } = await ask(conductor, { kind: "empty-jobs", count: jobs });
        if (pair > 0) found.raw.push(times[0]), found.engine.push(times[1]), found.jobs.push(nanos / jobs);
    }
    return found;
} finally {
    conductor.postMessage({ kind: "close" });
    echo.terminate();
}
"#;

/// Microseconds of each round trip, nanoseconds of each job.
#[derive(Deserialize)]
struct Found {
    raw: Vec<f64>,
    engine: Vec<f64>,
    jobs: Vec<f64>,
}

/// The site with a page's worth of conductor that can be asked more than the page asks.
pub fn with_a_conductor_to_ask(site: Site) -> Result<Site> {
    Ok(site.with_page("/bench-conductor.js", &CONDUCTOR.replace("ENGINE", &engine_path()?)))
}

/// Messages, empty jobs and the recorder.
pub fn run(bench: &Bench) -> Result<()> {
    let page = Page::open(&bench.session, &bench.server.url("empty.html"))?;
    // The engine reads the request, refuses it and says why: all that a message costs, and no run.
    let mut spec = Experiment::default().run_spec(ModelId::Sequential, false);
    spec.values.clear();
    let request = ToEngine::Run { run_id: RunId(1), spec }.to_bytes();
    let found: Found = page.evaluate_async(MEASURE, json!([engine_path()?, request, PAIRS, TRIPS, EMPTY_JOBS]))?;
    let ratios = found.raw.iter().zip(&found.engine).map(|(raw, engine)| engine / raw).collect();
    println!("page to worker and back");
    println!("  {:<22} {:>7.1} µs", "raw postMessage", median(found.raw));
    println!(
        "  {:<22} {:>7.1} µs  {:>5.2}× (aim: at most 1.5×)",
        "page, engine, page",
        median(found.engine),
        median(ratios)
    );
    println!("\n{EMPTY_JOBS} empty jobs through the stealing pool");
    println!("  {:<22} {:>7.2} µs  (aim: at most 2 µs)", "each", median(found.jobs) / 1_000.0);
    let report = bench.page()?.run("work=primes&jobs=1&size=1000&models=sequential")?;
    let recorder = report.of("sequential").recorder;
    let recorder = recorder.ok_or_else(|| Error::NotHeld("a report does not say what recording costs".into()))?;
    println!("\nrecording");
    println!("  {:<22} {:>7.0} ns", "reading the clock", recorder.clock_nanos);
    println!("  {:<22} {:>7.0} ns  (aim: at most 100 ns)\n", "a span beyond that", recorder.span_nanos);
    Ok(())
}
