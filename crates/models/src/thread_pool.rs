//! An executor over threads: `max_workers` of them take jobs from one queue, in the order of submission.

use catalog::RunSpec;
use trace::{Failure, State, Wait};
use workloads::{Job, Work};

use crate::desk::{Asker, Keeper};
use crate::{Executor, Gil, GilLane, Host, Lane, Shared, TicketError, run_job};

pub(crate) async fn run<H: Host>(host: &H, spec: &RunSpec, work: &Work, shared: &Shared) -> Result<Vec<u64>, Failure> {
    let lane = host.lane();
    let gil = spec.pool_has_gil.then(|| Gil::seeded(spec.gil.interval_nanos(), spec.seed));
    let executor = Executor::new(host, spec.lanes as usize, gil, spec.gil.switches_anywhere);
    lane.row().enter(State::Starting, None, lane.now_nanos());
    let hands_in = work.shared.further_jobs > 0;
    if hands_in {
        shared.desk().open(Keeper::Pool);
    }
    shared.run_on(spec.lanes as usize);
    let run = {
        let shared = shared.clone();
        move |thread, job: Job| {
            let shared = shared.clone();
            async move {
                if hands_in {
                    return shared.attend(&thread, &job, &Asker::MainLane).await;
                }
                Ok(run_job(&thread, &job, &shared).await?)
            }
        }
    };
    work.jobs.iter().for_each(|job| shared.queue(job.number));
    let mapped = executor.map(work.jobs.iter().cloned(), run).await;
    let mut results = mapped.map_err(|error| Failure::BadRequest { message: error.to_string() })?;
    lane.row().wait(Wait::ForLanes, None, lane.now_nanos());
    if hands_in && executor.has_threads() {
        shared
            .desk()
            .keep(lane, work.jobs.len(), async |job, asker| submit(&executor, shared, job, asker).await)
            .await?;
    }
    let (mut answers, mut failure) = (Vec::with_capacity(work.jobs.len()), None);
    while let Some(result) = results.next(lane).await? {
        match result {
            Ok(answer) => answers.push(answer),
            Err(TicketError::Failed(first)) => failure = Some(first),
            Err(TicketError::Cancelled) => failure = Some(Failure::Stopped),
        }
    }
    executor.shut_down(true, false).await?;
    failure.map_or(Ok(answers), Err)
}

/// Gives the pool a job that one of its own has handed in.
async fn submit<H: Host>(executor: &Executor<H>, shared: &Shared, job: Job, asker: Asker) {
    let (told, on_thread) = (asker.clone(), shared.clone());
    let work = move |lane: &GilLane<H::Thread>| {
        let lane = lane.clone();
        Box::pin(async move { on_thread.attend(&lane, &job, &asker).await }) as _
    };
    if let Err(error) = executor.submit(work).await {
        shared.tell(&told, Err(Failure::BadRequest { message: error.to_string() }));
    }
}
