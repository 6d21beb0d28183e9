//! An executor over threads: `max_workers` of them take jobs from one queue, in the order of submission.

use catalog::RunSpec;
use trace::{Failure, State};
use workloads::Work;

use crate::{Executor, Gil, Host, Lane, Shared, TicketError, run_job};

pub(crate) async fn run<H: Host>(host: &H, spec: &RunSpec, work: &Work, shared: &Shared) -> Result<Vec<u64>, Failure> {
    let lane = host.lane();
    let gil = spec.pool_has_gil.then(|| Gil::new(spec.gil.interval_nanos()));
    let executor = Executor::new(host, spec.lanes as usize, gil, spec.gil.switches_anywhere);
    lane.row().enter(State::Starting, None, lane.now_nanos());
    let mut tickets = Vec::with_capacity(work.jobs.len());
    for job in &work.jobs {
        let (job, shared) = (job.clone(), shared.clone());
        let work = move |lane: &_| {
            let lane = Clone::clone(lane);
            Box::pin(async move { Ok(run_job(&lane, &job, &shared).await?) }) as _
        };
        let ticket = executor.submit(work).await.map_err(|error| Failure::BadRequest { message: error.to_string() })?;
        tickets.push(ticket);
    }
    lane.row().enter(State::Waiting, None, lane.now_nanos());
    let (mut answers, mut failure) = (Vec::with_capacity(tickets.len()), None);
    for ticket in &tickets {
        match ticket.result(lane).await? {
            Ok(answer) => answers.push(answer),
            Err(TicketError::Failed(first)) => failure = failure.or(Some(first)),
            Err(TicketError::Cancelled) => failure = failure.or(Some(Failure::Stopped)),
        }
    }
    executor.shut_down(true, false).await?;
    failure.map_or(Ok(answers), Err)
}
