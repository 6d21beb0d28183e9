//! What the executor, the GIL, the locks and the tickets do, in the words of the facts that were recorded from CPython
//! (`tests/golden`). Each fact is found out anew, on any host, with the very parts that the models use.
//!
//! Python's `time.sleep` is the lane's `sleep`, its letters are places in a list, and its `ZeroDivisionError` is the panic
//! of a real division by zero.

use std::fmt::Debug;
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;

use catalog::{Experiment, GilSettings, ModelId};
use trace::Failure;
use workloads::{Job, Step, Work};

use crate::threads::{self, Interpreters};
use crate::{
    EventLoop, Executor, Gil, GilLane, Host, Lane, Shared, Signal, Ticket, TicketError, as_completed,
    default_max_workers, wait,
};

const MILLI: u64 = 1_000_000;

/// What the three pieces of work with a name are called, by their number.
const LETTERS: [&str; 3] = ["a", "b", "c"];

/// How long each of them takes.
const DELAYS: [u64; 3] = [150 * MILLI, 50 * MILLI, 100 * MILLI];

/// How many cores the machine had on which the facts were recorded.
const CORES: usize = 2;

type Working = Pin<Box<dyn Future<Output = Result<u64, Failure>>>>;

/// What happens here where the recorded fact of this name happened, as JSON.
pub async fn fact<H: Host>(host: &H, key: &str) -> Result<String, Failure> {
    Ok(match key {
        "map.order" => json(map_order(host).await?),
        "as_completed.order" => json(as_completed_order(host).await?),
        "cancel.running" | "cancel.queued" | "f2.cancelled" => {
            let seen = cancelling(host).await?;
            json(match key {
                "cancel.running" => seen.running,
                "cancel.queued" => seen.queued,
                _ => seen.is_cancelled,
            })
        }
        "exc.stored" => json(stored_exception(host).await?),
        "exc.result" => json(raised_exception(host).await?),
        "map.exc" => json(map_exception(host).await?),
        "submit_after_shutdown" => json(submit_after_shutdown(host).await?),
        "shutdown.cancel_futures" => {
            let (value, is_cancelled) = shutdown_cancelling(host).await?;
            format!("[{value},{is_cancelled}]")
        }
        "default.max_workers" => json(default_max_workers(CORES)),
        "cf.wait.timeout" => json(wait_timeout(host).await?),
        "thread_lost_updates" => {
            let since_3_10 = GilSettings { switch_micros: 10, switches_anywhere: false };
            json(thread_updates(host, since_3_10, 200_000, &PLUS_ONE).await?)
        }
        "coroutine_lost_updates" => json(coroutine_updates(host, &PLUS_ONE_ACROSS_AN_AWAIT).await?),
        "with_lock" => json(coroutine_updates(host, &PLUS_ONE_UNDER_A_LOCK).await?[1]),
        _ => return Err(Failure::BadRequest { message: format!("there is no fact {key}") }),
    })
}

/// `Debug` is JSON for all that facts consist of: numbers, truth, plain words and lists of them.
fn json(value: impl Debug) -> String {
    format!("{value:?}")
}

/// `counter += 1` without a call between reading and writing.
pub const PLUS_ONE: [Step; 3] = [Step::Load { cell: 0 }, Step::Add { amount: 1 }, Step::Store { cell: 0 }];

/// The same with a call between.
pub const PLUS_ONE_WITH_A_CALL: [Step; 4] =
    [Step::Load { cell: 0 }, Step::Call, Step::Add { amount: 1 }, Step::Store { cell: 0 }];

const PLUS_ONE_ACROSS_AN_AWAIT: [Step; 4] =
    [Step::Load { cell: 0 }, Step::Yield, Step::Add { amount: 1 }, Step::Store { cell: 0 }];

const PLUS_ONE_UNDER_A_LOCK: [Step; 6] = [
    Step::Lock { lock: 0 },
    Step::Load { cell: 0 },
    Step::Yield,
    Step::Add { amount: 1 },
    Step::Store { cell: 0 },
    Step::Unlock { lock: 0 },
];

fn executor<H: Host>(host: &H, max_workers: usize) -> Executor<H> {
    let gil = GilSettings::default();
    Executor::new(host, max_workers, Some(Gil::new(gil.interval_nanos())), gil.switches_anywhere)
}

