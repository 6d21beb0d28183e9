//! Pages that jobs fetch: really through the service worker where there is one, by timers and labelled so where there is
//! none.

use crate::{
    answers::{Work, assert_right, can_run, every_model, models_that},
    bench::{Bench, Case, HONEST, SHARING},
    stop::the_next_run_is_right,
};
use serde_json::{Value, json};
use tests::{
    browser::Browser,
    error::Result,
    page::Page,
    report::Outcome,
    server::{Headers, Site},
};

pub const CASES: &[Case] = &[
    Case::new("pages::every_request_goes_to_the_service_worker", SHARING, every_request_goes_to_the_service_worker),
    Case::new("pages::without_shared_memory_and_below_a_path", HONEST, without_shared_memory_and_below_a_path),
    Case::new("pages::timers_stand_in_and_say_so", SHARING, timers_stand_in_and_say_so),
    Case::new("pages::a_missing_service_worker", SHARING, a_missing_service_worker),
    Case::new("pages::a_page_that_does_not_come", SHARING, a_page_that_does_not_come),
    Case::new("pages::other_requests_are_left_alone", SHARING, other_requests_are_left_alone),
];

/// Before the service worker's own script: what it has been asked for, for whoever asks.
const WITNESS: &str = "const seen = [];
    addEventListener('fetch', ({ request }) => seen.push(request.url));
    addEventListener('message', ({ data, source }) => data === 'seen?' && source.postMessage(seen));";

/// What the service worker has been asked for since it was started.
fn seen(page: Page) -> Result<Vec<String>> {
    let script = "const { serviceWorker } = navigator;
                  const answer = new Promise((resolve) => serviceWorker.addEventListener('message', resolve, { once: true }));
                  serviceWorker.startMessages();
                  serviceWorker.controller.postMessage('seen?');
                  return (await answer).data";
    page.evaluate_async(script, Value::Null)
}

/// Each of four jobs fetches two pages, on which 250 items stand.
fn fetching(models: &[&str], place: &str) -> Work {
    let on_page = |page: u64| (1..=250).map(|item| item * (page + item)).sum::<u64>();
    let link = format!("work=fetch&jobs=4&pages=2&millis=20&lanes=2&place={place}&models={}", models.join(","));
    Work { link, answer: (0..8).map(on_page).sum() }
}

/// Runs it and looks at answers and labels.
fn run(page: Page, work: &Work, models: &[&str], label: &str, words: &str) -> Result<()> {
    let report = page.run(&work.link)?;
    for model in models {
        assert_right(report.of(model), work);
        assert_eq!(report.of(model).pages.as_deref(), Some(label), "{model} on {}", work.link);
    }
    let shown = page.text("[data-part='pages']")?;
    assert!(shown.contains(words), "the page says {shown:?}");
    Ok(())
}

const SERVED: [&str; 2] = ["service-worker", "fetched through the service worker"];
const TIMED: [&str; 2] = ["timers", "timers in place of fetch"];

fn every_request_goes_to_the_service_worker(bench: &Bench) -> Result<()> {
    let server = bench.serve(Site::project()?.with_probe("/service-worker.js", WITNESS)?)?;
    let page = Page::open(bench.session(), &server.url(""))?.ready()?;
    let all = every_model(page);
    let on_loops = models_that(|model| model.home == catalog::Home::Loop && can_run(page, true)(model));
    run(page, &fetching(&all, "worker"), &all, SERVED[0], SERVED[1])?;
    run(page, &fetching(&on_loops, "page"), &on_loops, SERVED[0], SERVED[1])?;
    let asked: Vec<String> = seen(page)?.into_iter().filter(|url| url.contains("/page.txt")).collect();
    // Every page once for each model, whatever else found out whether anybody answers.
    for number in 0..8 {
        let requests = asked.iter().filter(|url| url.ends_with(&format!("page={number}&millis=20"))).count();
        assert_eq!(requests, all.len() + on_loops.len(), "page {number} in {asked:?}");
    }
    // WebKit lets the first requests of a new process past; the process has them made once more.
    let on_server = server.asked().into_iter().filter(|path| path.contains("page.txt")).count();
    assert!(on_server == 0 || bench.browser() == Browser::WebKit, "{on_server} requests went past the service worker");
    // Reading what has been fetched, in both flavours of the engine.
    let link = "work=fetch-parse&jobs=2&millis=5&times=50&place=worker&models=threads-gil,processes,event-loop";
    let report = page.run(link)?;
    let on_page = |page: u64| (1..=250).map(|item| item * (page + item)).sum::<u64>();
    for model in ["threads-gil", "processes", "event-loop"] {
        let work = Work { link: link.into(), answer: 51 * (on_page(0) + on_page(1)) };
        assert_right(report.of(model), &work);
    }
    Ok(())
}

