use crate::Options;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};
use tests::{
    browser::{Browser, Kind, Sharing},
    error::{Error, Result},
    expected::primes_below,
    memory::Footprint,
    page::Page,
    report::Outcome,
    server::Site,
    session::Session,
};

const CYCLES: u32 = 200;
const STOP_LIMIT: Duration = Duration::from_secs(8);

/// Cycles before the first weighing: caches fill and programs are compiled to the end.
const WARM_UP: u32 = 12;

/// How much more the browser may hold after all cycles than after the warm-up. An engine that stays alive costs at least
/// 4 MiB, so a leak in one cycle of ten is beyond it after 200.
const ALLOWED_KIBIBYTES: u64 = 80 << 10;

/// How many more threads it may have; pools of its own come and go.
const ALLOWED_THREADS: u64 = 8;

/// What a cycle interrupts.
#[derive(Clone, Copy, Debug)]
enum State {
    Idle,
    Computing,
    Blocked,
}

const STATES: [State; 3] = [State::Idle, State::Computing, State::Blocked];
const MODELS: [&str; 4] = ["work-stealing", "processes", "sequential", "event-loop"];

/// Counts what held and what did not.
#[derive(Default)]
struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    fn count(&mut self, what: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(error) => {
                self.failed += 1;
                println!("FAILED {what}: {error}");
            }
        }
    }
}

/// Starts and stops over and over, in each browser, and weighs what is left.
pub fn run(options: &Options) -> Result<()> {
    let browsers = match &options.browser {
        Some(name) => vec![Browser::from_name(name)?],
        None => Browser::chosen()?,
    };
    let cycles = options.cycles.unwrap_or(CYCLES).max(WARM_UP + 1);
    let mut tally = Tally::default();
    for browser in browsers {
        match browser.programs() {
            Ok(_) => soak(Kind { browser, sharing: Sharing::Offered }, cycles, &mut tally)?,
            Err(missing) => println!("{}: skipped. {missing}", browser.name()),
        }
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed == 0 { Ok(()) } else { Err(Error::NotHeld("the soak found something that stays behind".into())) }
}

fn soak(kind: Kind, cycles: u32, tally: &mut Tally) -> Result<()> {
    let name = kind.name();
    let server = Site::project()?.serve()?;
    let session = Session::start(kind)?;
    let page = Page::open(&session, &server.url(""))?.ready()?;
    right_answers(page)?;
    let resting = page.engine_locks()?.len();
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    let mut before = None;
    let mut engines = BTreeSet::new();
    for cycle in 0..cycles {
        if cycle == WARM_UP {
            right_answers(page)?;
            before = weigh(&session, page)?;
        }
        let state = STATES[cycle as usize % STATES.len()];
        let model = MODELS[cycle as usize / STATES.len() % MODELS.len()];
        // Another number of threads needs another engine, so that each cycle starts one and ends one.
        let started = format!("&lanes={}&place=worker&models={model}", 1 + cycle % 2);
        let outcome = interrupt(page, state, model, &started, resting).map(|took| slowest = slowest.max(took));
        engines.extend(page.engine_locks()?.iter().filter_map(|lock| Some(lock.split('/').nth(1)?.to_owned())));
        tally.count(&format!("{name}, cycle {cycle}, {model} while {state:?}"), outcome);
        if cycle % 50 == 49 {
            println!("{name}: {} cycles in {:.0} s", cycle + 1, began.elapsed().as_secs_f64());
        }
    }
    tally.count(&format!("{name}, an experiment after all cycles"), right_answers(page));
    let after = weigh(&session, page)?;
    let count = engines.len();
    println!("{name}: {count} engines, slowest stop {} ms, {resting} locks at rest", slowest.as_millis());
    let new_each_time = if count as u32 >= cycles {
        Ok(())
    } else {
        Err(Error::NotHeld(format!("{cycles} cycles started only {count} engines")))
    };
    tally.count(&format!("{name}, an engine for each cycle"), new_each_time);
    if let (Some(before), Some(after)) = (before, after) {
        println!("{name}: after the warm-up {before}");
        println!("{name}: after {cycles} cycles {after}");
        tally.count(&format!("{name}, memory"), within(before.kibibytes, after.kibibytes, ALLOWED_KIBIBYTES, "KiB"));
        tally.count(&format!("{name}, threads"), within(before.threads, after.threads, ALLOWED_THREADS, "threads"));
    }
    let errors = page.errors()?;
    let outcome = if errors.is_empty() { Ok(()) } else { Err(Error::PageErrors(errors)) };
    tally.count(&format!("{name}, errors of page and engine"), outcome);
    let gone = Page::open(&session, &server.url("empty.html"))?;
    tally.count(&format!("{name}, locks after leaving"), gone.wait_for_no_locks_of_origin(STOP_LIMIT));
    Ok(())
}

/// Starts, lets it get into the state, stops, and looks for what should be gone.
fn interrupt(page: Page, state: State, model: &str, how: &str, resting: usize) -> Result<Duration> {
    match state {
        // An engine that has just ended its work and is asked to stop has nothing to stop; it must bear that too.
        State::Idle => {
            page.run(&format!("work=primes&jobs=2&size=1000{how}"))?;
            page.stop()?;
            page.wait_for_locks(resting, STOP_LIMIT)?;
            return Ok(Duration::ZERO);
        }
        State::Computing => page.start(&format!("work=primes&jobs=4&size=10000000{how}"))?,
        State::Blocked => page.start(&format!("work=sleeping&jobs=4&millis=10000{how}"))?,
    }
    page.wait_for_phase("running", Duration::from_secs(10))?;
    thread::sleep(Duration::from_millis(300));
    let took = page.stop()?;
    page.wait_for_phase("ready", STOP_LIMIT)?;
    let outcome = page.started_run()?.map_err(Error::Script)?.of(model).outcome;
    if outcome != Outcome::Stopped {
        return Err(Error::NotHeld(format!("{model} was stopped, but its outcome is {outcome:?}")));
    }
    page.wait_for_locks(resting, STOP_LIMIT)?;
    Ok(took)
}

fn right_answers(page: Page) -> Result<()> {
    let report = page.run("work=primes&jobs=4&size=100000&lanes=2&place=worker")?;
    let expected = 4.0 * primes_below(100_000) as f64;
    for result in &report.results {
        if result.outcome != Outcome::Finished || result.number() != Some(expected) {
            return Err(Error::NotHeld(format!("{result:?} is not {expected}")));
        }
    }
    Ok(())
}

/// Weighs the browser after garbage has been collected, or has had the time to be.
fn weigh(session: &Session, page: Page) -> Result<Option<Footprint>> {
    if session.kind.browser == Browser::Chromium {
        session.client.chromium("HeapProfiler.collectGarbage", &serde_json::json!({}))?;
    }
    page.evaluate::<Value>("if (window.gc) window.gc()", Value::Null)?;
    thread::sleep(Duration::from_secs(3));
    Ok(Footprint::of(&session.driver))
}

fn within(before: u64, after: u64, allowed: u64, unit: &str) -> Result<()> {
    if after <= before + allowed {
        return Ok(());
    }
    Err(Error::NotHeld(format!("{before} {unit} have become {after}, more than {allowed} above")))
}
