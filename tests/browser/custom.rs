//! Jobs that the reader writes himself.

use crate::{
    answers::{Work, assert_right, models_that},
    bench::{Bench, Case, SHARING},
};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{error::Result, page::Page};

pub const CASES: &[Case] = &[
    Case::new("custom::every_model_that_shares_runs_them", SHARING, every_model_that_shares_runs_them),
    Case::new(
        "custom::what_is_typed_is_taken_once_it_can_be_read",
        SHARING,
        what_is_typed_is_taken_once_it_can_be_read,
    ),
];

/// Two jobs that add under a lock, count primes and wait.
fn every_model_that_shares_runs_them(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let can_run = crate::answers::can_run(page, true);
    let models = models_that(|model| model.shares_memory && can_run(model));
    let script = "2+x+repeat+20+%7B+lock+a;+load+n;+call;+add+1;+store+n;+unlock+a+%7D;+compute+20000;+wait+5+ms";
    let link = format!("work=custom&script={script}&repeats=1&place=worker&models={}", models.join(","));
    // Forty additions, 2262 primes twice, two waits.
    let work = Work { link, answer: 40 + 2 * 2262 + 2 };
    let report = page.run(&work.link)?;
    models.iter().for_each(|model| assert_right(report.of(model), &work));
    // Jobs that share nothing can be processes.
    let link = "work=custom&script=3+x+compute+20000&repeats=1&models=sequential,processes".to_owned();
    let work = Work { link, answer: 3 * 2262 };
    let report = page.run(&work.link)?;
    ["sequential", "processes"].iter().for_each(|model| assert_right(report.of(model), &work));
    Ok(())
}

fn type_in(page: Page, text: &str) -> Result<()> {
    let script = "const area = document.querySelector('textarea[name=script]');
                  area.value = arguments[0];
                  area.dispatchEvent(new InputEvent('input', { bubbles: true }))";
    page.evaluate::<Value>(script, json!(text)).map(drop)
}

fn what_is_typed_is_taken_once_it_can_be_read(bench: &Bench) -> Result<()> {
    let server = bench.serve(tests::server::Site::project()?)?;
    let url = server.url("?work=custom&script=wait+5+ms&models=sequential&repeats=1");
    let page = Page::open(bench.session(), &url)?.ready()?;
    let limit = Duration::from_secs(5);
    let has = "return document.querySelector(arguments[0]).textContent.includes(arguments[1])";
    type_in(page, "wait 5 ms\nwait soon")?;
    page.wait_for("the place of the error", limit, has, json!(["[data-part='script-error']", "ine 2, column 6"]))?;
    let is_marked: bool =
        page.evaluate("return document.querySelector('textarea').ariaInvalid === 'true'", Value::Null)?;
    assert!(is_marked, "the field does not say that its text is wrong");
    // What could be read before is what still runs.
    assert_eq!(page.run_what_is_shown()?.of("sequential").number(), Some(1.0));
    type_in(page, "3 x wait 2 ms")?;
    let in_address = "return location.search.includes('script=3+x+wait+2+ms&')";
    page.wait_for("the link of the new jobs", limit, in_address, Value::Null)?;
    assert_eq!(page.text("[data-part='script-error']")?, "");
    assert_eq!(page.run_what_is_shown()?.of("sequential").number(), Some(3.0));
    Ok(())
}
