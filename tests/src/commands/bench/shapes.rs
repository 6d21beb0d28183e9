//! The shapes that CPython shows, beside what the browser's models show. CPython's figures were taken with 3.6 to 3.13 on an
//! idle machine of two cores; where two stand, they are the least and the most of several versions and runs.

use super::{PAIRS, median};
use tests::{
    error::{Error, Result},
    page::Page,
    report::{ModelResult, Outcome},
};

/// Prints them side by side.
pub fn run(page: &Page) -> Result<()> {
    println!("shapes: here, and CPython's");
    println!("  four computing jobs, relative to one after another");
    for (name, models, python) in [
        ("threads under a GIL", "threads-gil", "0.86 to 1.02"),
        ("coroutines", "event-loop", "0.77 to 1.10"),
        ("two processes", "process-pool", "0.50 to 0.53"),
    ] {
        let link = format!("work=primes&jobs=4&size=1000000&lanes=2&place=worker&models=sequential,{models}");
        line(name, &format!("{:.2}", relative(page, &link, models)?), python);
    }
    println!("  four waits of 200 ms, relative to one after another");
    for (name, model) in [("threads under a GIL", "threads-gil"), ("coroutines", "event-loop")] {
        let link = format!("work=sleeping&jobs=4&millis=200&place=worker&models=sequential,{model}");
        line(name, &format!("{:.2}", relative(page, &link, model)?), "0.25");
    }
    println!("  echo round trips a second beside computing threads");
    for (computing, micros, python) in [
        (1, 5_000, "219 to 222"),
        (2, 5_000, "42 to 59"),
        (1, 1_000, "937 to 1127"),
        (2, 1_000, "219 to 229"),
        (1, 100, "4959 to 5028"),
        (2, 100, "1530 to 1535"),
    ] {
        let name = format!("{computing} computing, {} ms", f64::from(micros) / 1_000.0);
        line(&name, &format!("{:.0}", echo_rate(page, computing, micros)?), python);
    }
    println!("  updates lost of a counter that four threads add to");
    for (name, work, version, python) in [
        ("+= 1, up to 3.9", "counter", "3.9", "7 % to 58 %"),
        ("+= 1, from 3.10 on", "counter", "3.10", "none"),
        ("with a call, from 3.10", "counter-call", "3.10", "45 % to 72 %"),
    ] {
        let link = format!("work={work}&jobs=4&times=100000&switch=50&python={version}&models=threads-gil");
        let report = page.run(&link)?;
        let lost = finished(report.of("threads-gil"), &link)?.lost_updates;
        line(name, &format!("{:.1} %", lost / 4_000.0), python);
    }
    println!();
    Ok(())
}

fn line(name: &str, here: &str, python: &str) {
    println!("    {name:<24} {here:>8}   {python}");
}

fn finished<'a>(result: &'a ModelResult, link: &str) -> Result<&'a ModelResult> {
    if result.outcome == Outcome::Finished {
        return Ok(result);
    }
    Err(Error::NotHeld(format!("{} did not finish {link}: {:?}", result.model, result.reason)))
}

/// A model's time over that of one lane, in the same experiment.
fn relative(page: &Page, link: &str, model: &str) -> Result<f64> {
    let ratios: Result<Vec<f64>> = (0..PAIRS)
        .map(|_| {
            let report = page.run(link)?;
            let nanos = |model| finished(report.of(model), link).map(|result| result.nanos.unwrap_or(f64::NAN));
            Ok(nanos(model)? / nanos("sequential")?)
        })
        .collect();
    Ok(median(ratios?))
}

/// Round trips a second of one thread that does little and waits little, while the others compute all the time.
fn echo_rate(page: &Page, computing: u32, micros: u32) -> Result<f64> {
    // As many trips as fit into the time for which the others compute, on a slow machine too.
    let trips = (400_000 / micros).clamp(20, 400);
    let jobs = 1 + computing;
    let link = format!("work=echoes&jobs={jobs}&trips={trips}&size=3000000&switch={micros}&models=threads-gil");
    let rates: Result<Vec<f64>> = (0..PAIRS)
        .map(|_| {
            let report = page.run(&link)?;
            let spans = finished(report.of("threads-gil"), &link)?.lanes.iter().flat_map(|lane| &lane.spans);
            let of_the_echo: Vec<_> = spans.filter(|span| span.job == Some(0)).collect();
            let (Some(first), Some(last)) = (of_the_echo.first(), of_the_echo.last()) else {
                return Err(Error::NotHeld(format!("the echo left no span under {link}")));
            };
            Ok(f64::from(trips) / ((last.end - first.start) / 1e9))
        })
        .collect();
    Ok(median(rates?))
}
