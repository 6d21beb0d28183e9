//! Several runs of each model: rounds, intervals, the model with which the others are compared, and taking the report elsewhere.

use crate::bench::{Bench, Case};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{browser::Kind, error::Result, page::Page, server::Site};

pub const CASES: &[Case] = &[
    Case::new("repeats::rounds_have_intervals", &Kind::ALL, rounds_have_intervals),
    Case::new("repeats::time_is_up_for_what_takes_long", &[Kind::CHROMIUM], time_is_up_for_what_takes_long),
    Case::new("repeats::any_model_can_be_the_measure", &Kind::ALL, any_model_can_be_the_measure),
    Case::new("repeats::files_hold_what_scripts_get", &Kind::ALL, files_hold_what_scripts_get),
];

/// Quick, and apart by a factor of four whatever else the machine does.
const WAITS: &str = "work=sleeping&jobs=4&millis=20&models=sequential,event-loop&place=worker";

fn rounds_have_intervals(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let report = page.run(&format!("{WAITS}&repeats=8"))?;
    assert_eq!(report.end.as_deref(), Some("complete"));
    for result in &report.results {
        let rounds: Vec<u32> = result.runs.iter().map(|run| run.round).collect();
        assert_eq!(rounds, (1..=8).collect::<Vec<_>>(), "{}", result.model);
        assert!(result.runs.iter().all(|run| run.nanos >= 20e6), "{:?}", result.runs);
    }
    let event_loop = report.of("event-loop");
    let [low, high] = event_loop.ratio_interval.expect("eight runs have an interval");
    let ratio = event_loop.ratio.expect("both were measured");
    assert!(low <= ratio && ratio <= high, "{ratio} in {low}–{high}");
    // Which it is depends on what else the machine does; that it agrees with the interval does not.
    let verdict = match (ratio, low, high) {
        (..=0.98, _, ..1.0) => "faster",
        (1.02.., 1.0.., _) if low > 1.0 => "slower",
        _ => "no-difference",
    };
    assert_eq!(event_loop.verdict.as_deref(), Some(verdict), "{ratio} in {low}–{high}");
    let shown: [usize; 2] = page.evaluate(
        "return ['.whisker', '.dot'].map(what => document.querySelectorAll(`.bars ${what}`).length)",
        Value::Null,
    )?;
    assert!(shown[0] == 2 && shown[1] > 8, "whiskers and dots: {shown:?}");
    assert!(page.text("[data-part='finding']")?.contains("8"), "{}", page.shown());
    Ok(())
}

/// Two runs of 400 ms do not fit into a second twice, but each model runs once.
fn time_is_up_for_what_takes_long(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let link = "work=sleeping&jobs=2&millis=700&models=sequential,event-loop&place=worker&precision=1&budget=1";
    let report = page.run(link)?;
    assert_eq!(report.end.as_deref(), Some("out-of-time"));
    for result in &report.results {
        assert!((1..7).contains(&result.runs.len()), "{}: {} runs", result.model, result.runs.len());
        assert_eq!(result.ratio_interval, None);
    }
    Ok(())
}

fn any_model_can_be_the_measure(bench: &Bench) -> Result<()> {
    let page = open_and_run(bench)?;
    let ratio = |model: &str| page.text(&format!("[data-part='result'][data-model='{model}'] .figure:nth-of-type(3)"));
    assert_eq!(ratio("sequential")?, "1.00×");
    page.click("[data-part='result'][data-model='event-loop'] button.row-name")?;
    page.wait_for(
        "the event loop to be what the others are compared with",
        Duration::from_secs(5),
        "return Boolean(document.querySelector(\"[data-model='event-loop'] .row-name[aria-pressed='true']\"))",
        Value::Null,
    )?;
    assert_eq!(ratio("event-loop")?, "1.00×");
    assert_ne!(ratio("sequential")?, "1.00×");
    page.click("[data-part='order']")?;
    page.wait_for(
        "the fastest model to stand first",
        Duration::from_secs(5),
        "return document.querySelector(\"[data-part='result']\").dataset.model === 'event-loop'",
        Value::Null,
    )
}

/// What a browser would save is caught on its way: where a file comes to lie is the browser's business.
fn files_hold_what_scripts_get(bench: &Bench) -> Result<()> {
    let page = open_and_run(bench)?;
    let caught = "HTMLAnchorElement.prototype.click = function () {
                      window.caught = fetch(this.href).then(file => file.text()).then(text => [this.download, text]);
                  };
                  document.querySelector(\"[data-part='table']\").open = true;
                  document.querySelector(`[data-part='${arguments[0]}']`).click();
                  while (!window.caught) await new Promise(done => setTimeout(done, 10));
                  const caught = await window.caught;
                  delete window.caught;
                  return caught";
    let [name, text]: [String; 2] = page.evaluate_async(caught, json!("save-json"))?;
    assert_eq!(name, "interleave.json");
    let file: Value = serde_json::from_str(&text).expect("the file is JSON");
    let told: Value = page.evaluate("return window.told", Value::Null)?;
    assert_eq!(file["form"], 1);
    assert!(file["environment"]["browser"].as_str().is_some_and(|browser| browser.contains("Mozilla")), "{file}");
    // WebDriver and JSON write the same number in two ways (1 and 1.0), so texts are compared by the page.
    let alike: bool =
        page.evaluate("return JSON.stringify(JSON.parse(arguments[0])) === JSON.stringify(window.told)", json!(text))?;
    assert!(alike, "{file} is not {told}");
    let [name, text]: [String; 2] = page.evaluate_async(caught, json!("save-csv"))?;
    assert_eq!((name.as_str(), text.lines().count()), ("interleave.csv", 1 + 2 * 2), "{text}");
    Ok(())
}

fn open_and_run<'a>(bench: &'a Bench) -> Result<Page<'a>> {
    let server = bench.serve(Site::project()?)?;
    let page = Page::open(bench.session(), &server.url(&format!("?{WAITS}&repeats=2")))?.ready()?;
    page.evaluate_async::<Value>("window.told = await window.interleave.run()", Value::Null)?;
    Ok(page)
}
