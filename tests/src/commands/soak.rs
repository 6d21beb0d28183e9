use crate::Options;
use catalog::MODELS;
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

/// How often the browser is weighed.
const WEIGH_EVERY: u32 = 4;

/// How much more the browser may hold in the last quarter of the cycles than in the second. An engine that stays alive
/// costs at least 4 MiB, so a leak in one cycle of five is beyond it when there are 200.
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
    let cycles = options.cycles.unwrap_or(CYCLES).max(4 * WEIGH_EVERY);
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
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    let mut weights = Vec::new();
    let mut engines = BTreeSet::new();
    for cycle in 0..cycles {
        let state = STATES[cycle as usize % STATES.len()];
        let model = MODELS[cycle as usize / STATES.len() % MODELS.len()].slug;
        // Another number of threads needs another engine, so that each cycle starts one and ends one.
        let started = format!("&lanes={}&place=worker&models={model}", 1 + cycle % 2);
        let outcome = interrupt(page, state, &started, &mut engines).map(|took| slowest = slowest.max(took));
        tally.count(&format!("{name}, cycle {cycle}, {model} while {state:?}"), outcome);
        if cycle % WEIGH_EVERY == 0 {
            collect_garbage(&session)?;
            weights.extend(Footprint::of(&session.driver));
        }
        if cycle % 50 == 49 {
            let footprint = weights.last().map(Footprint::to_string).unwrap_or_default();
            println!("{name}: {} cycles in {:.0} s; {footprint}", cycle + 1, began.elapsed().as_secs_f64());
        }
    }
    tally.count(&format!("{name}, an experiment after all cycles"), right_answers(page));
    let count = engines.len();
    println!("{name}: {count} engines, slowest stop {} ms", slowest.as_millis());
    let new_each_time = if count as u32 >= cycles {
        Ok(())
    } else {
        Err(Error::NotHeld(format!("{cycles} cycles started only {count} engines")))
    };
    tally.count(&format!("{name}, an engine for each cycle"), new_each_time);
    let quarter = weights.len() / 4;
    if quarter > 0 {
        let before = lightest(&weights[quarter..2 * quarter]);
        let after = lightest(&weights[weights.len() - quarter..]);
        println!("{name}: at least {before} in the second quarter of the cycles");
        println!("{name}: at least {after} in the last quarter");
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
fn interrupt(page: Page, state: State, how: &str, engines: &mut BTreeSet<String>) -> Result<Duration> {
    // An engine that has just ended its work and is asked to stop has nothing to stop; it must bear that too.
    match state {
        State::Idle => drop(page.run(&format!("work=primes&jobs=2&size=1000{how}"))?),
        State::Computing => page.start(&format!("work=primes&jobs=4&size=10000000{how}"))?,
        State::Blocked => page.start(&format!("work=sleeping&jobs=4&millis=10000{how}"))?,
    }
    if !matches!(state, State::Idle) {
        page.wait_for_phase("running", Duration::from_secs(10))?;
        thread::sleep(Duration::from_millis(300));
    }
    // Before the stop: one that has to end its engine leaves no lock to read its name from.
    // On a busy machine the cycle's engine may have to be waited for.
    let (known, began) = (engines.len(), Instant::now());
    while engines.len() == known && began.elapsed() < STOP_LIMIT {
        engines.extend(page.engine_locks()?.iter().filter_map(|lock| Some(lock.split('/').nth(1)?.to_owned())));
    }
    let took = page.stop()?;
    page.wait_for_phase("ready", STOP_LIMIT)?;
    if !matches!(state, State::Idle) {
        let report = page.started_run()?.map_err(Error::Script)?;
        if report.results.iter().any(|result| result.outcome != Outcome::Stopped) {
            return Err(Error::NotHeld(format!("a run was stopped, but its report says {:?}", report.results)));
        }
    }
    page.wait_for_rest(4, STOP_LIMIT)?;
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

/// Chromium collects when asked. The others do when they please, so that their weight is a saw of a hundred MiB.
fn collect_garbage(session: &Session) -> Result<()> {
    match session.kind.browser {
        Browser::Chromium => session.client.chromium("HeapProfiler.collectGarbage", &serde_json::json!({})).map(drop),
        Browser::Firefox | Browser::WebKit => Ok(()),
    }
}

/// The lowest of each figure: what is left when garbage has just been collected.
fn lightest(weights: &[Footprint]) -> Footprint {
    let lowest = |figure: fn(&Footprint) -> u64| weights.iter().map(figure).min().unwrap_or_default();
    Footprint {
        processes: lowest(|weight| weight.processes),
        threads: lowest(|weight| weight.threads),
        kibibytes: lowest(|weight| weight.kibibytes),
    }
}

fn within(before: u64, after: u64, allowed: u64, unit: &str) -> Result<()> {
    if after <= before + allowed {
        return Ok(());
    }
    Err(Error::NotHeld(format!("{before} {unit} have become {after}, more than {allowed} above")))
}
