//! What the cases stand on, checked on small pages of its own: a harness that sees no error would pass everything.

use crate::bench::{Bench, Case};
use serde_json::{Value, json};
use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    time::{Duration, Instant},
};
use tests::{
    browser::Kind,
    client::key,
    error::{Error, Result},
    memory::Footprint,
    page::Page,
    server::{Fault, Headers, Site},
};

pub const CASES: &[Case] = &[
    Case::new("harness::console_errors_are_found", &[Kind::CHROMIUM, Kind::FIREFOX], console_errors_are_found),
    Case::new("harness::headers_decide_isolation", &Kind::ALL, headers_decide_isolation),
    Case::new("harness::faults_spoil_files", &Kind::ALL, faults_spoil_files),
    Case::new("harness::two_names_are_two_sites", &Kind::ALL, two_names_are_two_sites),
    Case::new("harness::keys_reach_the_page", &Kind::ALL, keys_reach_the_page),
    Case::new("harness::waits_and_rejections_explain_themselves", &Kind::ALL, waits_and_rejections_explain_themselves),
    Case::new("harness::a_panic_leaves_no_process_behind", &Kind::ALL, a_panic_leaves_no_process_behind),
];

fn console_errors_are_found(bench: &Bench) -> Result<()> {
    bench.expect_errors();
    let server = Site::default()
        .with_page("/", "<!doctype html><title>quiet</title><script>console.log('all is well')</script>")
        .with_page("/logs.html", "<!doctype html><script>console.error('fault of the page')</script>")
        .with_page("/throws.html", "<!doctype html><script>nothingOfThisName()</script>")
        .serve()?;
    Page::open(bench.session(), &server.url(""))?;
    assert_eq!(bench.session().console_errors(), Vec::<String>::new());
    for (path, part) in [("logs.html", "fault of the page"), ("throws.html", "nothingOfThisName")] {
        Page::open(bench.session(), &server.url(path))?;
        let began = Instant::now();
        let mut seen = bench.session().console_errors();
        while seen.is_empty() && began.elapsed() < Duration::from_secs(5) {
            seen = bench.session().console_errors();
        }
        assert!(seen.iter().any(|line| line.contains(part)), "{path}: {part} is not in {seen:?}");
    }
    Ok(())
}

fn headers_decide_isolation(bench: &Bench) -> Result<()> {
    let page = "<!doctype html><title>headers</title>";
    let isolating = Headers::none()
        .and("Cross-Origin-Opener-Policy", "same-origin")
        .and("Cross-Origin-Embedder-Policy", "require-corp");
    for (headers, expected) in [(isolating, true), (Headers::none(), false)] {
        let server = Site::default().with_page("/", page).with_headers(headers.clone()).serve()?;
        let opened = Page::open(bench.session(), &server.url(""))?;
        let isolated: bool = opened.evaluate("return window.crossOriginIsolated", Value::Null)?;
        assert_eq!(isolated, expected, "{headers:?}");
    }
    Ok(())
}

fn faults_spoil_files(bench: &Bench) -> Result<()> {
    bench.expect_errors();
    let server = Site::default()
        .with_page("/", "<!doctype html><title>faults</title>")
        .with_page("/whole.txt", "0123456789")
        .with_page("/cut.txt", "0123456789")
        .with_page("/gone.txt", "0123456789")
        .with_page("/late.txt", "0123456789")
        .with_fault("cut", Fault::Truncated(4))
        .with_fault("gone", Fault::Missing)
        .with_fault("late", Fault::Delayed(Duration::from_millis(300)))
        .serve()?;
    let page = Page::open(bench.session(), &server.url(""))?;
    let script = "const began = performance.now();
                  const answer = await fetch(arguments[0]);
                  return [answer.status, await answer.text(), performance.now() - began]";
    let fetch = |path: &str| page.evaluate_async::<(u16, String, f64)>(script, json!(path));
    assert_eq!(fetch("whole.txt")?.1, "0123456789");
    assert_eq!(fetch("cut.txt")?.1, "0123");
    assert_eq!(fetch("gone.txt")?.0, 404);
    assert!(fetch("late.txt")?.2 >= 299.0);
    assert!(server.asked().contains(&"/gone.txt".to_owned()));
    Ok(())
}

fn two_names_are_two_sites(bench: &Bench) -> Result<()> {
    let inner = Site::default().with_page("/", "<!doctype html><title>inner</title><p>inside").serve()?;
    let host = format!("<!doctype html><title>host</title><iframe src='{}'></iframe>", inner.url(""));
    let outer = Site::default().with_page("/", &host).serve()?;
    let page = Page::open(bench.session(), &outer.url_of_other_site(""))?;
    bench.session().client.enter_frame("iframe")?;
    let (origin, text): (String, String) =
        page.evaluate("return [location.origin + '/', document.body.innerText.trim()]", Value::Null)?;
    assert_eq!((origin, text.as_str()), (inner.url(""), "inside"));
    bench.session().client.leave_frames()?;
    let reachable: bool = page.evaluate(
        "try { return Boolean(document.querySelector('iframe').contentWindow.document) } catch { return false }",
        Value::Null,
    )?;
    assert!(!reachable, "the frame's document is within reach, so both are one origin");
    Ok(())
}

fn keys_reach_the_page(bench: &Bench) -> Result<()> {
    let server = Site::default()
        .with_page(
            "/",
            "<!doctype html><title>keys</title><button>first</button><button id=wanted>second</button>
             <script>wanted.onclick = () => document.title = 'pressed'</script>",
        )
        .serve()?;
    let page = Page::open(bench.session(), &server.url(""))?;
    page.tab_to("#wanted")?;
    bench.session().client.press(&[key::ENTER])?;
    page.wait_for(
        "the button to be pressed",
        Duration::from_secs(5),
        "return document.title === 'pressed'",
        Value::Null,
    )
}

fn waits_and_rejections_explain_themselves(bench: &Bench) -> Result<()> {
    let server = Site::default()
        .with_page("/", "<!doctype html><html data-phase=loading><p data-part=status>Still at it</p>")
        .serve()?;
    let page = Page::open(bench.session(), &server.url(""))?;
    let error = page.wait_for_phase("ready", Duration::from_millis(100)).expect_err("the phase never comes");
    let text = error.to_string();
    for part in ["the phase ready", "status: Still at it", "phase: loading"] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    let rejected = page.evaluate_async::<Value>("throw new Error('no such model')", Value::Null);
    assert!(matches!(&rejected, Err(Error::Script(message)) if message == "no such model"), "{rejected:?}");
    Ok(())
}

fn a_panic_leaves_no_process_behind(bench: &Bench) -> Result<()> {
    if Footprint::of(&bench.session().driver).is_none() {
        return Err(Error::Missing("there is no /proc here, so nobody knows which processes live".into()));
    }
    let kind = bench.session().kind;
    let mut left = None;
    let panic = catch_unwind(AssertUnwindSafe(|| -> Result<()> {
        let session = tests::session::Session::start(kind)?;
        left = Some((session.driver.folder().to_owned(), session.driver.group()));
        let before = Footprint::of(&session.driver).unwrap_or_default();
        assert!(before.processes >= 2, "driver and browser are more than {before:?}");
        // Not `panic!`: nobody needs to read about this one.
        resume_unwind(Box::new("a case that panics"))
    }));
    assert!(panic.is_err(), "{panic:?}");
    let (folder, group) = left.expect("the session was started");
    assert!(!folder.exists(), "{} is still there", folder.display());
    assert_eq!(Footprint::of_group(group, &folder), Some(Footprint::default()));
    Ok(())
}
