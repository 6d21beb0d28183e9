//! Every workload in a browser, and what jobs that share do to each other.

use crate::{
    answers::{Work, assert_right, can_run, models_that},
    bench::{Bench, Case, SHARING},
    stop::{STOP_LIMIT, the_next_run_is_right},
};
use catalog::{Group, WORKLOADS, Workload};
use serde_json::json;
use std::time::Duration;
use tests::{
    error::Result,
    expected::primes_below,
    page::Page,
    report::{ModelResult, Outcome},
};

pub const CASES: &[Case] = &[
    Case::new("workloads::every_one_at_its_smallest", SHARING, every_one_at_its_smallest),
    Case::new("workloads::eight_queens", SHARING, eight_queens),
    Case::new("workloads::a_lock_loses_no_update", SHARING, a_lock_loses_no_update),
    Case::new("workloads::an_await_loses_half_of_two", SHARING, an_await_loses_half_of_two),
    Case::new("workloads::producers_and_consumers_meet", SHARING, producers_and_consumers_meet),
    Case::new("workloads::philosophers_deadlock", SHARING, philosophers_deadlock),
    Case::new("workloads::a_pool_deadlocks_on_itself", SHARING, a_pool_deadlocks_on_itself),
];

/// Four jobs with every other number at its least; the first example where the reader writes the jobs.
pub fn smallest(workload: &Workload, models: &[&str]) -> String {
    let numbers: String = match workload.params {
        [] => String::new(),
        [_, others @ ..] => {
            let others = others.iter().map(|param| format!("&{}={}", param.slug, param.min));
            format!("&jobs=4{}", others.collect::<String>())
        }
    };
    format!("work={}{numbers}&models={}", workload.slug, models.join(","))
}

#[track_caller]
pub fn finished(result: &ModelResult, link: &str) -> f64 {
    assert_eq!(result.outcome, Outcome::Finished, "{} on {link}: {:?}", result.model, result.reason);
    result.number().unwrap_or_else(|| panic!("{} on {link} gave no answer", result.model))
}

/// The engine compares each answer with the known one. One model runs in the threads flavour, the other in the plain one.
fn every_one_at_its_smallest(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    for workload in WORKLOADS.iter().filter(|workload| !matches!(workload.group, Group::Coordination | Group::Custom)) {
        let link = smallest(workload, &["sequential", "processes"]);
        let report = page.run(&link)?;
        let answers = ["sequential", "processes"].map(|model| finished(report.of(model), &link));
        assert_eq!(answers[0], answers[1], "{link}");
    }
    Ok(())
}

fn eight_queens(bench: &Bench) -> Result<()> {
    let models = ["sequential", "threads-free", "processes", "event-loop"];
    let link = format!("work=queens&jobs=4&queens=8&place=worker&models={}", models.join(","));
    let work = Work { link, answer: 92 };
    let report = bench.project()?.run(&work.link)?;
    models.iter().for_each(|model| assert_right(report.of(model), &work));
    Ok(())
}

fn a_lock_loses_no_update(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let models = models_that(|model| model.shares_memory && can_run(page, true)(model));
    let link = format!("work=counter-lock&jobs=2&times=2000&place=worker&models={}", models.join(","));
    let report = page.run(&link)?;
    for model in models {
        assert_eq!(finished(report.of(model), &link), 4000.0, "{model}");
        assert_eq!(report.of(model).lost_updates, 0.0, "{model}");
    }
    Ok(())
}

/// Two coroutines that take turns between reading and writing: each overwrites what the other has written.
fn an_await_loses_half_of_two(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    for place in ["worker", "page"] {
        let losing = ["event-loop", "task-group", "callbacks", "generators"];
        let models = losing.join(",");
        let link = format!("work=counter-await&jobs=2&times=1000&place={place}&models=sequential,{models}");
        let report = page.run(&link)?;
        for model in ["sequential"].iter().chain(&losing) {
            let (result, lost) = (report.of(model), if *model == "sequential" { 0.0 } else { 1000.0 });
            assert_eq!((finished(result, &link), result.lost_updates), (2000.0 - lost, lost), "{model}, {place}");
        }
    }
    Ok(())
}

