//! Structured concurrency: a coroutine per job on one event loop, all of them children of one group.
//!
//! While nothing fails it does what the event loop does. When a job fails, the group calls off its siblings, each at the
//! place where it waits, and the run fails with what was first and with how many that was done to.

use trace::Failure;
use workloads::Job;

use crate::event_loop::{EventLoop, GroupError, Handle, coroutine_of_job, raise};
use crate::{Lane, Shared};

pub(crate) async fn run<L: Lane>(lane: &L, jobs: &[Job], shared: &Shared) -> Result<Vec<u64>, Failure> {
    let (jobs, shared) = (jobs.to_vec(), shared.clone());
    EventLoop::run(lane.clone(), |main| async move {
        let body = async |group: crate::Group<L, u64>| {
            let mut children = Vec::with_capacity(jobs.len());
            for (index, job) in jobs.into_iter().enumerate() {
                main.breathe_at(index).await?;
                let shared = shared.clone();
                children.push(group.start(move |coroutine| coroutine_of_job(coroutine, job, shared)));
            }
            Ok(children)
        };
        match main.group(body).await {
            Ok(children) => children.iter().filter_map(Handle::peek).map(raise).collect(),
            Err(GroupError::Cancelled) => Err(Failure::Stopped),
            Err(GroupError::Failed { failures, called_off }) => Err(Failure::ChildFailed {
                cause: failures.first().map(ToString::to_string).unwrap_or_default(),
                failed: failures.len() as u32,
                called_off: called_off as u32,
            }),
        }
    })
    .await
}
