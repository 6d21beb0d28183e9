//! An executor over processes that are kept: each is started once and gets one chunk of jobs after another.

use std::collections::BTreeMap;

use catalog::RunSpec;
use trace::{Failure, State, Wait};
use workloads::Job;

use crate::{Body, Host, Lane, Part};

/// Hands out the jobs in chunks, in their order.
struct Chunks {
    next: u32,
    jobs: u32,
    size: u32,
}

impl Iterator for Chunks {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        let first = self.next;
        let count = self.size.min(self.jobs - first);
        self.next += count;
        (count > 0).then_some((first, count))
    }
}

pub(crate) async fn run<H: Host>(host: &H, spec: &RunSpec, jobs: &[Job]) -> Result<Vec<u64>, Failure> {
    let lane = host.lane();
    let mut chunks = Chunks { next: 0, jobs: jobs.len() as u32, size: spec.chunk.max(1) };
    let body = |id: u32, (first, count): (u32, u32)| Body {
        spec: spec.clone(),
        part: Part::Chunk { first, count },
        requested_nanos: lane.now_nanos(),
        id,
    };
    let mut busy = BTreeMap::new();
    lane.row().enter(State::Starting, None, lane.now_nanos());
    for (id, chunk) in (1..=spec.lanes).zip(chunks.by_ref()) {
        host.start_process(body(id, chunk)).await?;
        busy.insert(id, chunk.0);
    }
    lane.row().wait(Wait::ForLanes, None, lane.now_nanos());
    let mut answers = vec![0; jobs.len()];
    while !busy.is_empty() {
        let (id, reply) = host.hear_processes().await.map_err(broken)?;
        let first = busy.remove(&id).expect("only a process that was given a chunk replies") as usize;
        let some = reply.result?.answers;
        answers[first..first + some.len()].copy_from_slice(&some);
        match chunks.next() {
            Some(chunk) => {
                host.ask_process(body(id, chunk)).await?;
                busy.insert(id, chunk.0);
            }
            None => host.end_process(id),
        }
    }
    Ok(answers)
}

/// A process that dies takes the pool with it: nobody can know what it had already done.
pub(crate) fn broken(failure: Failure) -> Failure {
    match failure {
        Failure::WorkerDied { worker, message } => {
            Failure::WorkerDied { worker, message: format!("{message}; the pool is broken (BrokenProcessPool)") }
        }
        other => other,
    }
}
