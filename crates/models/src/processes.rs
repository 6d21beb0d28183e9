//! One process per job: started, given its arguments, joined. Nothing is shared; what goes in and out is copied.

use catalog::RunSpec;
use serde::{Deserialize, Serialize};
use trace::{Failure, LaneRecord, State};
use workloads::Job;

use crate::{Host, Lane, Outcome, Row, run_job, run_on_lane, work_of};

/// What a process is to do: all that it knows of the world, since closures do not cross memories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The run it takes part in.
    pub spec: RunSpec,
    /// The one job that it does; absent where the process is the main lane of the run and does all of them.
    pub job: Option<u32>,
    /// When it was asked for.
    pub requested_nanos: u64,
    /// The id that the reader sees.
    pub id: u32,
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
    let work = work_of(&body.spec)?;
    let Some(number) = body.job else {
        return run_on_lane(lane, body.spec.model, &work).await;
    };
    let job = work
        .jobs
        .get(number as usize)
        .ok_or_else(|| Failure::BadRequest { message: format!("there is no job {number}") })?;
    let start_nanos = lane.now_nanos();
    let answer = run_job(lane, job).await?;
    Ok(Outcome { answers: vec![answer], start_nanos, end_nanos: lane.now_nanos() })
}

pub(crate) async fn run<H: Host>(host: &H, spec: &RunSpec, jobs: &[Job]) -> Result<Vec<u64>, Failure> {
    let (lane, row): (_, &Row) = (host.lane(), host.lane().row());
    let mut processes = Vec::with_capacity(jobs.len());
    row.enter(State::Starting, None, lane.now_nanos());
    for job in jobs {
        let requested_nanos = lane.now_nanos();
        let body = Body { spec: spec.clone(), job: Some(job.number), requested_nanos, id: job.number + 1 };
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
