//! What goes wrong on the way to the reader ends in a sentence that says what to do.

use crate::{
    answers::{MODELS, assert_finished, can_run, every_model, models_that, primes},
    bench::{Bench, Case, SHARING},
};
use catalog::{Home, Model, ModelId};
use serde_json::Value;
use std::time::{Duration, Instant};
use tests::{
    error::{Error, Result},
    page::{Page, READY_LIMIT},
    report::{Outcome, Report},
    server::{Fault, Headers, Site, engine_path},
};

pub const CASES: &[Case] = &[
    Case::new("faults::page_program_missing", SHARING, page_program_missing),
    Case::new("faults::page_program_truncated", SHARING, page_program_truncated),
    Case::new("faults::manifest_missing", SHARING, manifest_missing),
    Case::new("faults::a_trap_of_the_page_is_said", SHARING, a_trap_of_the_page_is_said),
    Case::new("faults::engine_program_missing", SHARING, engine_program_missing),
    Case::new("faults::engine_program_truncated", SHARING, engine_program_truncated),
    Case::new("faults::conductor_script_missing", SHARING, conductor_script_missing),
    Case::new("faults::process_script_missing", SHARING, process_script_missing),
    Case::new("faults::a_process_that_raises_an_error", SHARING, a_process_that_raises_an_error),
    Case::new("faults::a_process_that_vanishes", SHARING, a_process_that_vanishes),
    Case::new("faults::engine_comes_late", SHARING, engine_comes_late),
    Case::new("faults::workers_blocked_by_policy", SHARING, workers_blocked_by_policy),
    Case::new("faults::bad_links_are_refused", SHARING, bad_links_are_refused),
    Case::new("faults::a_page_opened_by_a_bad_link_says_so", SHARING, a_page_opened_by_a_bad_link_says_so),
];

/// No fault may keep a run from ending within this.
const END_LIMIT: Duration = Duration::from_secs(60);

fn page_program_missing(bench: &Bench) -> Result<()> {
    the_page_breaks(bench, Site::project()?.with_fault("/ui", Fault::Missing))
}

fn page_program_truncated(bench: &Bench) -> Result<()> {
    let name = name_in_dist(|name| name.starts_with("ui") && name.ends_with("_bg.wasm"))?;
    the_page_breaks(bench, Site::project()?.with_fault(&name, Fault::Truncated(20_000)))
}

fn manifest_missing(bench: &Bench) -> Result<()> {
    the_page_breaks(bench, Site::project()?.with_fault("/manifest.json", Fault::Missing))
}

/// Frees what never was, somewhere behind the end of the program's memory. A script of the page, because to one of the driver
/// Firefox gives an instance of its own.
const TRAP: &str = "
    const boot = document.getElementById('boot');
    const program = await import(new URL(boot.dataset.js, document.baseURI));
    const wasm = await program.default();
    setTimeout(() => wasm.__wbindgen_destroy_closure(0xfffffff0, 0xfffffff0));";

fn a_trap_of_the_page_is_said(bench: &Bench) -> Result<()> {
    bench.expect_errors();
    let server = bench.serve(Site::project()?.with_page("/trap.js", TRAP))?;
    for (language, part) in [("en", "load the page again"), ("zh", "请重新加载本页")] {
        let page = Page::open(bench.session(), &server.url(""))?.ready()?;
        if !page.evaluate::<String>("return document.documentElement.lang", Value::Null)?.starts_with(language) {
            page.click("[data-part='language']")?;
        }
        page.start("work=sleeping&jobs=2&millis=10000&models=sequential&place=worker")?;
        page.wait_for_phase("running", Duration::from_secs(10))?;
        let load =
            "document.head.append(Object.assign(document.createElement('script'), { type: 'module', src: 'trap.js' }))";
        page.evaluate::<Value>(load, Value::Null)?;
        page.wait_for_phase("broken", Duration::from_secs(10))?;
        let sentence = page.text("#failure p")?;
        assert!(sentence.contains("RuntimeError") && sentence.contains(part), "{sentence}");
        // Whoever waits for what the page can no longer do is told so too.
        assert_eq!(page.started_run()?.expect_err("a page that has failed finishes nothing"), sentence);
        assert_eq!(page.status()?, "");
        page.click("#failure button")?;
        page.ready()?;
    }
    Ok(())
}

