//! Top level, with the project's headers: everything runs.

use crate::{
    answers::{self, MODELS, Work, assert_finished, assert_right, primes, sleeping},
    bench::{Bench, Case, SHARING},
};
use tests::{
    error::Result,
    report::{Report, most_shared_nanos, shared_nanos},
};

pub const CASES: &[Case] = &[
    Case::new("isolated::the_environment_says_so", SHARING, the_environment_says_so),
    Case::new("isolated::primes_in_every_model", SHARING, primes_in_every_model),
    Case::new("isolated::primes_on_the_page", SHARING, primes_on_the_page),
    Case::new("isolated::sleeping_in_every_model", SHARING, sleeping_in_every_model),
    Case::new("isolated::sleeping_on_the_page", SHARING, sleeping_on_the_page),
    Case::new("isolated::two_threads_compute_at_once", SHARING, two_threads_compute_at_once),
    Case::new("isolated::three_threads_are_three_lanes", SHARING, three_threads_are_three_lanes),
    Case::new("isolated::another_experiment_replaces_a_running_one", SHARING, another_replaces_a_running_one),
    Case::new("isolated::below_a_path_of_a_site", SHARING, below_a_path_of_a_site),
];

fn the_environment_says_so(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let environment = page.environment()?;
    assert!(environment.isolated && environment.shared_memory, "{environment:?}");
    assert_eq!(environment.engine, "threads", "{environment:?}");
    assert!(environment.cores >= 1.0, "{environment:?}");
    let mut models: Vec<&str> = environment.models.iter().map(|row| row.model.as_str()).collect();
    models.sort_unstable();
    let mut expected = MODELS;
    expected.sort_unstable();
    assert_eq!(models, expected);
    let can_run = answers::every_model(page);
    for row in &environment.models {
        assert_eq!(row.available, can_run.contains(&row.model.as_str()), "{row:?}");
        assert_eq!(row.reason.is_some(), !row.available, "{row:?}");
    }
    Ok(())
}

fn primes_in_every_model(bench: &Bench) -> Result<()> {
    every_model(bench, &primes(&MODELS, "&lanes=2&place=worker&seed=1"), "worker").map(drop)
}

fn primes_on_the_page(bench: &Bench) -> Result<()> {
    every_model(bench, &primes(&MODELS, "&lanes=2&place=page&seed=2"), "page").map(drop)
}

fn sleeping_in_every_model(bench: &Bench) -> Result<()> {
    waits_are_real(&every_model(bench, &sleeping(&MODELS, "&lanes=2&place=worker&seed=3"), "worker")?);
    Ok(())
}

fn sleeping_on_the_page(bench: &Bench) -> Result<()> {
    waits_are_real(&every_model(bench, &sleeping(&MODELS, "&lanes=2&place=page&seed=4"), "page")?);
    Ok(())
}

fn every_model(bench: &Bench, work: &Work, place: &str) -> Result<Report> {
    let page = bench.project()?;
    let report = page.run(&work.link)?;
    assert_finished(&report, &answers::every_model(page), work);
    assert_eq!(report.of("event-loop").place.as_deref(), Some(place));
    Ok(report)
}

/// Four sleeps of 100 ms follow each other in one lane and overlap on a loop.
#[track_caller]
fn waits_are_real(report: &Report) {
    let sum = 400e6;
    let sequential = report.of("sequential").nanos.unwrap_or_default();
    // A browser's clock is a little coarser than a nanosecond.
    assert!(sequential >= sum - 4e6, "sequential took {sequential} ns");
    let event_loop = report.of("event-loop");
    let nanos = event_loop.nanos.unwrap_or_default();
    assert!((96e6..sum).contains(&nanos), "event-loop took {nanos} ns");
    let waiting = event_loop.lanes_in("coroutine", "waiting");
    assert_eq!(waiting.len(), 4, "{:?}", event_loop.lanes);
    assert!(shared_nanos(&waiting[0], &waiting[3]) > 50e6, "{waiting:?}");
    // A thread gives the GIL back while it waits, so that waits overlap under it as they do without.
    for model in ["threads-gil", "threads-free", "subinterpreters"] {
        let waiting = report.of(model).lanes_in("thread", "waiting");
        assert_eq!(waiting.len(), 4, "{model}: {:?}", report.of(model).lanes);
        // A busy machine can hold one of them back for long, but not each until the one before it is done.
        assert!(most_shared_nanos(&waiting) > 5e6, "{model}: {waiting:?}");
    }
}

fn two_threads_compute_at_once(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let mut work = primes(&["work-stealing"], "&lanes=2");
    work.link = work.link.replace("size=100000", "size=1000000");
    work.answer = 4 * tests::expected::primes_below(1_000_000) as u64;
    let report = page.run(&work.link)?;
    let result = report.of("work-stealing");
    assert_right(result, &work);
    let computing = result.lanes_in("thread", "computing");
    assert_eq!(computing.len(), 2, "{:?}", result.lanes);
    let shared = shared_nanos(&computing[0], &computing[1]);
    // How much depends on what else the machine does; two threads in turn share nothing.
    assert!(shared > 5e6, "the two lanes computed at once for {shared} ns: {computing:?}");
    Ok(())
}

fn three_threads_are_three_lanes(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    for lanes in [3, 1] {
        let work = primes(&["work-stealing"], &format!("&lanes={lanes}"));
        let report = page.run(&work.link)?;
        let result = report.of("work-stealing");
        assert_right(result, &work);
        let threads = result.lanes.iter().filter(|lane| lane.kind == "thread").count();
        assert_eq!(threads, lanes, "{:?}", result.lanes);
    }
    Ok(())
}

fn another_replaces_a_running_one(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    page.start("work=sleeping&jobs=4&millis=10000&models=sequential&place=worker")?;
    page.wait_for_phase("running", std::time::Duration::from_secs(10))?;
    let work = primes(&MODELS, "&lanes=2");
    assert_finished(&page.run(&work.link)?, &answers::every_model(page), &work);
    let first = page.started_run()?.unwrap_or_else(|reason| panic!("the first run was refused: {reason}"));
    assert_eq!(first.of("sequential").outcome, tests::report::Outcome::Stopped);
    Ok(())
}

fn below_a_path_of_a_site(bench: &Bench) -> Result<()> {
    let page = bench.open(tests::server::Site::project()?.below("/articles/interleave/"))?;
    let work = primes(&MODELS, "&lanes=2");
    assert_finished(&page.run(&work.link)?, &answers::every_model(page), &work);
    Ok(())
}
