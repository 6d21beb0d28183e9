mod jobs;

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
    memory::PageWeight,
    page::Page,
    report::Outcome,
    server::Site,
    session::Session,
    trend::Trend,
};

const CYCLES: u32 = 200;
const STOP_LIMIT: Duration = Duration::from_secs(8);

/// How often the browser is weighed.
const WEIGH_EVERY: u32 = 4;

/// Of how many weights in a row the least is taken: a browser gives back what is free in its own time, and what was weighed
/// meanwhile is heavier for several weights on end.
const COMPARED: usize = 5;

/// How much more a cycle may surely leave behind. Each starts an engine, and the least of them, one worker with a memory of
/// its own, takes 4 MiB: one that is kept in fifty cycles is beyond this.
const ALLOWED_KIBIBYTES_PER_CYCLE: f64 = 80.0;

/// How many more threads there may be; pools of the browser's own come and go.
const ALLOWED_THREADS: u64 = 8;

/// Counts the conductors that the page has started and that its garbage collector has not found to be gone.
const COUNT_CONDUCTORS: &str = "
    globalThis.conductors = { started: 0, kept: 0 };
    const gone = new FinalizationRegistry(() => conductors.kept--);
    globalThis.Worker = class extends Worker {
        constructor(...how) {
            super(...how);
            conductors.started++;
            conductors.kept++;
            gone.register(this);
        }
    };";

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

/// The parts of the soak: starting and stopping over and over, and many jobs on one engine.
const PARTS: [&str; 2] = ["cycles", "jobs"];

