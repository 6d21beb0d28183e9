//! What generators, the event loop, the executor, the GIL, the locks and the tickets do, in the words of the facts that were
//! recorded from CPython (`tests/golden`). Each fact is found out anew, on any host, with the very parts that the models use.
//!
//! Python's `time.sleep` is the lane's `sleep`, its letters are places in a list, and its `ZeroDivisionError` is the panic
//! of a real division by zero.

use std::fmt::Debug;

use catalog::GilSettings;
use trace::Failure;

use catalog::default_max_workers;

use crate::{Host, Lane};

mod event_loop;
mod executors;
mod generators;
mod to_thread;
mod updates;

pub use to_thread::four_sleeps_to_threads;
pub use updates::{PLUS_ONE, PLUS_ONE_WITH_A_CALL, thread_updates};

/// How many cores the machine had on which the facts were recorded.
const CORES: u32 = 2;

/// What happens here where the recorded fact of this name happened, as JSON.
pub async fn fact<H: Host>(host: &H, key: &str) -> Result<String, Failure> {
    if H::Lane::RUNS_LOOPS
        && let Some(found) = fact_of_the_loop(host, key).await?
    {
        return Ok(found);
    }
    Ok(match key {
        "gen.send_before_start" => json(generators::send_before_start().await),
        "gen.next" => json(generators::next_and_send().await?[0]),
        "gen.send" => json(generators::next_and_send().await?[1]),
        "yield_from" => json(generators::yield_from().await?),
        "map.order" => json(executors::map_order(host).await?),
        "as_completed.order" => json(executors::as_completed_order(host).await?),
        "cancel.running" | "cancel.queued" | "f2.cancelled" => {
            let seen = executors::cancelling(host).await?;
            json(match key {
                "cancel.running" => seen.running,
                "cancel.queued" => seen.queued,
                _ => seen.is_cancelled,
            })
        }
        "exc.stored" => json(executors::stored_exception(host).await?),
        "exc.result" => json(executors::raised_exception(host).await?),
        "map.exc" => json(executors::map_exception(host).await?),
        "submit_after_shutdown" => json(executors::submit_after_shutdown(host).await?),
        "shutdown.cancel_futures" => list(executors::shutdown_cancelling(host).await?),
        "default.max_workers" => json(default_max_workers(CORES)),
        "cf.wait.timeout" => json(executors::wait_timeout(host).await?),
        "to_thread x4 .1s" => {
            let (nanos, _) = four_sleeps_to_threads(host).await?;
            json((nanos as f64 / 1e8).round() / 10.0)
        }
        "thread_lost_updates" => {
            let since_3_10 = GilSettings { switch_micros: 10, switches_anywhere: false };
            json(thread_updates(host, since_3_10, 200_000, &PLUS_ONE).await?)
        }
        _ => return Err(Failure::BadRequest { message: format!("there is no fact {key}") }),
    })
}

/// The same, for facts that are about the event loop on the host's own lane.
async fn fact_of_the_loop<H: Host>(host: &H, key: &str) -> Result<Option<String>, Failure> {
    Ok(Some(match key {
        "coro_lazy" => json(event_loop::coroutines_are_lazy(host).await?),
        "task_starts_next_tick" => json(event_loop::starts_at_the_next_turn(host).await?),
        "gather" => list(event_loop::gather(host).await?),
        "gather.exc" => json(event_loop::gather_failing(host).await?),
        "gather.return_exceptions" => json(event_loop::gather_results(host).await?),
        "wait.timeout" => list(event_loop::wait_with_a_timeout(host).await?),
        "wait.FIRST_EXCEPTION" => json(event_loop::wait_for_the_first_exception(host).await?),
        "wait.coroutine" => json(event_loop::wait_for_a_coroutine(host).await?),
        "wait_for" => json(event_loop::value_within(host).await?),
        "TaskGroup" => list(event_loop::group(host).await?),
        "asyncio.timeout" => json(event_loop::timeout(host).await?),
        "cancel" => json(event_loop::cancel(host).await?),
        "cancel.swallowed" => list(event_loop::cancel_swallowed(host).await?),
        "call_soon_vs_later0" => json(event_loop::soon_and_later(host).await?),
        "sleep0_interleave" => json(event_loop::sleeping_for_no_time(host).await?),
        "blocking x4 .1s" => json(event_loop::blocking(host).await?),
        "queue(maxsize=1)" => json(event_loop::queue_of_one(host).await?),
        "coroutine_lost_updates" => json(updates::coroutine_updates(host, &updates::PLUS_ONE_ACROSS_AN_AWAIT).await?),
        "with_lock" => json(updates::coroutine_updates(host, &updates::PLUS_ONE_UNDER_A_LOCK).await?[1]),
        _ => return Ok(None),
    }))
}

/// `Debug` is JSON for all that facts consist of: numbers, truth, plain words and lists of them.
fn json(value: impl Debug) -> String {
    format!("{value:?}")
}

/// A tuple is a list in JSON.
fn list(values: impl Debug) -> String {
    let tuple = json(values);
    format!("[{}]", &tuple[1..tuple.len() - 1])
}
