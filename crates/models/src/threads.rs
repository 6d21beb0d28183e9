//! One thread per job: under one GIL, without any, or with one GIL and one heap each.

use catalog::RunSpec;
use serde::Serialize;
use serde::de::DeserializeOwned;
use trace::{Failure, State, Wait};
use workloads::{Job, Work};

use crate::desk::{Asker, Keeper};
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

/// What a thread does that runs one job under an interpreter. Somebody who asks for the job is told of its end.
async fn life<L: Lane>(
    lane: L,
    job: Job,
    asker: Option<Asker>,
    (gil, spec, shared): (Option<Gil>, RunSpec, Shared),
) -> Result<Answers, Failure> {
    let lane = GilLane::begin(lane, gil.as_ref(), job.number, spec.gil.switches_anywhere).await?;
    // A job that panics must not keep the GIL from the others.
    let answer = match &asker {
        Some(asker) => shared.attend(&lane, &job, asker).await,
        None => caught::run(async { Ok(run_job(&lane, &job, &shared).await?) }).await,
    };
    // Who is stopped in a wait does not hold the GIL; what he would drop is another's.
    if answer != Err(Failure::Stopped) {
        lane.end().await?;
    }
    match asker {
        // Who handed it in has the answer, or the failure.
        Some(Asker::Job(_)) => Ok(Vec::new()),
        Some(Asker::MainLane) | None => Ok(vec![(job.number, answer?)]),
    }
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
    let start = async |job: Job, asker: Option<Asker>| {
        let (id, told, all) = (job.number + 1, asker.clone(), (gil.clone(), spec.clone(), shared.clone()));
        let started = host.start_thread(id, move |lane| life(lane, job, asker, all)).await;
        if let (Err(failure), Some(asker)) = (&started, told) {
            shared.tell(&asker, Err(failure.clone()));
        }
        started
    };
    let hands_in = work.shared.further_jobs > 0;
    if hands_in {
        shared.desk().open(Keeper::Threads);
    }
    lane.row().enter(State::Starting, None, lane.now_nanos());
    for job in &work.jobs {
        threads.push(if interpreters == Interpreters::OneEach {
            let (id, requested_nanos) = (job.number + 1, lane.now_nanos());
            let bytes = bytes_of(&Body { spec: spec.clone(), part: Part::Job(job.number), requested_nanos, id });
            host.start_thread(id, move |lane| life_apart(lane, bytes)).await
        } else {
            start(job.clone(), hands_in.then_some(Asker::MainLane)).await
        });
    }
    lane.row().wait(Wait::ForLanes, None, lane.now_nanos());
    if hands_in {
        let keeping = shared.desk().keep(lane, work.jobs.len(), async |job, asker| {
            threads.push(start(job, Some(asker)).await);
        });
        // The threads are stopped too, and say so when they are joined.
        let _ = keeping.await;
    }
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
