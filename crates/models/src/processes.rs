//! One process per job: started, given its arguments, joined. Nothing is shared; what goes in and out is copied.

use catalog::{ModelId, RunSpec};
use serde::{Deserialize, Serialize};
use trace::{Failure, LaneRecord, State};
use workloads::{Job, Work};

use crate::{Host, Lane, Outcome, Row, run_job, run_on_lane, warm_up, work_of};

/// What a process is to do: all that it knows of the world, since closures do not cross memories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The run it takes part in.
    pub spec: RunSpec,
    /// Which part of the run it does.
    pub part: Part,
    /// When it was asked for.
    pub requested_nanos: u64,
    /// The id that the reader sees.
    pub id: u32,
}

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// All of it: the process is the run's main lane.
    All,
    /// One job.
    Job(u32),
    /// Nothing that counts: what the run will compute, for as long as the browser needs to compile it well.
    WarmUp,
}

/// What a process says at its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// What it found, or why it found nothing.
    pub result: Result<Outcome, Failure>,
    /// What its lanes did.
    pub lanes: Vec<LaneRecord>,
    /// Lanes beyond the limit.
    pub dropped_lanes: u32,
    /// When it handed over the reply.
    pub sent_nanos: u64,
}

/// What the process itself runs, on the one lane that it begins with.
pub async fn answer_body<L: Lane>(lane: &L, body: &Body) -> Result<Outcome, Failure> {
    run_part(lane, body.spec.model, &work_of(&body.spec)?, body.part).await
}

/// Runs a part of a run on one lane.
pub async fn run_part<L: Lane>(lane: &L, model: ModelId, work: &Work, part: Part) -> Result<Outcome, Failure> {
    match part {
        Part::All => run_on_lane(lane, model, work).await,
        Part::WarmUp => {
            warm_up(lane, work).await?;
            Ok(Outcome { answers: Vec::new(), start_nanos: 0, end_nanos: 0 })
        }
        Part::Job(number) => {
            let job = work
                .jobs
                .get(number as usize)
                .ok_or_else(|| Failure::BadRequest { message: format!("there is no job {number}") })?;
            let start_nanos = lane.now_nanos();
            let answer = run_job(lane, job).await?;
            Ok(Outcome { answers: vec![answer], start_nanos, end_nanos: lane.now_nanos() })
        }
    }
}

pub(crate) async fn run<H: Host>(host: &H, spec: &RunSpec, jobs: &[Job]) -> Result<Vec<u64>, Failure> {
    let (lane, row): (_, &Row) = (host.lane(), host.lane().row());
    let mut processes = Vec::with_capacity(jobs.len());
    row.enter(State::Starting, None, lane.now_nanos());
    for job in jobs {
        let requested_nanos = lane.now_nanos();
        let body = Body { spec: spec.clone(), part: Part::Job(job.number), requested_nanos, id: job.number + 1 };
        processes.push(host.start_process(body).await?);
    }
    row.enter(State::Waiting, None, lane.now_nanos());
    let mut answers = Vec::with_capacity(jobs.len());
    for process in processes {
        let reply = host.join_process(process).await?;
        answers.extend(reply.result?.answers);
    }
    Ok(answers)
}
