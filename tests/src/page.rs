use crate::{
    browser::Browser,
    error::{Error, Result},
    report::Report,
    session::Session,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

/// How long the page may take until a person can press its buttons. Two cores build, serve and render meanwhile.
pub const READY_LIMIT: Duration = Duration::from_secs(30);

/// How long switches may take to show.
const SWITCH_LIMIT: Duration = Duration::from_secs(5);

/// The page in a browser, spoken to through its own `interleave` object and through what a person sees.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    session: &'a Session,
}

/// What `interleave.environment()` returns.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Whether the page is cross-origin isolated.
    pub isolated: bool,
    /// Whether a shared memory could be posted.
    pub shared_memory: bool,
    /// Whether wasm can be suspended on a promise.
    pub jspi: bool,
    /// How many cores the browser admits to.
    pub cores: f64,
    /// `threads` or `plain`.
    pub engine: String,
    /// What each model says of itself here.
    pub models: Vec<Availability>,
}

/// Whether one model can run.
#[derive(Clone, Debug, Deserialize)]
pub struct Availability {
    /// Its slug.
    pub model: String,
    /// Whether it can run here.
    pub available: bool,
    /// Why not.
    pub reason: Option<String>,
}

/// What `interleave.greenlets()` resolves to.
#[derive(Clone, Debug, Deserialize)]
pub struct Greenlets {
    /// Whether this browser can switch stacks.
    pub available: bool,
    /// Why not.
    pub reason: Option<String>,
    /// What the greenlets did, in order.
    pub log: Option<Vec<String>>,
}

impl<'a> Page<'a> {
    /// The browser that shows it.
    pub fn browser(&self) -> Browser {
        self.session.kind.browser
    }

    /// Opens an address without waiting for more than the document.
    pub fn open(session: &'a Session, url: &str) -> Result<Self> {
        session.client.leave_frames()?;
        session.client.navigate(url)?;
        Ok(Self { session })
    }

    /// The page in the frame that the session has entered.
    pub fn in_frame(session: &'a Session) -> Self {
        Self { session }
    }

    /// Waits until the page says that a person can use it.
    pub fn ready(self) -> Result<Self> {
        let settled = "const phase = document.documentElement.dataset.phase;
                       return phase === 'ready' || phase === 'broken'";
        self.wait_for("the page to be ready", READY_LIMIT, settled, Value::Null)?;
        match self.phase()?.as_str() {
            "broken" => Err(Error::Script(format!("the page is broken instead of ready\n{}", self.shown()))),
            _ => Ok(self),
        }
    }

    /// Waits until a script returns something true.
    pub fn wait_for(&self, awaited: &str, limit: Duration, script: &str, arguments: Value) -> Result<()> {
        let began = Instant::now();
        while !self.evaluate::<Value>(script, arguments.clone())?.as_bool().unwrap_or(false) {
            if began.elapsed() > limit {
                return Err(Error::TimedOut { awaited: awaited.into(), limit, shown: self.shown() });
            }
            thread::sleep(Duration::from_millis(25));
        }
        Ok(())
    }

    /// Waits until `<html data-phase>` is this.
    pub fn wait_for_phase(&self, phase: &str, limit: Duration) -> Result<()> {
        let script = "return document.documentElement.dataset.phase === arguments[0]";
        self.wait_for(&format!("the phase {phase}"), limit, script, json!(phase))
    }

    pub fn evaluate<T: serde::de::DeserializeOwned>(&self, body: &str, arguments: Value) -> Result<T> {
        self.session.client.evaluate(body, arguments)
    }

    pub fn evaluate_async<T: serde::de::DeserializeOwned>(&self, body: &str, arguments: Value) -> Result<T> {
        self.session.client.evaluate_async(body, arguments)
    }

    pub fn phase(&self) -> Result<String> {
        self.evaluate("return document.documentElement.dataset.phase || ''", Value::Null)
    }

    /// The text of the first element that a selector finds; empty when there is none.
    pub fn text(&self, selector: &str) -> Result<String> {
        let script = "const found = document.querySelector(arguments[0]); return found ? found.innerText.trim() : ''";
        self.evaluate(script, json!(selector))
    }

