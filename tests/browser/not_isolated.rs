//! Without shared memory: threads say why they are missing, and the rest runs.

use crate::{
    answers::{MODELS, assert_finished, can_run, models_that, primes, sleeping},
    bench::{Bench, Case, HONEST, WITHOUT_SHARING},
};
use serde_json::{Value, json};
use tests::{
    error::Result,
    page::Page,
    report::Outcome,
    server::{Headers, Site},
};

pub const CASES: &[Case] = &[
    Case::new("not_isolated::a_host_without_headers", HONEST, a_host_without_headers),
    Case::new("not_isolated::a_browser_without_shared_memory", WITHOUT_SHARING, a_browser_without_shared_memory),
    Case::new("not_isolated::one_header_is_not_enough", HONEST, one_header_is_not_enough),
];

fn a_host_without_headers(bench: &Bench) -> Result<()> {
    let page = bench.open(Site::project()?.with_headers(Headers::none()))?;
    assert!(!page.environment()?.isolated);
    threads_are_missing(page)
}

fn one_header_is_not_enough(bench: &Bench) -> Result<()> {
    let headers = Headers::of_the_project()?.only(&["Cross-Origin-Opener-Policy"]);
    let page = bench.open(Site::project()?.with_headers(headers))?;
    threads_are_missing(page)
}

fn a_browser_without_shared_memory(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    threads_are_missing(page)
}

pub fn threads_are_missing(page: Page) -> Result<()> {
    let environment = page.environment()?;
    assert!(!environment.shared_memory, "{environment:?}");
    assert_eq!(environment.engine, "plain", "{environment:?}");
    let others = models_that(can_run(page, false));
    let missing = models_that(|model| !can_run(page, false)(model));
    assert_eq!(environment.models.len(), MODELS.len(), "{environment:?}");
    for row in &environment.models {
        assert_eq!(row.available, !missing.contains(&row.model.as_str()), "{row:?}");
        assert_eq!(row.reason.is_some(), !row.available, "{row:?}");
    }
    for work in [primes(&MODELS, "&lanes=2&place=worker"), sleeping(&MODELS, "&lanes=2&place=page")] {
        let report = page.run(&work.link)?;
        assert_finished(&report, &others, &work);
        for model in &missing {
            let threads = report.of(model);
            assert_eq!(threads.outcome, Outcome::Unavailable, "{threads:?}");
            let reason = threads.reason.clone().unwrap_or_default();
            assert!(!reason.trim().is_empty(), "unavailable without a reason");
            let row = format!("[data-part='result'][data-model='{model}']");
            let outcome: Value = page.evaluate(
                "const row = document.querySelector(arguments[0]); return row && row.dataset.outcome",
                json!(row),
            )?;
            assert_eq!(outcome, json!("unavailable"));
            // The page says it in words of its own, in the reader's language.
            let text = page.text(&format!("{row} .row-details"))?;
            assert!(text.chars().count() >= 12, "the row of {model} gives as its reason {text:?}");
        }
    }
    Ok(())
}