fn producers_and_consumers_meet(bench: &Bench) -> Result<()> {
    // Both need lanes that go on while others are blocked.
    let models = ["threads-gil", "threads-free", "event-loop", "task-group", "callbacks", "generators"];
    let link = format!("work=buffer&jobs=4&items=20&capacity=2&place=worker&models={}", models.join(","));
    let report = bench.project()?.run(&link)?;
    // Two producers put 1 to 40 each: twenty for each of two consumers.
    models.iter().for_each(|model| assert_eq!(finished(report.of(model), &link), 1640.0, "{model}"));
    let link = format!("work=philosophers-ordered&jobs=4&meals=5&place=worker&models={}", models.join(","));
    let report = bench.project()?.run(&link)?;
    models.iter().for_each(|model| assert_eq!(finished(report.of(model), &link), 20.0, "{model}"));
    Ok(())
}

fn philosophers_deadlock(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    for model in ["threads-free", "threads-gil", "event-loop", "callbacks", "generators"] {
        deadlocks_and_ends(page, model)?;
        the_next_run_is_right(page)?;
    }
    Ok(())
}

fn a_pool_deadlocks_on_itself(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    // The pool comes last: what the others came to stays.
    let link =
        "work=nested&jobs=2&size=10000&lanes=2&place=worker&models=sequential,threads-gil,threads-free,thread-pool";
    page.start(link)?;
    let row = "[data-part='result'][data-model='thread-pool'][data-outcome='running'] .row-details";
    let told = "return /job 4 waits for a free thread/.test(document.querySelector(arguments[0])?.innerText)";
    page.wait_for("the page to say who waits for whom", Duration::from_secs(30), told, json!(row))?;
    page.stop()?;
    page.wait_for_phase("ready", STOP_LIMIT)?;
    let report = page.started_run()?.unwrap_or_else(|reason| panic!("{link} was refused: {reason}"));
    let answer = 2.0 * primes_below(10_000) as f64;
    for model in ["sequential", "threads-gil", "threads-free"] {
        assert_eq!(finished(report.of(model), link), answer, "{model}");
    }
    let reason = report.of("thread-pool").reason.clone().unwrap_or_default();
    assert!(reason.starts_with("deadlock; job 1 waits for job 3; job 2 waits for job 4; job 3 waits"), "{reason}");
    let link = "work=nested&jobs=2&size=10000&lanes=3&place=worker&models=thread-pool";
    assert_eq!(finished(page.run(link)?.of("thread-pool"), link), answer, "with one thread more");
    Ok(())
}

pub fn deadlocks_and_ends(page: Page, model: &str) -> Result<()> {
    page.start(&format!("work=philosophers&jobs=4&meals=1000&place=worker&models={model}"))?;
    let row = format!("[data-part='result'][data-model='{model}'][data-outcome='running'] .row-details");
    let told = "const row = document.querySelector(arguments[0]);
                return Boolean(row) && /wait/.test(row.innerText) && (row.innerText.match(/[0-9]+/g) ?? []).length >= 4";
    page.wait_for("the page to say who waits for whom", Duration::from_secs(20), told, json!(row))?;
    let took = page.stop()?;
    assert!(took < STOP_LIMIT, "the deadlock ended after {took:?}");
    page.wait_for_phase("ready", Duration::from_secs(1))?;
    let report = page.started_run()?.unwrap_or_else(|reason| panic!("{model} was refused: {reason}"));
    let result = report.of(model);
    assert_eq!(result.outcome, Outcome::Failed, "{result:?}");
    let reason = result.reason.clone().unwrap_or_default();
    // Each holds the fork on the left and waits for the one on the right, round the whole table.
    for job in 1..=4 {
        let right = job % 4 + 1;
        let wait = format!("job {job} waits for lock {right}, held by job {right}");
        assert!(reason.contains("deadlock") && reason.contains(&wait), "not “{wait}”: {reason}");
    }
    Ok(())
}
