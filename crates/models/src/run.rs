//! One run: from a spec to an answer that has been compared with the known one.

use std::sync::Arc;

use catalog::{ModelId, RunSpec, WorkloadId};
use serde::{Deserialize, Serialize};
use trace::{Failure, Recording};
use workloads::Work;

use crate::{EventLoop, Host, Lane, Log, processes, sequential};

/// What a model came up with, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The answers by job.
    pub answers: Vec<u64>,
    /// When the model began to run its jobs.
    pub start_nanos: u64,
    /// When the last answer was there.
    pub end_nanos: u64,
}

/// The jobs that a spec stands for. A spec may come from anywhere: its numbers are checked first.
pub fn work_of(spec: &RunSpec) -> Result<Work, Failure> {
    spec.check().map_err(|error| Failure::BadRequest { message: error.to_string() })?;
    let jobs = spec.values[0] as u32;
    Ok(match spec.workload {
        WorkloadId::Primes => workloads::primes(jobs, spec.values[1] as u32),
        WorkloadId::Sleeping => workloads::sleeping(jobs, spec.values[1] * 1_000_000),
    })
}

/// Runs a model whose main lane runs jobs itself.
pub async fn run_on_lane<L: Lane>(lane: &L, model: ModelId, work: &Work) -> Result<Outcome, Failure> {
    let start_nanos = lane.now_nanos();
    let answers = match model {
        ModelId::Sequential => sequential::run(lane, &work.jobs).await?,
        ModelId::EventLoop => EventLoop::new(lane.clone()).gather(&work.jobs).await?,
        ModelId::WorkStealing | ModelId::Processes => {
            return Err(Failure::BadRequest { message: format!("{} starts further lanes", model.row().slug) });
        }
    };
    Ok(Outcome { answers, start_nanos, end_nanos: lane.now_nanos() })
}

/// Runs a model whose main lane starts others and waits for them.
pub async fn run_on_host<H: Host>(host: &H, spec: &RunSpec, work: &Work) -> Result<Outcome, Failure> {
    let start_nanos = host.lane().now_nanos();
    let answers = match spec.model {
        ModelId::WorkStealing => host.fork_join(spec.lanes, Arc::from(work.jobs.as_slice())).await?,
        ModelId::Processes => processes::run(host, spec, &work.jobs).await?,
        ModelId::Sequential | ModelId::EventLoop => return run_on_lane(host.lane(), spec.model, work).await,
    };
    Ok(Outcome { answers, start_nanos, end_nanos: host.lane().now_nanos() })
}

/// Compares the answers with the known one and puts the recording together.
pub fn finish(outcome: &Outcome, work: &Work, log: &Log) -> Result<(u64, Recording), Failure> {
    let got = outcome.answers.iter().fold(0u64, |sum, answer| sum.wrapping_add(*answer));
    if outcome.answers.len() != work.jobs.len() || got != work.expected {
        return Err(Failure::WrongAnswer { expected: work.expected, got });
    }
    let Outcome { start_nanos, end_nanos, .. } = *outcome;
    let (lanes, dropped_lanes) = log.take(end_nanos);
    Ok((got, Recording { lanes, start_nanos, end_nanos, dropped_lanes }))
}
