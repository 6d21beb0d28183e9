//! What generators, event loops, executors, threads and locks do in a browser, beside what CPython was recorded to do.

use crate::bench::{Bench, Case, SHARING};
use serde_json::{Value, json};
use std::fs;
use tests::{
    error::{Error, Result},
    page::Page,
    server::{Site, engine_path, root},
};

macro_rules! facts {
    ($($key:literal),* $(,)?) => {
        &[$(Case::new(concat!("golden::", $key), SHARING, |bench| check(bench, $key))),*]
    };
}

pub const CASES: &[Case] = facts![
    "gen.send_before_start",
    "gen.next",
    "gen.send",
    "yield_from",
    "map.order",
    "as_completed.order",
    "cancel.running",
    "cancel.queued",
    "f2.cancelled",
    "exc.stored",
    "exc.result",
    "map.exc",
    "submit_after_shutdown",
    "shutdown.cancel_futures",
    "default.max_workers",
    "cf.wait.timeout",
    "coro_lazy",
    "task_starts_next_tick",
    "gather",
    "gather.exc",
    "gather.return_exceptions",
    "wait.timeout",
    "wait.FIRST_EXCEPTION",
    "wait.coroutine",
    "wait_for",
    "TaskGroup",
    "asyncio.timeout",
    "cancel",
    "cancel.swallowed",
    "call_soon_vs_later0",
    "sleep0_interleave",
    "blocking x4 .1s",
    "queue(maxsize=1)",
    "thread_lost_updates",
    "coroutine_lost_updates",
    "with_lock",
];

/// The facts about the event loop.
const OF_THE_LOOP: [&str; 19] = [
    "coro_lazy",
    "task_starts_next_tick",
    "gather",
    "gather.exc",
    "gather.return_exceptions",
    "wait.timeout",
    "wait.FIRST_EXCEPTION",
    "wait.coroutine",
    "wait_for",
    "TaskGroup",
    "asyncio.timeout",
    "cancel",
    "cancel.swallowed",
    "call_soon_vs_later0",
    "sleep0_interleave",
    "blocking x4 .1s",
    "queue(maxsize=1)",
    "coroutine_lost_updates",
    "with_lock",
];

/// The engine's own conductor, which besides answers what a fact is here.
const CONDUCTOR: &str = r#"
import "ENGINE/conductor.js";
addEventListener("message", async ({ data: { kind, key, flavour } }) => {
    if (kind !== "fact") return;
    const { goldenFact } = await import(`ENGINE/${flavour}/engine.js`);
    goldenFact(key).then(json => postMessage({ kind, json }), ({ message: text }) => postMessage({ kind: "error", text }));
});
"#;

/// Starts an engine of two flavours, as the page does, and asks it once it is ready.
const ASK: &str = r#"
const [engine, key, flavour] = arguments;
const compile = flavour => WebAssembly.compileStreaming(fetch(`${engine}/${flavour}/engine_bg.wasm`));
const [threads, plain] = await Promise.all(["threads", "plain"].map(compile));
const conductor = new Worker("/conductor.js", { type: "module" });
try {
    return await new Promise((resolve, reject) => {
        conductor.onerror = ({ message }) => reject(new Error(message ?? "conductor.js cannot be loaded"));
        conductor.onmessage = ({ data }) => {
            if (data.kind === "message") conductor.postMessage({ kind: "fact", key, flavour });
            else if (data.kind === "fact") resolve(data.json);
            else reject(new Error(data.text));
        };
        conductor.postMessage({ kind: "init", engineId: "golden", flavour, threads, plain, poolThreads: 1 });
    });
} finally {
    conductor.postMessage({ kind: "close" });
}
"#;

fn check(bench: &Bench, key: &str) -> Result<()> {
    let engine = engine_path()?;
    let site = Site::project()?.with_page("/conductor.js", &CONDUCTOR.replace("ENGINE", &engine));
    let server = bench.serve(site)?;
    let page = Page::open(bench.session(), &server.url("empty.html"))?;
    // Event loops run in the plain flavour, wherever the page is.
    let flavour = if OF_THE_LOOP.contains(&key) { "plain" } else { "threads" };
    let found: String = page.evaluate_async(ASK, json!([engine, key, flavour]))?;
    let found: Value = serde_json::from_str(&found).map_err(|error| Error::Script(format!("{found}: {error}")))?;
    for recording in ["cpython-3.11.json", "cpython-3.13.json"] {
        let path = root().join("tests/golden").join(recording);
        let text = fs::read_to_string(&path).map_err(|cause| Error::File { path: path.clone(), cause })?;
        let facts: Value =
            serde_json::from_str(&text).map_err(|cause| Error::Content { path, reason: cause.to_string() })?;
        assert_eq!(Some(&found), facts.get(key), "{key}, as in {recording}");
    }
    Ok(())
}
