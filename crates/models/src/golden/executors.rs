//! The facts about executors and their tickets.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;

use catalog::GilSettings;
use trace::Failure;

use crate::{Executor, Gil, GilLane, Host, Lane, Signal, Ticket, TicketError, as_completed, wait};

const MILLI: u64 = 1_000_000;

/// What the three pieces of work with a name are called, by their number.
const LETTERS: [&str; 3] = ["a", "b", "c"];

/// How long each of them takes.
const DELAYS: [u64; 3] = [150 * MILLI, 50 * MILLI, 100 * MILLI];

type Working = Pin<Box<dyn Future<Output = Result<u64, Failure>>>>;

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

pub(super) async fn map_order<H: Host>(host: &H) -> Result<Vec<&'static str>, Failure> {
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
pub(super) async fn as_completed_order<H: Host>(host: &H) -> Result<Vec<&'static str>, Failure> {
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
pub(super) struct Cancelling {
    /// Whether the one that ran could be.
    pub running: bool,
    /// Whether the one that waited its turn could be.
    pub queued: bool,
    /// Whether that one says so itself.
    pub is_cancelled: bool,
}

pub(super) async fn cancelling<H: Host>(host: &H) -> Result<Cancelling, Failure> {
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

pub(super) async fn stored_exception<H: Host>(host: &H) -> Result<String, Failure> {
    let executor = executor(host, 1);
    let ticket = submit(&executor, dividing(0)).await?;
    // The thread that failed is gone before anybody asks.
    executor.shut_down(true, false).await?;
    Ok(exception(ticket.result(host.lane()).await?))
}

pub(super) async fn raised_exception<H: Host>(host: &H) -> Result<String, Failure> {
    let executor = executor(host, 1);
    let ticket = submit(&executor, dividing(0)).await?;
    let raised = exception(ticket.result(host.lane()).await?);
    executor.shut_down(true, false).await?;
    Ok(format!("raises {raised}"))
}

pub(super) async fn map_exception<H: Host>(host: &H) -> Result<String, Failure> {
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

pub(super) async fn submit_after_shutdown<H: Host>(host: &H) -> Result<String, Failure> {
    let executor = executor(host, 1);
    executor.shut_down(true, false).await?;
    Ok(match executor.submit(sleeping(0, 0)).await {
        Ok(_) => "accepted".into(),
        Err(refusal) => refusal.to_string(),
    })
}

pub(super) async fn shutdown_cancelling<H: Host>(host: &H) -> Result<(u64, bool), Failure> {
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
pub(super) async fn wait_timeout<H: Host>(host: &H) -> Result<[usize; 2], Failure> {
    let (over, not_over) = wait(host.lane(), &[Ticket::default()], 10 * MILLI).await?;
    Ok([over.len(), not_over.len()])
}
