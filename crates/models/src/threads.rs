//! One thread per job: under one GIL, without any, or with one GIL and one heap each.

use catalog::RunSpec;
use serde::Serialize;
use serde::de::DeserializeOwned;
use trace::{Failure, State, Wait};
use workloads::{Job, Work};

use crate::{Answers, Body, Gil, GilLane, Host, Lane, Part, Shared, answer_body, caught, run_job};

/// What stands between threads and parallel execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interpreters {
    /// Nothing.
    Free,
    /// One interpreter with one GIL.
    One,
    /// An interpreter per thread, each with a GIL and a heap of its own.
    OneEach,
}

/// What a thread does that runs one job under an interpreter.
async fn life<L: Lane>(lane: L, job: Job, gil: Option<Gil>, spec: RunSpec, shared: Shared) -> Result<Answers, Failure> {
    let lane = GilLane::begin(lane, gil.as_ref(), job.number, spec.gil.switches_anywhere).await?;
    // A job that panics must not keep the GIL from the others.
    let answer = caught::run(async { Ok(run_job(&lane, &job, &shared).await?) }).await;
    // Who is stopped in a wait does not hold the GIL; what he would drop is another's.
    if answer != Err(Failure::Stopped) {
        lane.end().await?;
    }
    Ok(vec![(job.number, answer?)])
}

/// What a thread does that has an interpreter, and so a heap, of its own. What it is given and what it returns is copied.
async fn life_apart<L: Lane>(lane: L, bytes: Vec<u8>) -> Result<Answers, Failure> {
    lane.row().enter(State::Copying, None, lane.now_nanos());
    let body: Body = copied(&bytes)?;
    let Part::Job(number) = body.part else {
        return Err(Failure::BadRequest { message: "a subinterpreter runs one job".into() });
    };
    let gil = Gil::new(body.spec.gil.interval_nanos());
    let lane = GilLane::begin(lane, Some(&gil), number, body.spec.gil.switches_anywhere).await?;
    let outcome = caught::run(answer_body(&lane, &body)).await;
    lane.end().await?;
    lane.row().enter(State::Copying, None, lane.now_nanos());
    let answers: Vec<u64> = copied(&bytes_of(&outcome?.answers))?;
    Ok(answers.into_iter().map(|answer| (number, answer)).collect())
}

fn bytes_of(value: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(value).expect("a value can be written into memory")
}

fn copied<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    postcard::from_bytes(bytes).map_err(|error| Failure::BadMessage { message: error.to_string() })
}

pub(crate) async fn run<H: Host>(
    host: &H,
    interpreters: Interpreters,
    spec: &RunSpec,
    work: &Work,
    shared: &Shared,
) -> Result<Vec<u64>, Failure> {
    let one_gil = Gil::seeded(spec.gil.interval_nanos(), spec.seed);
    let gil = (interpreters == Interpreters::One).then_some(one_gil);
    let (lane, mut threads) = (host.lane(), Vec::with_capacity(work.jobs.len()));
    lane.row().enter(State::Starting, None, lane.now_nanos());
    for job in &work.jobs {
        let (id, spec) = (job.number + 1, spec.clone());
        threads.push(if interpreters == Interpreters::OneEach {
            let requested_nanos = lane.now_nanos();
            let bytes = bytes_of(&Body { spec, part: Part::Job(job.number), requested_nanos, id });
            host.start_thread(id, move |lane| life_apart(lane, bytes)).await
        } else {
            let (job, gil, shared) = (job.clone(), gil.clone(), shared.clone());
            host.start_thread(id, move |lane| life(lane, job, gil, spec, shared)).await
        });
    }
    lane.row().wait(Wait::ForLanes, None, lane.now_nanos());
    gather(host, work.jobs.len(), threads).await
}

/// Joins the threads, all of them, and sorts their answers by job; the first failure is the run's.
pub(crate) async fn gather<H: Host>(
    host: &H,
    jobs: usize,
    threads: Vec<Result<H::Joinable, Failure>>,
) -> Result<Vec<u64>, Failure> {
    let (mut answers, mut failure) = (vec![0; jobs], None);
    for thread in threads {
        let ended = match thread {
            Ok(thread) => host.join_thread(thread).await,
            Err(failure) => Err(failure),
        };
        match ended {
            Ok(some) => some.into_iter().for_each(|(job, answer)| answers[job as usize] = answer),
            Err(first) => failure = failure.or(Some(first)),
        }
    }
    failure.map_or(Ok(answers), Err)
}