/// Work that sleeps and then gives this number.
fn sleeping<L: Lane>(nanos: u64, number: u64) -> impl FnOnce(&GilLane<L>) -> Working + Send + 'static {
    move |lane| {
        let lane = lane.clone();
        Box::pin(async move {
            lane.sleep(nanos).await?;
            Ok(number)
        })
    }
}

/// Work that waits to be told and then gives this number.
fn waiting_for<L: Lane>(signal: &Signal, number: u64) -> impl FnOnce(&GilLane<L>) -> Working + Send + use<L> {
    let signal = signal.clone();
    move |lane| {
        let lane = lane.clone();
        Box::pin(async move {
            lane.wait_for(&signal, None).await?;
            Ok(number)
        })
    }
}

async fn submit<H: Host>(
    executor: &Executor<H>,
    work: impl FnOnce(&GilLane<H::Thread>) -> Working + Send + 'static,
) -> Result<Ticket, Failure> {
    executor.submit(work).await.map_err(|error| Failure::BadRequest { message: error.to_string() })
}

/// A ticket's value, where one is expected.
fn value(result: Result<u64, TicketError>) -> Result<u64, Failure> {
    result.map_err(|error| match error {
        TicketError::Failed(failure) => failure,
        TicketError::Cancelled => Failure::BadRequest { message: "it was called off".into() },
    })
}

/// What Python calls the exception that work ended with.
fn exception(result: Result<u64, TicketError>) -> String {
    match value(result) {
        Err(Failure::Panicked { message }) if message == "attempt to divide by zero" => "ZeroDivisionError".into(),
        Err(other) => other.to_string(),
        Ok(number) => format!("no exception but {number}"),
    }
}

fn reciprocal(number: u64) -> u64 {
    1 / black_box(number)
}

async fn map_order<H: Host>(host: &H) -> Result<Vec<&'static str>, Failure> {
    let executor = executor(host, 4);
    let sleep = |lane: GilLane<H::Thread>, (number, nanos): (usize, u64)| async move {
        lane.sleep(nanos).await?;
        Ok(number as u64)
    };
    let mapped = executor.map(DELAYS.into_iter().enumerate(), sleep).await;
    let mut results = mapped.map_err(|error| Failure::BadRequest { message: error.to_string() })?;
    let mut letters = Vec::new();
    while let Some(result) = results.next(host.lane()).await? {
        letters.push(LETTERS[value(result)? as usize]);
    }
    executor.shut_down(true, false).await?;
    Ok(letters)
}

/// Here `b`, then `c`, then `a` get over one because of the other: sleeps may end in any order on a busy machine.
async fn as_completed_order<H: Host>(host: &H) -> Result<Vec<&'static str>, Failure> {
    let executor = executor(host, 4);
    let (after_b, after_c) = (Signal::new(), Signal::new());
    let tickets = [
        submit(&executor, waiting_for(&after_c, 0)).await?,
        submit(&executor, sleeping(DELAYS[1], 1)).await?,
        submit(&executor, waiting_for(&after_b, 2)).await?,
    ];
    let [_, b, c] = tickets.clone();
    let chaining = move |lane: &GilLane<H::Thread>| {
        let lane = lane.clone();
        Box::pin(async move {
            value(b.result(&lane).await?)?;
            after_b.set();
            let number = value(c.result(&lane).await?)?;
            after_c.set();
            Ok(number)
        }) as Working
    };
    submit(&executor, chaining).await?;
    let mut letters = Vec::new();
    for place in as_completed(host.lane(), &tickets).await? {
        letters.push(LETTERS[value(tickets[place].result(host.lane()).await?)? as usize]);
    }
    executor.shut_down(true, false).await?;
    Ok(letters)
}

/// What calling off came to.
struct Cancelling {
    running: bool,
    queued: bool,
    is_cancelled: bool,
}

async fn cancelling<H: Host>(host: &H) -> Result<Cancelling, Failure> {
    let executor = executor(host, 1);
    let (begun, go_on) = (Signal::new(), Signal::new());
    let (begins, waits) = (begun.clone(), waiting_for(&go_on, 1));
    let first = move |lane: &GilLane<H::Thread>| {
        begins.set();
        waits(lane)
    };
    let first = submit(&executor, first).await?;
    let second = submit(&executor, sleeping(100 * MILLI, 2)).await?;
    host.lane().wait_for(&begun, None).await?;
    let (running, queued) = (first.cancel(), second.cancel());
    go_on.set();
    executor.shut_down(true, false).await?;
    Ok(Cancelling { running, queued, is_cancelled: second.is_cancelled() })
}

