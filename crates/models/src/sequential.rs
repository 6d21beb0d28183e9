//! One lane, one job after another.

use workloads::Job;

use crate::{Lane, Shared, Stopped, run_job};

pub(crate) async fn run<L: Lane>(lane: &L, jobs: &[Job], shared: &Shared) -> Result<Vec<u64>, Stopped> {
    shared.run_on(1);
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        answers.push(run_job(lane, job, shared).await?);
    }
    Ok(answers)
}