fn engine_program_missing(bench: &Bench) -> Result<()> {
    nothing_runs(bench, Site::project()?.with_fault("engine_bg.wasm", Fault::Missing))
}

fn engine_program_truncated(bench: &Bench) -> Result<()> {
    nothing_runs(bench, Site::project()?.with_fault("engine_bg.wasm", Fault::Truncated(20_000)))
}

fn conductor_script_missing(bench: &Bench) -> Result<()> {
    nothing_runs(bench, Site::project()?.with_fault("/conductor.js", Fault::Missing))
}

fn workers_blocked_by_policy(bench: &Bench) -> Result<()> {
    let headers = Headers::of_the_project()?.and("Content-Security-Policy", "worker-src 'none'");
    nothing_runs(bench, Site::project()?.with_headers(headers))
}

fn process_script_missing(bench: &Bench) -> Result<()> {
    bench.expect_errors();
    let page = bench.open(Site::project()?.with_fault("/process.js", Fault::Missing))?;
    let work = primes(&MODELS, "&lanes=2&place=worker");
    let report = end_in_time(page, &work.link)?.unwrap_or_else(|reason| panic!("the whole run was refused: {reason}"));
    // A loop off the page runs in a process too, unless it has threads beneath it.
    let has_threads = |model: &Model| model.home == Home::Lane || model.id == ModelId::LoopAndExecutor;
    let in_a_process = |model: &Model| !has_threads(model) && can_run(page, false)(model);
    for model in models_that(in_a_process) {
        let result = report.of(model);
        assert_eq!(result.outcome, Outcome::Failed, "{result:?}");
        assert_sentence(result.reason.as_deref());
    }
    let elsewhere = models_that(|model| can_run(page, true)(model) && !in_a_process(model));
    assert_finished(&report, &elsewhere, &work);
    Ok(())
}

fn a_process_that_raises_an_error(bench: &Bench) -> Result<()> {
    processes_die(bench, "throw new Error('on purpose')", "on purpose")
}

/// As when the browser ends a worker for want of memory: no error, no message, and the reply never comes.
fn a_process_that_vanishes(bench: &Bench) -> Result<()> {
    processes_die(bench, "close()", "ended without a word")
}

/// Whatever ends a process while it works, its model fails and names the cause, and the others' results stay.
fn processes_die(bench: &Bench, how: &str, said: &str) -> Result<()> {
    bench.expect_errors();
    let probe = format!(
        "addEventListener('message', ({{ data }}) => data.kind === 'body' && setTimeout(() => {{ {how} }}, 50));"
    );
    let page = bench.open(Site::project()?.with_probe(&format!("{}/process.js", engine_path()?), &probe)?)?;
    // Long enough that a process that gives its loop back every 50 ms is at work when it dies.
    let link = "work=sleeping&jobs=2&millis=1500&lanes=2&place=page";
    let report = end_in_time(page, &format!("{link}&models=sequential,processes,process-pool,event-loop"))?;
    let report = report.unwrap_or_else(|reason| panic!("the whole run was refused: {reason}"));
    for (model, more) in [("processes", ""), ("process-pool", "BrokenProcessPool")] {
        let result = report.of(model);
        let reason = result.reason.clone().unwrap_or_default();
        assert_eq!(result.outcome, Outcome::Failed, "{result:?}");
        assert!(reason.contains("process") && reason.contains(said) && reason.contains(more), "{model}: {reason}");
    }
    for model in ["sequential", "event-loop"] {
        assert_eq!((report.of(model).outcome, report.of(model).number()), (Outcome::Finished, Some(2.0)), "{model}");
    }
    Ok(())
}

fn engine_comes_late(bench: &Bench) -> Result<()> {
    let late = Fault::Delayed(Duration::from_secs(2));
    let page = bench.open(Site::project()?.with_fault("engine_bg.wasm", late))?;
    let work = primes(&MODELS, "&lanes=2");
    assert_finished(&page.run(&work.link)?, &every_model(page), &work);
    Ok(())
}

