//! What a GIL does and what its absence does, read from traces of real runs.

use crate::{
    answers::{Work, assert_right},
    bench::{Bench, Case, HONEST, SHARING},
    stop::STOP_LIMIT,
};
use serde_json::json;
use std::collections::BTreeSet;
use tests::{
    error::Result,
    expected::primes_below,
    report::{ModelResult, Span, shared_nanos},
    server::{Headers, Site},
};

pub const CASES: &[Case] = &[
    Case::new("threads::take_turns_under_a_gil", SHARING, take_turns_under_a_gil),
    Case::new("threads::lanes_say_what_they_waited_for", SHARING, lanes_say_what_they_waited_for),
    Case::new("threads::compute_at_once_without_one", SHARING, compute_at_once_without_one),
    Case::new("threads::of_a_pool_are_as_many_as_asked", SHARING, of_a_pool_are_as_many_as_asked),
    Case::new("threads::compute_beneath_a_loop", SHARING, compute_beneath_a_loop),
    Case::new("threads::are_processes_where_nothing_is_shared", HONEST, are_processes_where_nothing_is_shared),
];

/// How far apart the clocks of two workers may stand: each is rounded, by a tenth of a millisecond at most.
const CLOCKS_NANOS: f64 = 200e3;

/// Two jobs, each long enough for many switch intervals of five milliseconds.
fn two_long_jobs(bench: &Bench, model: &str) -> Result<ModelResult> {
    let link = format!("work=primes&jobs=2&size=2000000&models={model}");
    let work = Work { link, answer: 2 * primes_below(2_000_000) as u64 };
    let report = bench.project()?.run(&work.link)?;
    let result = report.of(model);
    assert_right(result, &work);
    Ok(result.clone())
}

#[track_caller]
fn two_lanes(result: &ModelResult) -> [Vec<&Span>; 2] {
    let lanes = result.lanes_in("thread", "computing");
    lanes.try_into().unwrap_or_else(|lanes| panic!("{} computed on {lanes:?}", result.model))
}

fn take_turns_under_a_gil(bench: &Bench) -> Result<()> {
    let result = two_long_jobs(bench, "threads-gil")?;
    let [one, other] = two_lanes(&result);
    for a in &one {
        for b in &other {
            let shared = shared_nanos(&[a], &[b]);
            assert!(shared < CLOCKS_NANOS, "two threads held the GIL at once for {shared} ns: {a:?} and {b:?}");
        }
    }
    // Neither ran to its end before the other began.
    assert!(one.len() >= 3 && other.len() >= 3, "{} and {} turns", one.len(), other.len());
    assert!(one[0].start < other[other.len() - 1].start && other[0].start < one[one.len() - 1].start);
    Ok(())
}