fn without_shared_memory_and_below_a_path(bench: &Bench) -> Result<()> {
    let site = Site { headers: Headers::none(), ..Site::project()? }.below("/some/where/");
    let server = bench.serve(site)?;
    let page = Page::open(bench.session(), &server.url(""))?.ready()?;
    let models = models_that(can_run(page, false));
    for place in ["worker", "page"] {
        run(page, &fetching(&models, place), &models, SERVED[0], SERVED[1])?;
    }
    Ok(())
}

fn timers_stand_in_and_say_so(bench: &Bench) -> Result<()> {
    let refuse = "Object.defineProperty(navigator, 'serviceWorker', { value: undefined });";
    let page = bench.open(Site::project()?.with_probe("/registration.js", refuse)?)?;
    let all = every_model(page);
    run(page, &fetching(&all, "worker"), &all, TIMED[0], TIMED[1])?;
    page.evaluate::<Value>("document.querySelector(\"[data-part='language']\").click()", Value::Null)?;
    let shown = page.text("[data-part='pages']")?;
    assert!(shown.contains("定时器"), "in Chinese the page says {shown:?}");
    Ok(())
}

fn a_missing_service_worker(bench: &Bench) -> Result<()> {
    // The browser says that there was no script to register.
    bench.expect_errors();
    let page = bench.open(Site::project()?.with_fault("service-worker.js", tests::server::Fault::Missing))?;
    let models = ["threads-free", "event-loop"];
    run(page, &fetching(&models, "worker"), &models, TIMED[0], TIMED[1])
}

/// A page that is another, and one that does not come at all: the run fails and says which, and the next one is right.
fn a_page_that_does_not_come(bench: &Bench) -> Result<()> {
    bench.expect_errors();
    for answer in ["new Response('nonsense')", "Response.error()"] {
        let spoil = format!(
            "addEventListener('fetch', (event) => {{
                if (!event.request.url.includes('page=3&')) return;
                event.stopImmediatePropagation();
                event.respondWith({answer});
            }});"
        );
        let page = bench.open(Site::project()?.with_probe("/service-worker.js", &spoil)?)?;
        let models = ["sequential", "threads-gil", "thread-pool", "processes", "event-loop"];
        let report = page.run(&fetching(&models, "worker").link)?;
        for model in models {
            let result = report.of(model);
            assert_eq!(result.outcome, Outcome::Failed, "{model}: {result:?}");
            let reason = result.reason.clone().unwrap_or_default();
            assert!(reason.contains("page 3 could not be fetched"), "{model}: {reason}");
            let row = format!("[data-part='result'][data-model='{model}'] .row-details");
            let told: bool =
                page.evaluate("return document.querySelector(arguments[0]).innerText.trim().length > 12", json!(row))?;
            assert!(told, "the row of {model} says nothing");
        }
        the_next_run_is_right(page)?;
    }
    Ok(())
}

/// What is no page goes to the server as if there were no service worker.
fn other_requests_are_left_alone(bench: &Bench) -> Result<()> {
    let server = bench.serve(Site::project()?)?;
    let page = Page::open(bench.session(), &server.url(""))?.ready()?;
    run(page, &fetching(&["event-loop"], "page"), &["event-loop"], SERVED[0], SERVED[1])?;
    // The page itself fetches the engine's code meanwhile, when it has nothing else to do.
    let times_asked = || server.asked().iter().filter(|path| *path == "/manifest.json").count();
    let before = times_asked();
    let script = "const answer = await fetch(arguments[0]); return [answer.status, await answer.text()]";
    let (status, text): (u16, String) = page.evaluate_async(script, json!("manifest.json"))?;
    assert_eq!((status, text.contains("engine")), (200, true), "{text}");
    assert_eq!(times_asked(), before + 1, "{:?}", server.asked());
    let kept: Vec<String> = page.evaluate_async("return await caches.keys()", Value::Null)?;
    assert_eq!(kept, Vec::<String>::new());
    Ok(())
}