    /// Presses the switches until the page is in this language (`en` or `zh`) and this theme. Embedded pages may leave the
    /// switches out; they stay as they are.
    pub fn choose(&self, language: &str, theme: &str) -> Result<()> {
        let script = "const [part, wanted] = arguments;
                      const root = document.documentElement;
                      const now = part === 'language' ? root.lang.slice(0, 2) : root.dataset.theme;
                      const button = document.querySelector(`[data-part='${part}']`);
                      if (now === wanted || !button) return true;
                      button.click();
                      return false";
        for wanted in [("language", language), ("theme", theme)] {
            self.wait_for(&format!("{} to be {}", wanted.0, wanted.1), SWITCH_LIMIT, script, json!(wanted))?;
        }
        Ok(())
    }

    /// The sentence in which the page says how it is.
    pub fn status(&self) -> Result<String> {
        self.text("[data-part='status']")
    }

    pub fn environment(&self) -> Result<Environment> {
        self.evaluate("return window.interleave.environment()", Value::Null)
    }

    /// Runs an experiment to its end, each model once unless the link says how often.
    pub fn run(&self, link: &str) -> Result<Report> {
        self.evaluate_async("return window.interleave.run(arguments[0])", json!(once(link)))
            .map_err(|error| self.explained(&format!("running {link}"), error))
    }

    /// Runs what the page shows, as its button does.
    pub fn run_what_is_shown(&self) -> Result<Report> {
        self.evaluate_async("return window.interleave.run()", Value::Null)
            .map_err(|error| self.explained("running what is shown", error))
    }

    /// Starts an experiment, as `run` does, and returns at once; `started_run` has the rest.
    pub fn start(&self, link: &str) -> Result<()> {
        let script = "window.startedRun = window.interleave.run(arguments[0])
                          .then(report => ({ report }), error => ({ error: String(error.message || error) }));";
        self.evaluate::<Value>(script, json!(once(link))).map(drop)
    }

    /// How the started run ended: its report, or the sentence it was refused with.
    pub fn started_run(&self) -> Result<Result<Report, String>> {
        #[derive(Deserialize)]
        struct Ended {
            report: Option<Report>,
            error: Option<String>,
        }
        let ended: Ended = self.evaluate_async("return window.startedRun", Value::Null)?;
        Ok(ended.report.ok_or_else(|| ended.error.unwrap_or_else(|| "neither a report nor an error".into())))
    }

    /// Stops whatever runs; returns how long that took.
    pub fn stop(&self) -> Result<Duration> {
        let began = Instant::now();
        self.evaluate_async::<Value>("await window.interleave.stop()", Value::Null)
            .map_err(|error| self.explained("stopping", error))?;
        Ok(began.elapsed())
    }

    /// The names of the locks that the engine's threads and processes hold while they live.
    pub fn engine_locks(&self) -> Result<Vec<String>> {
        self.evaluate_async("return window.interleave.engineLocks()", Value::Null)
    }

    /// Waits until nothing of any engine lives but what one keeps for the next run: conductor, pool and parked threads.
    ///
    /// A run of `jobs` can find every thread of the one before still on its way back, and then parks as many again.
    pub fn wait_for_rest(&self, jobs: usize, limit: Duration) -> Result<()> {
        let awaited = format!("one engine at most, without processes and with at most {} threads", 2 * jobs);
        self.wait_for_held(&awaited, limit, || self.engine_locks(), |locks| is_at_rest(locks, jobs))
    }

    /// Waits until no script of this origin holds a lock, whichever document it belongs to.
    pub fn wait_for_no_locks_of_origin(&self, limit: Duration) -> Result<()> {
        let script = "return (await navigator.locks.query()).held.map(lock => lock.name)";
        let look = || self.evaluate_async(script, Value::Null);
        self.wait_for_held("no lock of a page that is gone", limit, look, <[String]>::is_empty)
    }

