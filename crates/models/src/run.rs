//! One run: from a spec to an answer that has been compared with the known one.

use std::cell::RefCell;
use std::sync::Arc;

use catalog::{ModelId, RunSpec, Script, WorkloadId};
use serde::{Deserialize, Serialize};
use trace::{Failure, Losses, Recording};
use workloads::{Between, Work};

use crate::threads::{self, Interpreters};
use crate::{
    EventLoop, Host, Lane, Log, Shared, Stopped, callbacks, custom, generators, greenlets, loop_and_executor,
    message_queue, process_pool, processes, sequential, task_group, thread_pool,
};

/// What a model came up with, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The answers by job.
    pub answers: Vec<u64>,
    /// When the model began to run its jobs.
    pub start_nanos: u64,
    /// When the last answer was there.
    pub end_nanos: u64,
    /// What the shared cells came to.
    pub sum_of_cells: u64,
    /// Jobs that have no answer because whoever had them is gone.
    pub lost: Lost,
    /// How often a job was begun that had been begun before.
    pub repeated: u32,
}

/// Jobs that have no answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// Which.
    pub jobs: Vec<u32>,
    /// What their answers would have come to.
    pub answers: u64,
}

/// The jobs that a spec stands for. A spec may come from anywhere: its numbers are checked first.
pub fn work_of(spec: &RunSpec) -> Result<Work, Failure> {
    spec.check().map_err(|error| Failure::BadRequest { message: error.to_string() })?;
    let recipe = (spec.workload, spec.values.clone(), spec.script.clone(), spec.seed);
    Ok(LAST.with_borrow_mut(|last| match last {
        Some((known, work)) if *known == recipe => work.clone(),
        _ => last.insert((recipe, new_work(spec))).1.clone(),
    }))
}

/// What a work is made from: a workload, its values, the reader's own jobs, and a seed.
type Recipe = (WorkloadId, Vec<u64>, String, u64);

thread_local! {
    /// The work that was last asked for. Model after model runs the same work, and its known answer, which is found but
    /// once, can take as long to find as a run.
    static LAST: RefCell<Option<(Recipe, Work)>> = const { RefCell::new(None) };
}

fn new_work(spec: &RunSpec) -> Work {
    const NANOS_PER_MILLI: u64 = 1_000_000;
    // All numbers are within their limits, which are far below 2³².
    let value = |index: usize| spec.values[index] as u32;
    let nanos = |index: usize| spec.values[index] * NANOS_PER_MILLI;
    let (jobs, seed) = (value(0), spec.seed);
    match spec.workload {
        WorkloadId::Primes => workloads::primes(jobs, value(1)),
        WorkloadId::Loop => workloads::arithmetic_loop(jobs, value(1)),
        WorkloadId::Mandelbrot => workloads::mandelbrot(jobs, value(1), value(2)),
        WorkloadId::Matrix => workloads::matrix(jobs, value(1), seed),
        WorkloadId::Queens => workloads::queens(jobs, value(1)),
        WorkloadId::Sha256 => workloads::sha256(jobs, value(1), seed),
        WorkloadId::Sorting => workloads::sorting(jobs, value(1), seed),
        WorkloadId::Pi => workloads::monte_carlo_pi(jobs, value(1), seed),
        WorkloadId::Sleeping | WorkloadId::Users => workloads::sleeping(jobs, nanos(1)),
        // The spec has been checked, so there are jobs.
        WorkloadId::Custom => custom::work(&Script::read(&spec.script).unwrap_or_default()),
        WorkloadId::Fetch => workloads::fetching(jobs, value(1), nanos(2)),
        WorkloadId::FetchParse => workloads::fetching_and_reading(jobs, nanos(1), value(2)),
        WorkloadId::Integral => workloads::integral(jobs, value(1), nanos(2)),
        WorkloadId::Echoes => workloads::echoes(jobs, value(1), value(2)),
        WorkloadId::Counter => workloads::counter(jobs, value(1), Between::Nothing),
        WorkloadId::CounterCall => workloads::counter(jobs, value(1), Between::Call),
        WorkloadId::CounterAwait => workloads::counter(jobs, value(1), Between::Yield),
        WorkloadId::CounterLock => workloads::counter(jobs, value(1), Between::Lock),
        WorkloadId::Buffer => workloads::buffer(jobs, value(1), value(2)),
        WorkloadId::Philosophers => workloads::philosophers(jobs, value(1), false),
        WorkloadId::PhilosophersOrdered => workloads::philosophers(jobs, value(1), true),
        WorkloadId::Nested => workloads::nested(jobs, value(1)),
    }
}

/// Whether the model can run this work at all.
fn check_fits(model: ModelId, work: &Work) -> Result<(), Failure> {
    if !model.row().shares_memory && work.shared != workloads::Shared::default() {
        return Err(Failure::NothingShared);
    }
    match model.row().most_jobs.filter(|&most| work.jobs.len() > most as usize) {
        Some(most) => Err(Failure::TooManyJobs { jobs: work.jobs.len() as u32, most }),
        None => Ok(()),
    }
}

