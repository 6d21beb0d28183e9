//! The page before and beside any measurement.

use crate::{
    answers::{MODELS, every_model, primes},
    bench::{Bench, Case, SHARING},
};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{client::key, error::Result, page::Page, server::Site};

pub const CASES: &[Case] = &[
    Case::new("loads::the_shell_speaks_before_any_program", SHARING, the_shell_speaks_before_any_program),
    Case::new("loads::becomes_ready_without_errors", SHARING, becomes_ready_without_errors),
    Case::new("loads::forbids_inline_scripts", SHARING, forbids_inline_scripts),
    Case::new("loads::in_english_and_chinese", SHARING, in_english_and_chinese),
    Case::new("loads::in_light_and_dark", SHARING, in_light_and_dark),
    Case::new("loads::runs_by_keyboard_alone", SHARING, runs_by_keyboard_alone),
    Case::new("loads::stops_by_keyboard_alone", SHARING, stops_by_keyboard_alone),
    Case::new("loads::controls_have_names", SHARING, controls_have_names),
    Case::new("loads::the_link_is_the_experiment", SHARING, the_link_is_the_experiment),
];

const SOON: Duration = Duration::from_secs(5);

fn the_shell_speaks_before_any_program(bench: &Bench) -> Result<()> {
    let server = bench.serve(Site::project()?)?;
    let page = Page::open(bench.session(), &server.url("empty.html"))?;
    // A parsed document that is not shown runs no script: this is what the page says by itself.
    let script = "const text = await (await fetch('index.html')).text();
                  const shell = new DOMParser().parseFromString(text, 'text/html');
                  return ['en', 'zh'].map(language => [...shell.body.querySelectorAll(`[lang^=${language}]`)]
                      .map(part => part.textContent.trim()).join(' '))";
    let [english, chinese]: [String; 2] = page.evaluate_async(script, Value::Null)?;
    assert!(english.split_whitespace().count() > 20, "{english}");
    assert!(chinese.chars().filter(|character| is_chinese(*character)).count() > 40, "{chinese}");
    Ok(())
}

fn becomes_ready_without_errors(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    page.evaluate_async::<Value>("await window.interleave.ready", Value::Null)?;
    assert!(!page.status()?.is_empty() || !page.text("[data-part='environment']")?.is_empty(), "{}", page.shown());
    Ok(())
}

fn forbids_inline_scripts(bench: &Bench) -> Result<()> {
    bench.expect_errors();
    let page = bench.project()?;
    assert_eq!(page.errors()?, Vec::<String>::new());
    let script = "const script = document.createElement('script');
                  script.textContent = 'window.inlineScriptRan = true';
                  document.head.append(script);
                  return window.inlineScriptRan === true";
    assert!(!page.evaluate::<bool>(script, Value::Null)?, "an inline script ran");
    let noticed = "return window.interleave.errors.some(error => error.includes('script-src'))";
    page.wait_for("the page to notice the violation of its policy", SOON, noticed, Value::Null)
}

fn in_english_and_chinese(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let read = |page: Page| -> Result<(String, String)> {
        page.evaluate("return [document.documentElement.lang, document.body.innerText]", Value::Null)
    };
    let mut seen = vec![read(page)?];
    for _ in 0..2 {
        let before = seen.last().map(|(language, _)| language.clone()).unwrap_or_default();
        page.click("[data-part='language']")?;
        let changed = "return document.documentElement.lang !== arguments[0]";
        page.wait_for("another language", SOON, changed, json!(before))?;
        seen.push(read(page)?);
    }
    assert_eq!(seen[0].0, seen[2].0);
    for (language, text) in &seen[..2] {
        let chinese = text.chars().filter(|character| is_chinese(*character)).count();
        match language.starts_with("zh") {
            true => assert!(chinese > 40, "{language}: {text}"),
            // The switch names the other language in its own words.
            false => assert!(chinese < 10, "{language}: {text}"),
        }
    }
    Ok(())
}

fn in_light_and_dark(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let look: (String, String) = page.evaluate(
            "return [document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor]",
            Value::Null,
        )?;
        page.click("[data-part='theme']")?;
        let changed = "return document.documentElement.dataset.theme !== arguments[0]";
        page.wait_for("another theme", SOON, changed, json!(look.0))?;
        seen.push(look);
    }
    let ground = |theme: &str| seen.iter().find(|(name, _)| name == theme).map(|(_, colour)| colour);
    assert!(ground("light").is_some() && ground("dark").is_some(), "{seen:?}");
    assert_ne!(ground("light"), ground("dark"));
    Ok(())
}

fn runs_by_keyboard_alone(bench: &Bench) -> Result<()> {
    let page = open_with(bench, &primes(&MODELS, "&lanes=2&repeats=1").link)?;
    page.tab_to("[data-part='run']")?;
    bench.session().client.press(&[key::ENTER])?;
    let finished = "return [...arguments].every(model => document.querySelector(
                        `[data-part='result'][data-model='${model}'][data-outcome='finished']`))";
    page.wait_for("a result of every model", Duration::from_secs(30), finished, json!(every_model(page)))?;
    page.wait_for_phase("ready", SOON)?;
    assert!(!page.text("[data-part='finding']")?.is_empty(), "{}", page.shown());
    let lanes: bool = page.evaluate("return Boolean(document.querySelector(\"[data-part='lanes']\"))", Value::Null)?;
    assert!(lanes, "no lanes are drawn");
    Ok(())
}

fn stops_by_keyboard_alone(bench: &Bench) -> Result<()> {
    let page = open_with(bench, "work=sleeping&jobs=4&millis=10000&models=sequential")?;
    page.tab_to("[data-part='run']")?;
    bench.session().client.press(&[key::ENTER])?;
    page.wait_for_phase("running", SOON)?;
    page.tab_to("[data-part='stop']")?;
    bench.session().client.press(&[key::ENTER])?;
    page.wait_for_phase("ready", Duration::from_secs(8))
}

fn controls_have_names(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let script = "const named = control => [control.getAttribute('aria-label'), control.innerText, control.title,
                      ...[...(control.labels || [])].map(label => label.textContent),
                      ...(control.getAttribute('aria-labelledby') || '').split(' ')
                          .map(id => (document.getElementById(id) || {}).innerText)]
                      .some(text => text && text.trim());
                  const controls = [...document.querySelectorAll('button, input, select, textarea, a[href], summary')];
                  return [controls.length, ...controls.filter(control => !named(control)).map(c => c.outerHTML)]
                      .map(String)";
    let told: Vec<String> = page.evaluate(script, Value::Null)?;
    assert!(told[0].parse::<u32>().is_ok_and(|count| count > 5), "only {} controls", told[0]);
    assert_eq!(told[1..], [] as [String; 0], "controls without a name");
    Ok(())
}

fn the_link_is_the_experiment(bench: &Bench) -> Result<()> {
    let page = open_with(bench, "work=sleeping&jobs=2&millis=20&models=sequential,event-loop&repeats=1")?;
    let report = page.run_what_is_shown()?;
    assert!(report.experiment.contains("work=sleeping") && report.experiment.contains("millis=20"), "{report:?}");
    let models: Vec<&str> = report.results.iter().map(|result| result.model.as_str()).collect();
    assert_eq!(models, ["sequential", "event-loop"]);
    Ok(())
}

fn open_with<'a>(bench: &'a Bench, link: &str) -> Result<Page<'a>> {
    let server = bench.serve(Site::project()?)?;
    Page::open(bench.session(), &server.url(&format!("?{link}")))?.ready()
}

fn is_chinese(character: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&character)
}
