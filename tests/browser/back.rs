//! A browser may keep a page that was left, whole, and show it again when the reader comes back.

use crate::{
    answers::{assert_finished, primes},
    bench::{Bench, Case, SHARING},
};
use serde_json::Value;
use std::time::Duration;
use tests::{error::Result, page::Page, server::Site};

pub const CASES: &[Case] = &[
    Case::new("back::a_page_that_was_left_at_rest_runs_again", SHARING, left_at_rest),
    Case::new("back::a_page_that_was_left_in_a_run_runs_again", SHARING, left_in_a_run),
    Case::new("back::a_page_that_was_kept_in_a_run_runs_again", SHARING, kept_in_a_run),
];

const SOON: Duration = Duration::from_secs(10);

fn left_at_rest(bench: &Bench) -> Result<()> {
    let server = bench.serve(Site::project()?)?;
    let page = Page::open(bench.session(), &server.url(""))?.ready()?;
    runs(page)?;
    go_and_come_back(bench, page)?;
    runs(page)
}

fn left_in_a_run(bench: &Bench) -> Result<()> {
    let server = bench.serve(Site::project()?)?;
    let page = Page::open(bench.session(), &server.url(""))?.ready()?;
    start_long_run(page)?;
    go_and_come_back(bench, page)?;
    runs(page)
}

/// Whether a browser keeps a page is up to it, so its part is played as well: the page hears what it would hear.
fn kept_in_a_run(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    start_long_run(page)?;
    tell(page, "pagehide")?;
    page.wait_for_no_locks_of_origin(SOON)?;
    tell(page, "pageshow")?;
    page.wait_for_phase("ready", SOON)?;
    page.started_run()?.expect("a run that was left ends with its report");
    runs(page)
}

fn start_long_run(page: Page) -> Result<()> {
    page.start("work=primes&jobs=4&size=10000000&models=threads-free&lanes=2")?;
    page.wait_for_phase("running", SOON)
}

fn runs(page: Page) -> Result<()> {
    let models = ["threads-free", "processes", "event-loop"];
    let work = primes(&models, "&lanes=2");
    assert_finished(&page.run(&work.link)?, &models, &work);
    Ok(())
}

/// Leaves as a link does, for a page that the driver leads elsewhere is never kept, and says whether this one was.
fn go_and_come_back(bench: &Bench, page: Page) -> Result<()> {
    page.evaluate::<Value>("window.isTheSame = true; setTimeout(() => location.href = 'empty.html')", Value::Null)?;
    page.wait_for("the other page", SOON, "return location.pathname.endsWith('empty.html')", Value::Null)?;
    page.wait_for_no_locks_of_origin(SOON)?;
    page.evaluate::<Value>("setTimeout(() => history.back())", Value::Null)?;
    let is_back = "return !location.pathname.endsWith('empty.html') && document.readyState === 'complete'";
    page.wait_for("the way back", SOON, is_back, Value::Null)?;
    page.ready()?;
    // Only Chromium says why.
    let how: String = page.evaluate(
        "if (window.isTheSame) return 'kept the page';
         const { reasons } = performance.getEntriesByType('navigation')[0].notRestoredReasons ?? {};
         return `loaded the page anew: ${reasons?.map(({ reason }) => reason) ?? 'it does not say why'}`",
        Value::Null,
    )?;
    println!("{} {how}", bench.session().kind.name());
    Ok(())
}

fn tell(page: Page, event: &str) -> Result<()> {
    let script = "dispatchEvent(new PageTransitionEvent(arguments[0], { persisted: true }))";
    page.evaluate::<Value>(script, event.into()).map(drop)
}
