//! An executor over threads: `max_workers` of them take jobs from one queue, in the order of submission.

use catalog::RunSpec;
use trace::{Failure, State, Wait};
use workloads::{Job, Work};

use crate::{Executor, Gil, Host, Lane, Shared, TicketError, run_job};

pub(crate) async fn run<H: Host>(host: &H, spec: &RunSpec, work: &Work, shared: &Shared) -> Result<Vec<u64>, Failure> {
    let lane = host.lane();
    let gil = spec.pool_has_gil.then(|| Gil::seeded(spec.gil.interval_nanos(), spec.seed));
    let executor = Executor::new(host, spec.lanes as usize, gil, spec.gil.switches_anywhere);
    lane.row().enter(State::Starting, None, lane.now_nanos());
    let shared = shared.clone();
    let run = move |thread, job: Job| {
        let shared = shared.clone();
        async move { Ok(run_job(&thread, &job, &shared).await?) }
    };
    let mapped = executor.map(work.jobs.iter().cloned(), run).await;
    let mut results = mapped.map_err(|error| Failure::BadRequest { message: error.to_string() })?;
    lane.row().wait(Wait::ForLanes, None, lane.now_nanos());
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
