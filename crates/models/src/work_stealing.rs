//! A pool of threads that take work from each other. On real machines the pool is rayon's.

#[cfg(feature = "rayon")]
use std::task::{Context, Poll, Waker};

#[cfg(feature = "rayon")]
use {rayon::prelude::*, std::future::Future, std::pin::pin, trace::Failure, workloads::Job};

#[cfg(feature = "rayon")]
use crate::{Lane, Shared, run_job};

/// Runs the jobs on the pool of the calling thread, which must belong to one. `lane_of` makes the lane of a thread from
/// its number in the pool.
#[cfg(feature = "rayon")]
pub fn fork_join<L: Lane>(
    jobs: &[Job],
    shared: &Shared,
    lane_of: impl Fn(usize) -> L + Sync,
) -> Result<Vec<u64>, Failure> {
    jobs.par_iter()
        .with_max_len(1)
        .map(|job| {
            let thread = rayon::current_thread_index().expect("fork_join is called from a thread of the pool");
            let lane = lane_of(thread);
            let mut running = pin!(run_job(&lane, job, shared));
            match running.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(answer) => answer.map_err(Failure::from),
                Poll::Pending => unreachable!("a lane of the pool blocks its thread instead of giving it back"),
            }
        })
        .collect()
}
