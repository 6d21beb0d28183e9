//! In a frame of somebody else's page.

use crate::{
    answers::{MODELS, assert_finished, every_model, primes},
    bench::{Bench, Case, HONEST, SHARING},
    not_isolated::threads_are_missing,
};
use tests::{
    browser::Browser,
    error::Result,
    page::Page,
    server::{Headers, Site},
};

pub const CASES: &[Case] = &[
    Case::new("embedded::in_a_plain_page", HONEST, in_a_plain_page),
    Case::new("embedded::in_an_isolated_page", SHARING, in_an_isolated_page),
];

/// Only Chromium isolates a frame whose host does nothing for it, by Document-Isolation-Policy.
fn in_a_plain_page(bench: &Bench) -> Result<()> {
    let page = embed(bench, Headers::none(), "")?;
    match bench.browser() {
        Browser::Chromium => all_run(page),
        Browser::Firefox | Browser::WebKit => threads_are_missing(page),
    }
}

fn in_an_isolated_page(bench: &Bench) -> Result<()> {
    let headers = Headers::of_the_project()?.only(&["Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy"]);
    let page = embed(bench, headers, "allow='cross-origin-isolated'")?;
    all_run(page)
}

fn all_run(page: Page) -> Result<()> {
    let environment = page.environment()?;
    assert_eq!(environment.engine, "threads", "{environment:?}");
    let work = primes(&MODELS, "&lanes=2");
    assert_finished(&page.run(&work.link)?, &every_model(page), &work);
    Ok(())
}

/// Opens a page of another site that holds the project's in a frame, and enters the frame.
fn embed<'a>(bench: &'a Bench, headers: Headers, attributes: &str) -> Result<Page<'a>> {
    let inner = bench.serve(Site::project()?)?;
    let host = format!(
        "<!doctype html><title>an article</title><p>Somebody's article.
         <iframe width=640 height=360 {attributes} src='{}'></iframe>",
        inner.url("")
    );
    let outer = bench.serve(Site::default().with_page("/", &host).with_headers(headers))?;
    Page::open(bench.session(), &outer.url_of_other_site(""))?;
    bench.session().client.enter_frame("iframe")?;
    let page = Page::in_frame(bench.session()).ready()?;
    Ok(page)
}