/// Runs both parts, or the one that is named, in each browser, and weighs what is left.
pub fn run(options: &Options) -> Result<()> {
    let browsers = match &options.browser {
        Some(name) => vec![Browser::from_name(name)?],
        None => Browser::chosen()?,
    };
    let named = options.link.as_deref();
    if let Some(name) = named.filter(|name| !PARTS.contains(name)) {
        return Err(Error::Usage(format!("the soak has no part {name}, but {}", PARTS.join(" and "))));
    }
    let wanted = |part: &str| named.is_none_or(|name| name == part);
    let cycles = options.cycles.unwrap_or(CYCLES).max(4 * WEIGH_EVERY);
    let mut tally = Tally::default();
    for browser in browsers {
        match browser.programs() {
            Ok(_) => {
                let kind = Kind { browser, sharing: Sharing::Offered };
                if wanted("cycles") {
                    soak(kind, cycles, &mut tally)?;
                }
                if wanted("jobs") {
                    jobs::soak(kind, &mut tally)?;
                }
            }
            Err(missing) => println!("{}: skipped. {missing}", browser.name()),
        }
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed == 0 { Ok(()) } else { Err(Error::NotHeld("the soak found something that stays behind".into())) }
}

fn soak(kind: Kind, cycles: u32, tally: &mut Tally) -> Result<()> {
    let name = kind.name();
    let server = Site::project()?.with_probe("/boot.js", COUNT_CONDUCTORS)?.serve()?;
    let session = Session::start(kind)?;
    let page = Page::open(&session, &server.url(""))?.ready()?;
    // The page has a loop of its own, with a memory of its own, for as long as it lives.
    page.run("work=sleeping&jobs=1&millis=1&models=event-loop&place=page")?;
    let without_engine = weigh(&session)?;
    let known = page.environment()?.models.into_iter();
    let models: Vec<_> = known.filter(|model| model.available).map(|model| model.model).collect();
    right_answers(page)?;
    let with_engine = weigh(&session)?;
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    let mut weights = Vec::new();
    let mut engines = BTreeSet::new();
    for cycle in 0..cycles {
        let state = STATES[cycle as usize % STATES.len()];
        let model = &models[cycle as usize / STATES.len() % models.len()];
        // Another number of threads needs another engine, so that each cycle starts one and ends one.
        let started = format!("&lanes={}&place=worker&models={model}", 1 + cycle % 2);
        let outcome = interrupt(page, state, &started, &mut engines).map(|took| slowest = slowest.max(took));
        tally.count(&format!("{name}, cycle {cycle}, {model} while {state:?}"), outcome);
        if cycle % WEIGH_EVERY == 0 {
            weights.push((f64::from(cycle), weigh(&session)?));
        }
        if let (49, Some((_, weight))) = (cycle % 50, weights.last()) {
            println!("{name}: {} cycles in {:.0} s; {weight}", cycle + 1, began.elapsed().as_secs_f64());
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
    let of_engine = with_engine.reserved_mebibytes.saturating_sub(without_engine.reserved_mebibytes);
    what_is_kept(name, &weights, of_engine, tally);
    tally.count(&format!("{name}, conductors"), conductors_are_gone(&session, page));
    let errors = page.errors()?;
    let outcome = if errors.is_empty() { Ok(()) } else { Err(Error::PageErrors(errors)) };
    tally.count(&format!("{name}, errors of page and engine"), outcome);
    let gone = Page::open(&session, &server.url("empty.html"))?;
    tally.count(&format!("{name}, locks after leaving"), gone.wait_for_no_locks_of_origin(STOP_LIMIT));
    Ok(())
}

/// What the page's processes hold, garbage aside.
fn weigh(session: &Session) -> Result<PageWeight> {
    session.collect_garbage()?;
    let blind =
        || Error::NotHeld("the browser cannot be weighed: no process in /proc looks like one of its pages".into());
    PageWeight::of(&session.driver).ok_or_else(blind)
}

/// Compares the last quarter of the cycles with the second: by then every model has run in every state.
fn what_is_kept(name: &str, weights: &[(f64, PageWeight)], of_engine: u64, tally: &mut Tally) {
    let quarter = weights.len() / 4;
    let (second, last) = (&weights[quarter..2 * quarter], &weights[weights.len() - quarter..]);
    // The least, because what was weighed can have caught an engine on its way out.
    let least = |weights: &[(f64, PageWeight)], figure: fn(&PageWeight) -> u64| {
        weights.iter().map(|(_, weight)| figure(weight)).min().unwrap_or_default()
    };
    let threads = [second, last].map(|weights| least(weights, |weight| weight.threads));
    let reserved = [second, last].map(|weights| least(weights, |weight| weight.reserved_mebibytes));
    println!(
        "{name}: an engine reserves {of_engine} MiB; at least {reserved:?} MiB are reserved in the quarters compared"
    );
    tally.count(&format!("{name}, threads"), within(threads, ALLOWED_THREADS, "threads"));
    // WebKit puts memories where it has reserved 64 GiB beforehand, so there addresses say nothing.
    if name != Browser::WebKit.name() {
        let seen = if of_engine >= 4096 {
            within(reserved, of_engine / 2, "MiB reserved")
        } else {
            Err(Error::NotHeld(
                "an engine that lives does not show in what is reserved, so one that is kept would not".into(),
            ))
        };
        tally.count(&format!("{name}, memories of wasm"), seen);
    }
    let lightest = |weights: &[(f64, PageWeight)]| {
        let lightest = weights.iter().min_by_key(|(_, weight)| weight.kibibytes);
        lightest.map(|(cycle, weight)| (*cycle, weight.kibibytes as f64))
    };
    let points: Vec<_> = weights[quarter..].chunks(COMPARED).filter_map(lightest).collect();
    if let Some(trend) = Trend::of(&points) {
        let Trend { slope, error } = trend;
        println!("{name}: {slope:.1} ± {:.1} KiB more with each cycle", 2.0 * error);
        let outcome = if trend.at_least() <= ALLOWED_KIBIBYTES_PER_CYCLE {
            Ok(())
        } else {
            Err(Error::NotHeld(format!("each cycle leaves at least {:.1} KiB behind", trend.at_least())))
        };
        tally.count(&format!("{name}, memory"), outcome);
    }
}

/// At most one conductor is alive between two runs; the object of every other must have been collected.
fn conductors_are_gone(session: &Session, page: Page) -> Result<()> {
    let began = Instant::now();
    loop {
        session.collect_garbage()?;
        let (started, kept): (u32, u32) = page.evaluate("return [conductors.started, conductors.kept]", Value::Null)?;
        if kept <= 1 {
            println!("{}: of {started} conductors {kept} is kept", session.kind.name());
            return Ok(());
        }
        if began.elapsed() > STOP_LIMIT {
            return Err(Error::NotHeld(format!("of {started} conductors {kept} are kept")));
        }
    }
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

fn within([before, after]: [u64; 2], allowed: u64, unit: &str) -> Result<()> {
    if after <= before + allowed {
        return Ok(());
    }
    Err(Error::NotHeld(format!("{before} {unit} have become {after}, more than {allowed} above")))
}