/// Runs a model whose main lane runs jobs itself.
pub async fn run_on_lane<L: Lane>(lane: &L, model: ModelId, work: &Work, shared: &Shared) -> Result<Outcome, Failure> {
    check_fits(model, work)?;
    let start_nanos = lane.now_nanos();
    let answers = match model {
        ModelId::Sequential => sequential::run(lane, &work.jobs, shared).await?,
        ModelId::EventLoop if L::RUNS_LOOPS => EventLoop::gather(lane.clone(), &work.jobs, shared).await?,
        ModelId::TaskGroup if L::RUNS_LOOPS => task_group::run(lane, &work.jobs, shared).await?,
        ModelId::Callbacks if L::RUNS_LOOPS => callbacks::run(lane, &work.jobs, shared).await?,
        ModelId::Generators => generators::run(lane, &work.jobs, shared).await?,
        ModelId::Greenlets if L::RUNS_LOOPS => greenlets::run(lane, &work.jobs, shared).await?,
        _ => {
            return Err(Failure::BadRequest { message: format!("{} does not run on one such lane", model.row().slug) });
        }
    };
    shared.check()?;
    let (end_nanos, sum_of_cells) = (lane.now_nanos(), shared.sum_of_cells());
    Ok(Outcome { answers, start_nanos, end_nanos, sum_of_cells, ..Outcome::default() })
}

/// Runs a model whose main lane starts others and waits for them.
pub async fn run_on_host<H: Host>(host: &H, spec: &RunSpec, work: &Work, shared: &Shared) -> Result<Outcome, Failure> {
    check_fits(spec.model, work)?;
    let start_nanos = host.lane().now_nanos();
    let answers = match spec.model {
        ModelId::ThreadsGil => threads::run(host, Interpreters::One, spec, work, shared).await?,
        ModelId::ThreadsFree => threads::run(host, Interpreters::Free, spec, work, shared).await?,
        ModelId::Subinterpreters => threads::run(host, Interpreters::OneEach, spec, work, shared).await?,
        ModelId::ThreadPool => thread_pool::run(host, spec, work, shared).await?,
        ModelId::WorkStealing => {
            shared.run_on(spec.lanes as usize);
            host.fork_join(spec.lanes, Arc::from(work.jobs.as_slice()), shared).await?
        }
        ModelId::Processes => processes::run(host, spec, &work.jobs).await?,
        ModelId::ProcessPool => process_pool::run(host, spec, &work.jobs).await?,
        ModelId::LoopAndExecutor => loop_and_executor::run(host, spec, work, shared).await?,
        ModelId::MessageQueue => return message_queue::run(host, spec, &work.jobs).await,
        ModelId::Sequential
        | ModelId::EventLoop
        | ModelId::TaskGroup
        | ModelId::Callbacks
        | ModelId::Generators
        | ModelId::Greenlets => {
            let message = format!("{} starts no further lanes", spec.model.row().slug);
            return Err(Failure::BadRequest { message });
        }
    };
    let end_nanos = host.lane().now_nanos();
    shared.check()?;
    Ok(Outcome { answers, start_nanos, end_nanos, sum_of_cells: shared.sum_of_cells(), ..Outcome::default() })
}

/// Works out the known answer, if nobody has yet, on a lane that can be stopped and that looks at its messages meanwhile.
pub async fn find_known_answer<L: Lane>(lane: &L, work: &Work) -> Result<u64, Stopped> {
    loop {
        if let Some(answer) = work.expected.pursue() {
            return Ok(answer);
        }
        lane.end_quantum(0).await?;
    }
}

/// Compares the answers with the known one, which is worked out here unless it has been found before, and puts the
/// recording together.
pub fn finish(outcome: &Outcome, work: &Work, log: &Log) -> Result<Finished, Failure> {
    let got = outcome.answers.iter().fold(outcome.sum_of_cells, |sum, answer| sum.wrapping_add(*answer));
    let expected = work.expected.answer();
    let Lost { jobs, answers } = &outcome.lost;
    // With jobs lost, exactly their answers must be missing.
    let short = expected.wrapping_sub(got).wrapping_sub(*answers);
    let updates = if work.may_lose_updates && got < expected { short } else { 0 };
    if outcome.answers.len() != work.jobs.len() || short != updates {
        return Err(Failure::WrongAnswer { expected, got });
    }
    let Outcome { start_nanos, end_nanos, .. } = *outcome;
    let (lanes, dropped_lanes) = log.take(end_nanos);
    let losses = Losses { updates, jobs: jobs.len() as u32, repeated: outcome.repeated };
    Ok(Finished {
        answer: got,
        losses,
        recording: Recording { lanes, start_nanos, end_nanos, dropped_lanes, recorder: None },
    })
}

/// A run that has ended with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The answer.
    pub answer: u64,
    /// What was lost or done twice.
    pub losses: Losses,
    /// What happened.
    pub recording: Recording,
}
