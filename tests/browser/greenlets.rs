//! Two stacks that switch in ordinary calls, where the browser can suspend wasm.

use crate::{
    answers::{assert_right, assert_sound, primes, sleeping},
    bench::{Bench, Case, HONEST, SHARING},
    stop::{STOP_LIMIT, the_next_run_is_right},
    workloads::{deadlocks_and_ends, finished, smallest},
};
use catalog::{ModelId, WORKLOADS, WorkloadId};
use std::time::Duration;
use tests::{
    browser::Browser,
    error::Result,
    page::Page,
    report::{Outcome, shared_nanos},
    server::{Headers, Site},
};

pub const CASES: &[Case] = &[
    Case::new("greenlets::two_take_turns", SHARING, two_take_turns),
    Case::new("greenlets::one_waits_while_another_runs", SHARING, one_waits_while_another_runs),
    Case::new("greenlets::every_workload", SHARING, every_workload),
    Case::new("greenlets::as_many_as_there_may_be", SHARING, as_many_as_there_may_be),
    Case::new("greenlets::without_isolation", HONEST, without_isolation),
];

const PLACES: [&str; 2] = ["worker", "page"];

fn two_take_turns(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let greenlets = page.greenlets()?;
    if bench.browser() == Browser::WebKit {
        assert!(!greenlets.available, "{greenlets:?}");
        assert!(greenlets.reason.is_some_and(|reason| !reason.is_empty()), "unavailable without a reason");
        return Ok(());
    }
    assert!(greenlets.available, "{greenlets:?}");
    // Each is set aside in the middle of a call, and goes on there after the other has had its turn.
    let expected = [
        "first begins",
        "first switches",
        "second begins",
        "second switches",
        "first goes on",
        "first ends after 3 calls",
        "second goes on",
        "second ends after 3 calls",
    ];
    assert_eq!(greenlets.log.unwrap_or_default(), expected);
    assert!(page.environment()?.jspi);
    Ok(())
}

/// In WebKit the row says why the model is missing, and there is nothing more to try.
fn is_missing(bench: &Bench, page: Page) -> Result<bool> {
    if bench.browser() != Browser::WebKit {
        return Ok(false);
    }
    let result = page.run("work=primes&jobs=2&size=1000&models=greenlets")?;
    assert_eq!(result.of("greenlets").outcome, Outcome::Unavailable);
    assert_eq!(result.of("greenlets").reason.as_deref(), Some("needs suspending wasm calls (JSPI)"));
    let text = page.text("[data-part='result'][data-model='greenlets'] .row-details")?;
    assert!(text.contains("Promise Integration"), "the row says {text:?}");
    Ok(true)
}

/// The calls that run a job are ordinary ones; while one waits in their midst, another computes.
fn one_waits_while_another_runs(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    if is_missing(bench, page)? {
        return Ok(());
    }
    for place in PLACES {
        let link = format!("work=integral&jobs=3&slices=20000000&millis=10&models=greenlets&place={place}");
        let result = page.run(&link)?.of("greenlets").clone();
        assert_eq!(result.outcome, Outcome::Finished, "{:?}", result.reason);
        assert_eq!(result.place.as_deref(), Some(place));
        assert_sound(&result);
        let (waiting, computing) = (result.lanes_in("greenlet", "waiting"), result.lanes_in("greenlet", "computing"));
        assert_eq!((waiting.len(), computing.len()), (3, 3), "{:?}", result.lanes);
        // The first has written its result and waits for that, while the last computes.
        assert!(shared_nanos(&waiting[0], &computing[2]) > 5e6, "{waiting:?} {computing:?}");
        for pair in computing.windows(2) {
            assert!(shared_nanos(&pair[0], &pair[1]) < 1e3, "two computed at once: {pair:?}");
        }
    }
    Ok(())
}

/// The engine compares each answer with the known one.
fn every_workload(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    if is_missing(bench, page)? {
        return Ok(());
    }
    for place in PLACES {
        // Philosophers who all reach for the same side first never end.
        for workload in WORKLOADS.iter().filter(|workload| workload.id != WorkloadId::Philosophers) {
            let link = format!("{}&place={place}", smallest(workload, &["greenlets"]));
            let report = page.run(&link)?;
            finished(report.of("greenlets"), &link);
            assert_sound(report.of("greenlets"));
        }
        let link = format!("work=counter-await&jobs=2&times=1000&place={place}&models=greenlets");
        let report = page.run(&link)?;
        let result = report.of("greenlets");
        // Each switches between reading and writing, and so overwrites what the other has written.
        assert_eq!((finished(result, &link), result.lost_updates), (1000.0, 1000.0), "{place}");
    }
    deadlocks_and_ends(page, "greenlets")?;
    the_next_run_is_right(page)
}

fn as_many_as_there_may_be(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    if is_missing(bench, page)? {
        return Ok(());
    }
    let most = ModelId::Greenlets.row().most_jobs.expect("the catalog limits stacks");
    for place in PLACES {
        let link = format!("work=sleeping&jobs={most}&millis=300&models=greenlets&place={place}");
        let report = page.run(&link)?;
        assert_eq!(finished(report.of("greenlets"), &link), f64::from(most), "{place}");
    }
    let report = page.run(&format!("work=sleeping&jobs={}&millis=300&models=greenlets", most + 1))?;
    assert_eq!(report.of("greenlets").outcome, Outcome::Unavailable, "{:?}", report.of("greenlets"));
    // Stopping lets every one of them come to its end.
    for place in PLACES {
        page.start(&format!("work=sleeping&jobs={most}&millis=10000&models=greenlets&place={place}"))?;
        page.wait_for_phase("running", Duration::from_secs(10))?;
        let took = page.stop()?;
        assert!(took < STOP_LIMIT, "{took:?}");
    }
    the_next_run_is_right(page)
}

fn without_isolation(bench: &Bench) -> Result<()> {
    let page = bench.open(Site::project()?.with_headers(Headers::none()))?;
    if is_missing(bench, page)? {
        return Ok(());
    }
    for place in PLACES {
        for work in [primes(&["greenlets"], ""), sleeping(&["greenlets"], "")] {
            let report = page.run(&format!("{}&place={place}", work.link))?;
            assert_right(report.of("greenlets"), &work);
        }
    }
    Ok(())
}