    fn wait_for_held(
        &self,
        awaited: &str,
        limit: Duration,
        look: impl Fn() -> Result<Vec<String>>,
        is_awaited: impl Fn(&[String]) -> bool,
    ) -> Result<()> {
        let began = Instant::now();
        loop {
            let locks = look()?;
            if is_awaited(&locks) {
                return Ok(());
            }
            if began.elapsed() > limit {
                let awaited = format!("{awaited}; held: {}", locks.join(", "));
                return Err(Error::TimedOut { awaited, limit, shown: self.shown() });
            }
            thread::sleep(Duration::from_millis(25));
        }
    }

    pub fn greenlets(&self) -> Result<Greenlets> {
        self.evaluate_async("return window.interleave.greenlets()", Value::Null)
    }

    /// What the page has collected from itself and from all it started.
    pub fn errors(&self) -> Result<Vec<String>> {
        self.evaluate("return ((window.interleave || {}).errors || []).map(String)", Value::Null)
    }

    /// Does what a person does with the mouse.
    pub fn click(&self, selector: &str) -> Result<()> {
        self.session.client.click(selector)
    }

    /// Presses the tab key until the focus is on what the selector finds.
    pub fn tab_to(&self, selector: &str) -> Result<()> {
        let is_there = "return Boolean(document.activeElement && document.activeElement.closest(arguments[0]))";
        for _ in 0..60 {
            self.session.client.press(&[crate::client::key::TAB])?;
            if self.evaluate(is_there, json!(selector))? {
                return Ok(());
            }
        }
        let awaited = format!("the focus to reach {selector} by 60 presses of the tab key");
        Err(Error::TimedOut { awaited, limit: Duration::ZERO, shown: self.shown() })
    }

    /// What a person and the console would tell about the page now.
    pub fn shown(&self) -> String {
        let script = "const text = selector => (document.querySelector(selector) || {}).innerText || '';
            return [location.href, document.documentElement.dataset.phase || 'none', text(\"[data-part='status']\"),
                    text('body').slice(0, 300), ...((window.interleave || {}).errors || []).map(String)]";
        let errors = self.session.console_errors();
        match self.evaluate::<Vec<String>>(script, Value::Null) {
            Ok(told) => format!(
                "  address: {}\n  phase: {}\n  status: {}\n  text: {}\n  its errors: {:?}\n  the console's: {errors:?}",
                told[0],
                told[1],
                told[2],
                told[3].replace('\n', " ¶ "),
                &told[4..]
            ),
            Err(error) => format!("  the page does not answer: {error}\n  the console's errors: {errors:?}"),
        }
    }

    fn explained(&self, what: &str, error: Error) -> Error {
        match error {
            Error::Script(message) => Error::Script(message),
            other => Error::Script(format!("{other}, while {what}\n{}", self.shown())),
        }
    }
}

/// The link with one run of each model, unless it says how often itself. Cases look at what a run does, and have no time for
/// seven.
fn once(link: &str) -> String {
    let says = ["repeats=", "precision=", "budget="].iter().any(|key| link.contains(key));
    if says { link.to_owned() } else { format!("{link}&repeats=1") }
}

/// Whether these locks, `interleave/<engine>/<name>-<number>`, are those of one engine between two runs.
fn is_at_rest(locks: &[String], jobs: usize) -> bool {
    let parts = |lock: &String| lock.split('/').map(str::to_owned).collect::<Vec<_>>();
    let named =
        |start| locks.iter().filter(|lock| parts(lock).last().is_some_and(|name| name.starts_with(start))).count();
    let engines: BTreeSet<_> = locks.iter().filter_map(|lock| parts(lock).into_iter().nth(1)).collect();
    engines.len() <= 1 && named("process-") == 0 && named("thread-") <= 2 * jobs
}

#[test]
fn only_one_engine_without_processes_is_at_rest() {
    let held = |names: &[&str]| names.iter().map(|name| format!("interleave/{name}")).collect::<Vec<_>>();
    assert!(is_at_rest(&[], 1));
    assert!(is_at_rest(&held(&["a/conductor", "a/pool-1", "a/thread-1", "a/thread-2"]), 1));
    assert!(!is_at_rest(&held(&["a/conductor", "a/thread-1", "a/thread-2", "a/thread-3"]), 1));
    assert!(!is_at_rest(&held(&["a/conductor", "a/process-1"]), 1));
    assert!(!is_at_rest(&held(&["a/conductor", "b/conductor"]), 1));
}