fn lanes_say_what_they_waited_for(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let report = page.run("work=primes&jobs=2&size=1000000&models=threads-gil")?;
    let blocked = report.of("threads-gil").lanes_in("thread", "blocked");
    let causes: BTreeSet<_> = blocked.iter().flatten().map(|span| span.waits_for.as_deref()).collect();
    assert_eq!(causes, BTreeSet::from([Some("gil")]));
    // The same on the screen: for whoever listens, and where the pointer is. The middle of the longest wait is hit however
    // narrow the page.
    let longest = blocked[0].iter().max_by(|a, b| (a.end - a.start).total_cmp(&(b.end - b.start))).expect("it waited");
    let middle = (longest.start + longest.end) / 2.0 / report.of("threads-gil").nanos.unwrap_or(f64::NAN);
    let script = "
        const lanes = document.querySelector(\"[data-part='lanes'] .lanes[data-model='threads-gil']\");
        const plots = [...lanes.querySelectorAll('.lane .row-plot')];
        const listened = plots.map(plot => plot.querySelector('svg').getAttribute('aria-label'));
        const lane = plots.findIndex(plot => plot.querySelector('path.blocked'));
        const box = plots[lane].getBoundingClientRect();
        const at = { clientX: box.left + arguments[0] * box.width, clientY: box.top + 2, bubbles: true };
        const said = () => lanes.querySelector(\"[data-part='lane-said']\")?.textContent ?? '';
        plots[lane].dispatchEvent(new PointerEvent('pointermove', at));
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        const pointed = said();
        plots[lane].dispatchEvent(new PointerEvent('pointerout', at));
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        return [listened.join('\\n'), pointed, said()]";
    let [listened, pointed, left]: [String; 3] = page.evaluate_async(script, json!(middle))?;
    assert!(listened.contains("computing") && listened.contains("(waits for the GIL)"), "{listened}");
    assert!(pointed.ends_with("blocked · waits for the GIL"), "{pointed}");
    assert_eq!(left, "", "what was pointed at is still said");
    Ok(())
}

fn compute_at_once_without_one(bench: &Bench) -> Result<()> {
    for model in ["threads-free", "subinterpreters"] {
        let result = two_long_jobs(bench, model)?;
        let [one, other] = two_lanes(&result);
        let shared = shared_nanos(&one, &other);
        // A lane that is ready but has no core still records that it computes, so a busy machine changes nothing.
        assert!(shared > 5e6, "{model}: the two lanes computed at once for {shared} ns: {one:?} and {other:?}");
    }
    Ok(())
}

fn of_a_pool_are_as_many_as_asked(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    for lanes in [3, 1] {
        let link = format!("work=sleeping&jobs=5&millis=50&lanes={lanes}&models=thread-pool");
        let work = Work { link, answer: 5 };
        let report = page.run(&work.link)?;
        let result = report.of("thread-pool");
        assert_right(result, &work);
        let waiting = result.lanes_in("thread", "waiting");
        assert_eq!(waiting.len(), lanes, "{:?}", result.lanes);
        // Five sleeps on three lanes take the time of two, on one lane that of five.
        let least = 5_usize.div_ceil(lanes) as f64 * 50e6;
        let nanos = result.nanos.unwrap_or_default();
        assert!(nanos > least - 4e6, "{lanes} lanes took {nanos} ns");
    }
    Ok(())
}

/// What three jobs compute goes to two lanes of a kind, while the jobs' coroutines wait for it.
#[track_caller]
fn is_handed_to(result: &ModelResult, kind: &str) {
    let (computing, waiting) = (result.lanes_in(kind, "computing"), result.lanes_in("coroutine", "waiting"));
    assert_eq!((computing.len(), waiting.len()), (2, 3), "{:?}", result.lanes);
    assert!(result.lanes_in("coroutine", "computing").is_empty(), "{:?}", result.lanes);
    for lane in &computing {
        assert!(shared_nanos(lane, &waiting.concat()) > 1e6, "{computing:?} {waiting:?}");
    }
}

const BENEATH_A_LOOP: &str = "work=primes&jobs=3&size=500000&lanes=2&gil=off&models=loop-and-executor";

fn compute_beneath_a_loop(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let work = Work { link: BENEATH_A_LOOP.into(), answer: 3 * primes_below(500_000) as u64 };
    let report = page.run(&work.link)?;
    assert_right(report.of("loop-and-executor"), &work);
    is_handed_to(report.of("loop-and-executor"), "thread");
    // Under a GIL the threads take turns.
    let work = Work { link: work.link.replace("gil=off", "gil=on"), ..work };
    let report = page.run(&work.link)?;
    assert_right(report.of("loop-and-executor"), &work);
    let [one, other] = two_lanes(report.of("loop-and-executor"));
    for (a, b) in one.iter().flat_map(|a| other.iter().map(move |b| (a, b))) {
        let shared = shared_nanos(&[a], &[b]);
        assert!(shared < CLOCKS_NANOS, "two threads held the GIL at once for {shared} ns: {a:?} and {b:?}");
    }
    Ok(())
}

fn are_processes_where_nothing_is_shared(bench: &Bench) -> Result<()> {
    let page = bench.open(Site::project()?.with_headers(Headers::none()))?;
    let work = Work { link: BENEATH_A_LOOP.into(), answer: 3 * primes_below(500_000) as u64 };
    let report = page.run(&work.link)?;
    assert_right(report.of("loop-and-executor"), &work);
    is_handed_to(report.of("loop-and-executor"), "process");
    page.wait_for_rest(2, STOP_LIMIT)
}
