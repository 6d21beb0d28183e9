//! What keeps people from using the page, as far as a program can find it: axe, over every state that the page can be in.

use crate::bench::{Bench, Case, SHARING};
use serde_json::{Value, json};
use std::{env, fs, path::PathBuf, time::Duration};
use tests::{
    error::{Error, Result},
    page::Page,
    server::{Headers, Site},
    session::WINDOW,
};

pub const CASES: &[Case] = &[Case::new("accessible::axe_finds_nothing", SHARING, axe_finds_nothing)];

const PHONE: (u32, u32) = (390, 844);

/// What axe objects to, a line for each element.
const FIND: &str = "
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')} (${help})`))";

fn axe_finds_nothing(bench: &Bench) -> Result<()> {
    let axe = axe()?;
    let server = bench.serve(Site::project()?)?;
    let mut found = Vec::new();
    for size in [WINDOW, PHONE] {
        bench.session().set_size(size)?;
        for (language, theme) in [("en", "light"), ("en", "dark"), ("zh", "light"), ("zh", "dark")] {
            let how = format!("{language}, {theme}, {} pixels", size.0);
            let page = Page::open(bench.session(), &server.url(""))?.ready()?;
            page.choose(language, theme)?;
            found.extend(look(page, &axe, &format!("ready, {how}"))?);
            page.run("work=primes&jobs=4&size=100000&models=sequential,threads-gil,processes,event-loop")?;
            found.extend(look(page, &axe, &format!("a result, {how}"))?);
            if theme == "light" {
                found.extend(look_at_a_deadlock(page, &axe, &how)?);
            }
        }
        let bare = bench.serve(Site::project()?.with_headers(Headers::none()))?;
        let page = Page::open(bench.session(), &bare.url("?models=work-stealing,threads-gil"))?.ready()?;
        found.extend(look(page, &axe, &format!("what is unavailable, {} pixels", size.0))?);
        let page = Page::open(bench.session(), &server.url("?work=gravity"))?.ready()?;
        found.extend(look(page, &axe, &format!("a bad link, {} pixels", size.0))?);
    }
    bench.session().set_size(WINDOW)?;
    assert!(found.is_empty(), "axe finds:\n  {}", found.join("\n  "));
    Ok(())
}

fn look_at_a_deadlock(page: Page, axe: &str, how: &str) -> Result<Vec<String>> {
    page.start("work=philosophers&models=threads-free,sequential")?;
    let deadlocked = "return document.querySelector(\"[data-part='stop']\").classList.contains('primary')";
    page.wait_for("the deadlock to be shown", Duration::from_secs(20), deadlocked, Value::Null)?;
    let found = look(page, axe, &format!("a deadlock, {how}"))?;
    page.stop()?;
    page.started_run()?.map_err(Error::Script)?;
    Ok(found)
}

fn look(page: Page, axe: &str, state: &str) -> Result<Vec<String>> {
    page.evaluate::<Value>(axe, Value::Null)?;
    let found: Vec<String> = page.evaluate_async(FIND, json!(null))?;
    Ok(found.into_iter().map(|line| format!("{state}: {line}")).collect())
}

/// The script of the version that Cargo.toml names, which `cargo xtask test` fetches.
fn axe() -> Result<String> {
    let Some(path) = env::var_os("INTERLEAVE_AXE").map(PathBuf::from) else {
        let reason = env::var("INTERLEAVE_MISSING_AXE");
        return Err(Error::Missing(reason.unwrap_or_else(|_| "INTERLEAVE_AXE does not name axe.min.js".into())));
    };
    fs::read_to_string(&path).map_err(|cause| Error::File { path, cause })
}
