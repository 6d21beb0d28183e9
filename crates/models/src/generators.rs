//! Coroutines made of generators: each job yields wherever it waits and between its steps, and a trampoline sends the next
//! one on. No event loop, no thread, no preemption.

mod generator;
mod trampoline;

use workloads::Job;

use crate::{Lane, Shared, Stopped, run_job};

pub use generator::{Generator, Raised, Resumed, Yielder};
pub use trampoline::{GeneratorLane, Trampoline, Want};

pub(crate) async fn run<L: Lane>(lane: &L, jobs: &[Job], shared: &Shared) -> Result<Vec<u64>, Stopped> {
    let mut trampoline = Trampoline::new(lane.clone());
    for job in jobs {
        let (job, shared) = (job.clone(), shared.clone());
        trampoline.start(|lane| async move { run_job(&lane, &job, &shared).await });
    }
    trampoline.run().await
}
