//! Many jobs on an engine that lives on: whether processes, threads and what they recorded are gone afterwards.

use super::{ALLOWED_THREADS, STOP_LIMIT, Tally, weigh, within};
use std::time::Instant;
use tests::{
    browser::Kind,
    error::{Error, Result},
    memory::PageWeight,
    page::Page,
    report::Outcome,
    server::Site,
    session::Session,
};

/// Runs of one experiment in a row.
struct Series {
    name: &'static str,
    link: &'static str,
    model: &'static str,
    runs: u32,
    answer: f64,
}

const SERIES: &[Series] = &[
    Series {
        name: "a thousand processes in turn",
        link: "work=primes&jobs=1&size=1000&lanes=8&models=processes",
        model: "processes",
        runs: 1_000,
        answer: 168.0,
    },
    Series {
        name: "ten thousand jobs of a thread pool",
        link: "work=sleeping&jobs=1000&millis=1&lanes=8&models=thread-pool",
        model: "thread-pool",
        runs: 10,
        answer: 1_000.0,
    },
    Series {
        name: "ten thousand jobs of the stealing pool",
        link: "work=sleeping&jobs=1000&millis=1&lanes=8&models=work-stealing",
        model: "work-stealing",
        runs: 10,
        answer: 1_000.0,
    },
    Series {
        name: "ten thousand jobs of a process pool",
        link: "work=sleeping&jobs=1000&millis=1&lanes=8&models=process-pool",
        model: "process-pool",
        runs: 10,
        answer: 1_000.0,
    },
];

/// The lanes that the links name, each of which may leave a parked thread.
const LANES: usize = 8;

/// How much more the page may hold after a series. A process that is kept holds two MiB and more, so that one in thirty of a
/// thousand is beyond this.
const ALLOWED_KIBIBYTES: u64 = 64 << 10;

/// Runs every series on one page of a browser.
pub fn soak(kind: Kind, tally: &mut Tally) -> Result<()> {
    let server = Site::project()?.serve()?;
    let session = Session::start(kind)?;
    let page = Page::open(&session, &server.url(""))?.ready()?;
    for series in SERIES {
        let name = format!("{}, {}", kind.name(), series.name);
        let began = Instant::now();
        match run(&session, page, series) {
            Ok([before, after]) => {
                println!("{name}: {:.0} s; {before} before, {after} afterwards", began.elapsed().as_secs_f64());
                tally.count(&name, Ok(()));
                let memory = within([before.kibibytes, after.kibibytes], ALLOWED_KIBIBYTES, "KiB");
                tally.count(&format!("{name}: memory"), memory);
                let threads = within([before.threads, after.threads], ALLOWED_THREADS, "threads");
                tally.count(&format!("{name}: threads"), threads);
            }
            Err(error) => tally.count(&name, Err(error)),
        }
    }
    let errors = page.errors()?;
    let outcome = if errors.is_empty() { Ok(()) } else { Err(Error::PageErrors(errors)) };
    tally.count(&format!("{}, errors of page and engine after many jobs", kind.name()), outcome);
    Ok(())
}

/// What the page weighs after the first tenth of the runs, by when everything has been used, and after the last.
fn run(session: &Session, page: Page, series: &Series) -> Result<[PageWeight; 2]> {
    let mut before = None;
    for round in 0..series.runs {
        let report = page.run(series.link)?;
        let result = report.of(series.model);
        if result.outcome != Outcome::Finished || result.number() != Some(series.answer) {
            return Err(Error::NotHeld(format!(
                "run {round}: {:?} {:?} is not {}: {:?}",
                result.outcome, result.answer, series.answer, result.reason
            )));
        }
        if round == series.runs / 10 {
            page.wait_for_rest(LANES, STOP_LIMIT)?;
            before = Some(weigh(session)?);
        }
    }
    page.wait_for_rest(LANES, STOP_LIMIT)?;
    let after = weigh(session)?;
    Ok([before.unwrap_or(after), after])
}
