//! The fact about handing blocking calls to threads from a loop.

use std::sync::{Arc, Mutex, PoisonError};

use catalog::{GilSettings, default_max_workers};
use trace::Failure;

use super::CORES;
use crate::event_loop::Unstarted;
use crate::loop_and_executor::{Threads, on_a_loop};
use crate::{Executor, Gil, Host, Lane};

/// From when to when something lasted.
pub type Interval = [u64; 2];

/// Four calls that sleep for a tenth of a second, each handed to a thread by a coroutine of its own: how long all of them
/// took together, and when each of them slept.
pub async fn four_sleeps_to_threads<H: Host>(host: &H) -> Result<(u64, Vec<Interval>), Failure> {
    let gil = Gil::new(GilSettings::default().interval_nanos());
    let threads = Threads::new(Executor::new(host, default_max_workers(CORES) as usize, Some(gil.clone()), false));
    let slept = Arc::<Mutex<Vec<Interval>>>::default();
    let (beneath, notes, began_nanos) = (threads.clone(), slept.clone(), host.lane().now_nanos());
    on_a_loop(host, Some(&gil), false, |main| async move {
        let calls = (0..4).map(|_| {
            let (beneath, notes) = (beneath.clone(), notes.clone());
            Unstarted::new(move |coroutine| async move {
                let sleep = move |thread: &_| {
                    let thread: crate::GilLane<H::Thread> = Clone::clone(thread);
                    Box::pin(async move {
                        let begin = thread.now_nanos();
                        thread.sleep(100_000_000).await?;
                        let interval = [begin, thread.now_nanos()];
                        notes.lock().unwrap_or_else(PoisonError::into_inner).push(interval);
                        Ok(0_u64)
                    }) as _
                };
                beneath.call(&coroutine, sleep).await
            })
        });
        main.gather(calls).await
    })
    .await?;
    let nanos = host.lane().now_nanos() - began_nanos;
    threads.shut_down().await?;
    let slept = std::mem::take(&mut *slept.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((nanos, slept))
}
