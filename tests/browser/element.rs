//! `<interleave-experiment>` in somebody else's page.

use crate::{
    answers::{assert_finished, primes},
    bench::{Bench, Case, HONEST, SHARING},
};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{
    error::Result,
    page::{Page, READY_LIMIT},
    report::Report,
    server::{Headers, Server, Site, dist},
};

pub const CASES: &[Case] = &[
    Case::new("element::runs_in_a_plain_page", HONEST, runs_in_a_plain_page),
    Case::new("element::loads_nothing_before_it_is_near", SHARING, loads_nothing_before_it_is_near),
    Case::new("element::attributes_are_live", SHARING, attributes_are_live),
    Case::new("element::several_take_turns", SHARING, several_take_turns),
    Case::new("element::tells_what_happens", SHARING, tells_what_happens),
    Case::new("element::a_strict_host_gets_a_link", SHARING, a_strict_host_gets_a_link),
    Case::new("element::strangers_messages_change_nothing", SHARING, strangers_messages_change_nothing),
    Case::new("element::takes_language_and_theme", SHARING, takes_language_and_theme),
];

/// What the element may cost a host before anybody looks at it.
const EMBED_LIMIT: u64 = 15_000;

const MODELS: [&str; 3] = ["sequential", "processes", "event-loop"];

/// An article of another site with these elements in it.
fn article<'a>(bench: &'a Bench, elements: &str, headers: Headers) -> Result<(Page<'a>, std::rc::Rc<Server>)> {
    let ours = bench.serve(Site::project()?)?;
    let text = format!(
        "<!doctype html><html lang=en><title>an article</title><p>Somebody's article.
         {elements}
         <script async src='{}'></script>",
        ours.url("embed.js")
    );
    let host = bench.serve(Site::default().with_page("/", &text).with_headers(headers))?;
    let page = Page::open(bench.session(), &host.url_of_other_site(""))?;
    page.wait_for(
        "the element to be defined",
        READY_LIMIT,
        "return Boolean(customElements.get('interleave-experiment'))",
        Value::Null,
    )?;
    Ok((page, ours))
}

fn element(work: &str, attributes: &str) -> String {
    let link = work.replace("work=", "").replace('&', " ");
    let (workload, rest) = link.split_once(' ').unwrap_or((link.as_str(), ""));
    format!("<interleave-experiment workload={workload} {rest} repeats=1 {attributes}></interleave-experiment>")
}

/// Runs the element of that place and returns its report.
fn run(page: &Page, place: usize) -> Result<Report> {
    let script = "return await document.querySelectorAll('interleave-experiment')[arguments[0]].run()";
    page.evaluate_async(script, json!(place))
}

fn runs_in_a_plain_page(bench: &Bench) -> Result<()> {
    let work = primes(&MODELS, "");
    let (page, _ours) = article(bench, &element(&work.link, ""), Headers::none())?;
    assert_finished(&run(&page, 0)?, &MODELS, &work);
    // What the host's page had before it was made is still there, and nothing was added beside the element.
    assert_eq!(page.evaluate::<usize>("return document.body.querySelectorAll('*').length", Value::Null)?, 3);
    Ok(())
}

fn loads_nothing_before_it_is_near(bench: &Bench) -> Result<()> {
    let work = primes(&MODELS, "");
    let elements = format!("<div style='height: 5000px'></div>{}", element(&work.link, ""));
    let (page, ours) = article(bench, &elements, Headers::none())?;
    let asked = ours.asked();
    assert!(asked.iter().all(|path| path.ends_with("embed.js") || path.ends_with("favicon.ico")), "{asked:?}");
    let path = dist()?.join("embed.js");
    let bytes = std::fs::metadata(&path).map_or(u64::MAX, |data| data.len());
    assert!(bytes <= EMBED_LIMIT, "embed.js has {bytes} bytes");
    let before: f64 = page.evaluate("return document.documentElement.scrollHeight", Value::Null)?;
    page.evaluate::<Value>("document.querySelector('interleave-experiment').scrollIntoView()", Value::Null)?;
    let has_frame =
        "return Boolean(document.querySelector('interleave-experiment').shadowRoot.querySelector('iframe'))";
    page.wait_for("the frame to be made", READY_LIMIT, has_frame, Value::Null)?;
    // The placeholder was as high as the frame.
    assert_eq!(before, page.evaluate::<f64>("return document.documentElement.scrollHeight", Value::Null)?);
    Ok(())
}

fn attributes_are_live(bench: &Bench) -> Result<()> {
    let work = primes(&MODELS, "");
    let (page, _ours) = article(bench, &element(&work.link, ""), Headers::none())?;
    assert_finished(&run(&page, 0)?, &MODELS, &work);
    let change = "const element = document.querySelector('interleave-experiment');
                  element.setAttribute('models', 'processes');
                  element.setAttribute('jobs', '2');
                  await new Promise(requestAnimationFrame);
                  const report = await element.run();
                  return [report.results.map(row => row.model), report.experiment];";
    let (models, experiment): (Vec<String>, String) = page.evaluate_async(change, Value::Null)?;
    assert_eq!(models, ["processes"]);
    assert!(experiment.contains("jobs=2"), "{experiment}");
    Ok(())
}

