//! One process per job: started, given its arguments, joined. Nothing is shared; what goes in and out is copied.

use catalog::{ModelId, RunSpec};
use serde::{Deserialize, Serialize};
use trace::{Failure, LaneRecord, MarkKind, State, Wait};
use workloads::{Job, Work};

use crate::{Host, Lane, Outcome, Shared, run_job, run_on_lane, warm_up, work_of};

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
    /// So many jobs from this one on.
    Chunk {
        /// The first.
        first: u32,
        /// How many.
        count: u32,
    },
    /// One job that came as a message.
    Message {
        /// The job.
        job: u32,
        /// How many messages the process has been sent so far, with this one.
        nth: u32,
        /// Whether it is acknowledged by its answer, and not as soon as it begins.
        acknowledges_late: bool,
    },
    /// One thing that a job computes.
    Computation {
        /// Whose it is.
        job: u32,
        /// Which one, in the order of [`Job::computations`].
        place: u32,
    },
    /// Nothing that counts: what the run will compute, for as long as the browser needs to compile it well.
    WarmUp,
}

impl Body {
    /// Whether the process that does this is to die of it, instead of replying.
    pub fn is_deadly(&self) -> bool {
        matches!(self.part, Part::Message { nth, .. } if self.id == 1 && nth == self.spec.messages.dies_after)
    }
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

/// What a process runs, on the one lane that it begins with.
pub async fn answer_body<L: Lane>(lane: &L, body: &Body) -> Result<Outcome, Failure> {
    let work = work_of(&body.spec)?;
    run_part(lane, body.spec.model, &work, body.part, &Shared::new(&work.shared)).await
}

/// Runs a part of a run on one lane.
pub async fn run_part<L: Lane>(
    lane: &L,
    model: ModelId,
    work: &Work,
    part: Part,
    shared: &Shared,
) -> Result<Outcome, Failure> {
    let (first, count) = match part {
        Part::All => return run_on_lane(lane, model, work, shared).await,
        Part::Computation { job, place } => return computation(lane, work, job, place).await,
        Part::WarmUp => {
            warm_up(lane, work).await?;
            return Ok(Outcome::default());
        }
        Part::Message { job, acknowledges_late, .. } => {
            lane.tell_of_beginning(job);
            if !acknowledges_late {
                lane.row().mark(MarkKind::Acknowledge, lane.now_nanos());
            }
            (job as usize, 1)
        }
        Part::Job(number) => (number as usize, 1),
        Part::Chunk { first, count } => (first as usize, count as usize),
    };
    let jobs = first
        .checked_add(count)
        .and_then(|end| work.jobs.get(first..end))
        .ok_or_else(|| Failure::BadRequest { message: format!("there are no {count} jobs from number {first} on") })?;
    let start_nanos = lane.now_nanos();
    let mut answers = Vec::with_capacity(count);
    for job in jobs {
        answers.push(run_job(lane, job, shared).await?);
    }
    if matches!(part, Part::Message { acknowledges_late: true, .. }) {
        lane.row().mark(MarkKind::Acknowledge, lane.now_nanos());
    }
    shared.check()?;
    let (end_nanos, sum_of_cells) = (lane.now_nanos(), shared.sum_of_cells());
    Ok(Outcome { answers, start_nanos, end_nanos, sum_of_cells, ..Outcome::default() })
}

async fn computation<L: Lane>(lane: &L, work: &Work, job: u32, place: u32) -> Result<Outcome, Failure> {
    let computations = work.jobs.get(job as usize).map(Job::computations).unwrap_or_default();
    let what = computations.get(place as usize).copied().ok_or_else(|| Failure::BadRequest {
        message: format!("job {job} has no computation with the number {place}"),
    })?;
    let start_nanos = lane.now_nanos();
    let answer = lane.compute(job, what.kernel(), Some(what)).await?;
    Ok(Outcome { answers: vec![answer], start_nanos, end_nanos: lane.now_nanos(), ..Outcome::default() })
}

pub(crate) async fn run<H: Host>(host: &H, spec: &RunSpec, jobs: &[Job]) -> Result<Vec<u64>, Failure> {
    let (lane, row) = (host.lane(), host.lane().row());
    row.enter(State::Starting, None, lane.now_nanos());
    for job in jobs {
        let requested_nanos = lane.now_nanos();
        let body = Body { spec: spec.clone(), part: Part::Job(job.number), requested_nanos, id: job.number + 1 };
        host.start_process(body).await?;
    }
    row.wait(Wait::ForLanes, None, lane.now_nanos());
    let mut answers = vec![0; jobs.len()];
    for _ in jobs {
        let (id, reply) = host.hear_processes().await?;
        host.end_process(id);
        answers[id as usize - 1] = reply.result?.answers.iter().sum();
    }
    Ok(answers)
}
