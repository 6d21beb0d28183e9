//! Stopping, in each state a run can be in.

use crate::{
    answers::{assert_finished, can_run, every_model, models_that, primes},
    bench::{Bench, Case, SHARING, WITHOUT_SHARING},
};
use catalog::Home;
use std::{thread, time::Duration};
use tests::{error::Result, page::Page, report::Outcome, server::Site};

pub const CASES: &[Case] = &[
    Case::new("stop::while_idle", SHARING, while_idle),
    Case::new("stop::while_starting", SHARING, while_starting),
    Case::new("stop::while_computing", SHARING, while_computing),
    Case::new("stop::while_waiting", SHARING, while_waiting),
    Case::new("stop::without_shared_memory", WITHOUT_SHARING, without_shared_memory),
    Case::new("stop::on_the_page", SHARING, on_the_page),
    Case::new("stop::leaving_the_page_ends_everything", SHARING, leaving_the_page_ends_everything),
];

/// The grace a run has to notice, and what the slowest browser then takes to end a busy one.
pub const STOP_LIMIT: Duration = Duration::from_secs(8);

const COMPUTING: &str = "work=primes&jobs=4&size=10000000&lanes=2&place=worker";
const WAITING: &str = "work=sleeping&jobs=4&millis=10000&lanes=2&place=worker";

fn while_idle(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let took = page.stop()?;
    assert!(took < STOP_LIMIT, "{took:?}");
    the_next_run_is_right(page)
}

fn while_starting(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    for model in every_model(page) {
        // Another number of lanes needs another engine, so that there is a start to interrupt.
        page.start(&format!("{COMPUTING}&lanes=3&models={model}"))?;
        stop_and_check(page, model)?;
    }
    the_next_run_is_right(page)
}

fn while_computing(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    stop_each(page, COMPUTING)
}

fn while_waiting(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    stop_each(page, WAITING)
}

fn without_shared_memory(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let models = models_that(can_run(page, false));
    let work = primes(&models, "&lanes=2");
    for model in &models {
        for link in [COMPUTING, WAITING] {
            stop_in_the_middle(page, link, model)?;
        }
        assert_finished(&page.run(&work.link)?, &models, &work);
    }
    Ok(())
}

fn on_the_page(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    for model in models_that(|model| model.home == Home::Loop && can_run(page, true)(model)) {
        for link in [COMPUTING, WAITING] {
            stop_in_the_middle(page, &link.replace("place=worker", "place=page"), model)?;
        }
    }
    the_next_run_is_right(page)
}

fn leaving_the_page_ends_everything(bench: &Bench) -> Result<()> {
    let server = bench.serve(Site::project()?)?;
    let page = Page::open(bench.session(), &server.url(""))?.ready()?;
    page.start(&format!("{COMPUTING}&models=work-stealing"))?;
    page.wait_for_phase("running", Duration::from_secs(10))?;
    thread::sleep(Duration::from_millis(300));
    // Another document of the same origin sees the same locks.
    let other = Page::open(bench.session(), &server.url("empty.html"))?;
    other.wait_for_no_locks_of_origin(STOP_LIMIT)
}

fn stop_each(page: Page, link: &str) -> Result<()> {
    for model in every_model(page) {
        stop_in_the_middle(page, link, model)?;
        run_and_rest(page, &[model, "sequential"])?;
    }
    the_next_run_is_right(page)
}

fn stop_in_the_middle(page: Page, link: &str, model: &str) -> Result<()> {
    page.start(&format!("{link}&models={model}"))?;
    page.wait_for_phase("running", Duration::from_secs(10))?;
    // Long enough to be in the midst of it, engine started and all, on a machine that does other things too.
    thread::sleep(Duration::from_millis(500));
    stop_and_check(page, model)
}

fn stop_and_check(page: Page, model: &str) -> Result<()> {
    let took = page.stop()?;
    assert!(took < STOP_LIMIT, "{model} stopped after {took:?}");
    page.wait_for_phase("ready", Duration::from_secs(1))?;
    let report = page.started_run()?.unwrap_or_else(|reason| panic!("{model} was refused: {reason}"));
    assert_eq!(report.of(model).outcome, Outcome::Stopped, "{:?}", report.of(model));
    Ok(())
}

pub fn the_next_run_is_right(page: Page) -> Result<()> {
    run_and_rest(page, &every_model(page))
}

fn run_and_rest(page: Page, models: &[&str]) -> Result<()> {
    let work = primes(models, "&lanes=2");
    assert_finished(&page.run(&work.link)?, models, &work);
    page.wait_for_rest(4, STOP_LIMIT)
}