fn bad_links_are_refused(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    for (link, part) in [
        ("work=gravity", "gravity"),
        ("work=primes&models=sequential,fibers", "fibers"),
        ("work=primes&jobs=1000000000", "jobs"),
        ("work=primes&size=1e9", "size"),
        ("work=primes&place=moon", "moon"),
        ("work=primes&lanes=-3", "lanes"),
    ] {
        match page.run(link) {
            Err(Error::Script(message)) => assert!(message.contains(part), "{link}: {message}"),
            other => panic!("{link} was not refused: {other:?}"),
        }
        assert_eq!(page.phase()?, "ready", "after {link}");
    }
    let work = primes(&MODELS, "&lanes=2");
    assert_finished(&page.run(&work.link)?, &every_model(page), &work);
    Ok(())
}

fn a_page_opened_by_a_bad_link_says_so(bench: &Bench) -> Result<()> {
    let server = bench.serve(Site::project()?)?;
    for (link, part) in
        [("work=gravity", "gravity"), ("jobs=1000000000", "jobs"), ("work=primes&models=fibers", "fibers")]
    {
        let page = Page::open(bench.session(), &server.url(&format!("?{link}")))?.ready()?;
        let text = page.text("body")?;
        assert!(text.contains(part), "{link} is not named in: {text}");
    }
    Ok(())
}

/// Without its program the page says so in the place where its static text stands.
fn the_page_breaks(bench: &Bench, site: Site) -> Result<()> {
    bench.expect_errors();
    let server = bench.serve(site)?;
    let page = Page::open(bench.session(), &server.url(""))?;
    page.wait_for_phase("broken", READY_LIMIT)?;
    let sentence = [page.status()?, page.text("#shell-failure")?].join("");
    assert_sentence(Some(&sentence));
    assert!(!page.errors()?.is_empty(), "a broken page has no error");
    Ok(())
}

/// The page is there, but nothing can run: every result says why, and no wait is endless.
fn nothing_runs(bench: &Bench, site: Site) -> Result<()> {
    bench.expect_errors();
    let server = bench.serve(site)?;
    let page = Page::open(bench.session(), &server.url(""))?;
    let settled = "return ['ready', 'broken'].includes(document.documentElement.dataset.phase)";
    page.wait_for("the page to be ready or broken", READY_LIMIT, settled, Value::Null)?;
    if page.phase()? == "ready" {
        match end_in_time(page, &primes(&MODELS, "&lanes=2&place=worker").link)? {
            Ok(report) => {
                assert_eq!(report.results.len(), MODELS.len(), "{report:?}");
                for result in &report.results {
                    let did_not_run = matches!(result.outcome, Outcome::Failed | Outcome::Unavailable);
                    assert!(did_not_run, "{} {:?} without an engine", result.model, result.outcome);
                    assert_sentence(result.reason.as_deref());
                    let row = format!("[data-part='result'][data-model='{}'] .row-details", result.model);
                    let row = page.text(&row)?;
                    assert_sentence(Some(&row));
                }
            }
            Err(reason) => assert_sentence(Some(&reason)),
        }
    }
    let phase = page.phase()?;
    assert!(phase == "ready" || phase == "broken", "the phase is {phase}");
    assert!(!page.status()?.is_empty(), "the page does not say how it is");
    Ok(())
}

fn end_in_time(page: Page, link: &str) -> Result<Result<Report, String>> {
    let began = Instant::now();
    page.start(link)?;
    let ended = page.started_run()?;
    assert!(began.elapsed() < END_LIMIT, "the run took {:?} to end", began.elapsed());
    Ok(ended)
}

#[track_caller]
fn assert_sentence(text: Option<&str>) {
    let text = text.unwrap_or_default();
    assert!(text.chars().count() >= 12, "this is no sentence: {text:?}");
}

fn name_in_dist(is_it: impl Fn(&str) -> bool) -> Result<String> {
    let folder = tests::server::dist()?;
    let entries = std::fs::read_dir(&folder).map_err(|cause| Error::File { path: folder.clone(), cause })?;
    let mut names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    names
        .find(|name| is_it(name))
        .ok_or_else(|| Error::Content { path: folder, reason: "it lacks a file that every build has".into() })
}