fn several_take_turns(bench: &Bench) -> Result<()> {
    let work = primes(&MODELS, "");
    let elements = element(&work.link, "").repeat(3);
    let (page, _ours) = article(bench, &elements, Headers::none())?;
    let script = "const elements = [...document.querySelectorAll('interleave-experiment')];
                  elements.forEach(element => element.show());
                  let [running, most] = [new Set(), 0];
                  for (const element of elements) {
                      element.addEventListener('progress', () => { running.add(element); most = Math.max(most, running.size); });
                      element.addEventListener('report', () => running.delete(element));
                  }
                  const reports = await Promise.all(elements.map(element => element.run()));
                  return [most, reports.map(report => report.results.map(row => row.outcome))];";
    let (most, outcomes): (usize, Vec<Vec<String>>) = page.evaluate_async(script, Value::Null)?;
    assert!(most <= 1, "{most} ran at once");
    assert_eq!(outcomes, vec![vec!["finished"; 3]; 3]);
    Ok(())
}

fn tells_what_happens(bench: &Bench) -> Result<()> {
    let work = primes(&MODELS, "");
    let (page, _ours) = article(bench, &element(&work.link, "load=click"), Headers::none())?;
    let script = "const element = document.querySelector('interleave-experiment');
                  const told = [];
                  for (const kind of ['ready', 'progress', 'report', 'error']) {
                      element.addEventListener(kind, ({ detail }) => told.push([kind, typeof detail]));
                  }
                  const reported = new Promise(resolve => element.addEventListener('report', resolve));
                  await element.run();
                  await reported;
                  await element.stop();
                  return told;";
    let told: Vec<(String, String)> = page.evaluate_async(script, Value::Null)?;
    let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!((kinds.first(), kinds.last()), (Some(&"ready"), Some(&"report")), "{kinds:?}");
    assert!(kinds.contains(&"progress") && !kinds.contains(&"error"), "{kinds:?}");
    assert!(told.iter().all(|(_, detail)| detail == "object"), "{told:?}");
    Ok(())
}

/// A host that forbids frames: the reader is told so and has the experiment's own page.
fn a_strict_host_gets_a_link(bench: &Bench) -> Result<()> {
    bench.expect_errors();
    let strict = Headers::none().and("Content-Security-Policy", "frame-src 'none'");
    let work = primes(&MODELS, "");
    let (page, _ours) = article(bench, &element(&work.link, ""), strict)?;
    let link = "const link = document.querySelector('interleave-experiment').shadowRoot.querySelector('a');
                return Boolean(link && link.href.includes('work=primes') && link.target === '_blank')";
    page.wait_for("the link in place of the frame", Duration::from_secs(40), link, Value::Null)?;
    let told = "try { await document.querySelector('interleave-experiment').run(); return 'it ran'; }
                catch (error) { return error.message; }";
    assert_eq!(page.evaluate_async::<String>(told, Value::Null)?, "the experiment could not be shown");
    Ok(())
}

fn strangers_messages_change_nothing(bench: &Bench) -> Result<()> {
    let work = primes(&MODELS, "");
    let (page, _ours) = article(bench, &element(&work.link, ""), Headers::none())?;
    assert_finished(&run(&page, 0)?, &MODELS, &work);
    let script = "const element = document.querySelector('interleave-experiment');
                  const frame = element.shadowRoot.querySelector('iframe').contentWindow;
                  const nonsense = [null, 7, 'run', [], {}, { kind: 'run' }, { interleave: 'hello' }, { kind: 'show', address: 'javascript:alert(1)' },
                      { kind: 'show', address: 'https://example.org/' }, { kind: '__proto__' }, { kind: 'size', height: 1e9 }];
                  for (const message of nonsense) {
                      frame.postMessage(message, '*');
                      postMessage(message, '*');
                      const { port1, port2 } = new MessageChannel();
                      frame.postMessage({ interleave: 'goodbye' }, '*', [port2]);
                      port1.postMessage(message);
                  }
                  await new Promise(resolve => setTimeout(resolve, 200));
                  return element.offsetHeight < 5000";
    assert!(page.evaluate_async::<bool>(script, Value::Null)?);
    assert_finished(&run(&page, 0)?, &MODELS, &work);
    // A link that makes no sense shows its notice and runs nothing.
    let hostile = "const element = document.querySelector('interleave-experiment');
                   element.setAttribute('jobs', '<img src=x onerror=alert(1)>');
                   await new Promise(requestAnimationFrame);
                   return (await element.run()).results.length";
    assert!(page.evaluate_async::<usize>(hostile, Value::Null)? > 0);
    Ok(())
}

fn takes_language_and_theme(bench: &Bench) -> Result<()> {
    let work = primes(&MODELS, "");
    let (page, _ours) = article(bench, &element(&work.link, "lang=zh theme=dark"), Headers::none())?;
    run(&page, 0)?;
    let frame = "return document.querySelector('interleave-experiment').shadowRoot.querySelector('iframe')";
    bench.session().client.enter_frame_returned_by(frame)?;
    let look: (String, String) = Page::in_frame(bench.session())
        .evaluate("return [document.documentElement.lang, document.documentElement.dataset.theme]", Value::Null)?;
    assert_eq!(look, ("zh-CN".to_owned(), "dark".to_owned()));
    Ok(())
}