fn dividing<L: Lane>(number: u64) -> impl FnOnce(&GilLane<L>) -> Working + Send + 'static {
    move |_| Box::pin(async move { Ok(reciprocal(number)) })
}

async fn stored_exception<H: Host>(host: &H) -> Result<String, Failure> {
    let executor = executor(host, 1);
    let ticket = submit(&executor, dividing(0)).await?;
    // The thread that failed is gone before anybody asks.
    executor.shut_down(true, false).await?;
    Ok(exception(ticket.result(host.lane()).await?))
}

async fn raised_exception<H: Host>(host: &H) -> Result<String, Failure> {
    let executor = executor(host, 1);
    let ticket = submit(&executor, dividing(0)).await?;
    let raised = exception(ticket.result(host.lane()).await?);
    executor.shut_down(true, false).await?;
    Ok(format!("raises {raised}"))
}

async fn map_exception<H: Host>(host: &H) -> Result<String, Failure> {
    let executor = executor(host, 1);
    let mapped = executor.map([1, 0, 2], |_, number| async move { Ok(reciprocal(number)) }).await;
    let mut results = mapped.map_err(|error| Failure::BadRequest { message: error.to_string() })?;
    let mut seen = Vec::new();
    while let Some(result) = results.next(host.lane()).await? {
        seen.push(result.map_or_else(|error| exception(Err(error)), |number| number.to_string()));
    }
    executor.shut_down(true, false).await?;
    // The first item's value comes, the second raises in its place, and nothing comes after it.
    Ok(if seen == ["1", "ZeroDivisionError"] { "raised at item".into() } else { format!("gave {seen:?}") })
}

async fn submit_after_shutdown<H: Host>(host: &H) -> Result<String, Failure> {
    let executor = executor(host, 1);
    executor.shut_down(true, false).await?;
    Ok(match executor.submit(sleeping(0, 0)).await {
        Ok(_) => "accepted".into(),
        Err(refusal) => refusal.to_string(),
    })
}

async fn shutdown_cancelling<H: Host>(host: &H) -> Result<(u64, bool), Failure> {
    let executor = executor(host, 1);
    let begun = Signal::new();
    let begins = begun.clone();
    let first = move |lane: &GilLane<H::Thread>| {
        begins.set();
        sleeping(300 * MILLI, 0)(lane)
    };
    let first = submit(&executor, first).await?;
    let second = submit(&executor, sleeping(100 * MILLI, 1)).await?;
    host.lane().wait_for(&begun, None).await?;
    executor.shut_down(true, true).await?;
    Ok((value(first.result(host.lane()).await?)?, second.is_cancelled()))
}

/// How many are over and how many are not.
async fn wait_timeout<H: Host>(host: &H) -> Result<[usize; 2], Failure> {
    let (over, not_over) = wait(host.lane(), &[Ticket::default()], 10 * MILLI).await?;
    Ok([over.len(), not_over.len()])
}

/// Two jobs that repeat these steps, each so often, and the cell and the lock that they share.
fn counting(times: u32, steps: &[Step]) -> Work {
    let steps = vec![Step::Repeat { times, steps: steps.to_vec() }];
    let jobs = (0..2).map(|number| Job { number, steps: steps.clone() }).collect();
    let shared = workloads::Shared { cells: 1, locks: 1, ..Default::default() };
    Work { jobs, shared, expected: u64::from(2 * times).into(), may_lose_updates: true }
}

/// What two threads under one GIL count to, beside what they should.
pub async fn thread_updates<H: Host>(
    host: &H,
    gil: GilSettings,
    times: u32,
    steps: &[Step],
) -> Result<[u64; 2], Failure> {
    let (work, spec) = (counting(times, steps), Experiment::default().run_spec(ModelId::ThreadsGil, false));
    let shared = Shared::new(&work.shared);
    threads::run(host, Interpreters::One, &catalog::RunSpec { gil, ..spec }, &work, &shared).await?;
    Ok([work.expected.answer(), shared.sum_of_cells()])
}

/// What two coroutines that do it a hundred times each count to, beside what they should.
async fn coroutine_updates<H: Host>(host: &H, steps: &[Step]) -> Result<[u64; 2], Failure> {
    let work = counting(100, steps);
    let shared = Shared::new(&work.shared);
    EventLoop::new(host.lane().clone()).gather(&work.jobs, &shared).await?;
    Ok([work.expected.answer(), shared.sum_of_cells()])
}
