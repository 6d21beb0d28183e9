//! One run: where its main lane lives, and what becomes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use catalog::{Home, RunSpec};
use models::{Outcome, Stop, finish, run_on_host, work_of};
use trace::{Failure, Recording};
use workloads::Work;

use crate::host::WebHost;
use crate::processes;

/// How far a run has come.
#[derive(Clone, Default)]
pub struct Progress(Arc<AtomicU32>);

impl Progress {
    /// Jobs that are done.
    pub fn jobs_done(&self) -> u32 {
        self.0.load(Ordering::Relaxed) + processes::jobs_done()
    }
}

/// A run in the conductor, which does none of the work itself.
pub fn in_conductor(spec: RunSpec, stop: Stop) -> (Progress, impl Future<Output = Result<(u64, Recording), Failure>>) {
    let host = WebHost::new(&stop);
    let progress = Progress(host.done.clone());
    let run = async move {
        let work = work_of(&spec)?;
        let outcome = match spec.model.row().home {
            Home::Conductor => run_on_host(&host, &spec, &work).await,
            Home::Loop => host.run_in_a_process(&spec).await,
            Home::Lane => run_on_a_lane(&host, &spec, &work).await,
        };
        // A process that is still there when the run is over belongs to a run that failed.
        processes::end_all();
        let (answer, mut recording) = finish(&outcome?, &work, &host.log)?;
        recording.lanes.retain(|record| !record.spans.is_empty());
        Ok((answer, recording))
    };
    (progress, run)
}

#[cfg(feature = "threads")]
async fn run_on_a_lane(host: &WebHost, spec: &RunSpec, work: &Work) -> Result<Outcome, Failure> {
    use crate::caught;
    use crate::thread_lane::{ThreadLane, complete};

    let (answer, answered) = futures_channel::oneshot::channel();
    let (model, work) = (spec.model, work.clone());
    let (log, stop, done) = (host.log.clone(), host.stop.clone(), host.done.clone());
    let epoch_millis = host.lane.clock().epoch_millis();
    crate::threads::start(move || {
        let row = log.open(trace::LaneKind::Thread, 1);
        let lane = ThreadLane::new(epoch_millis, row, &log, &stop, &done);
        // The receiver is gone only if the run has been given up.
        let _ = answer.send(caught::call(|| complete(models::run_on_lane(&lane, model, &work))));
    });
    answered.await.unwrap_or_else(|_| {
        Err(Failure::WorkerDied { worker: "a thread".into(), message: "it gave up its answer".into() })
    })
}

#[cfg(not(feature = "threads"))]
async fn run_on_a_lane(host: &WebHost, spec: &RunSpec, _work: &Work) -> Result<Outcome, Failure> {
    host.run_in_a_process(spec).await
}

/// A run on the page's own event loop.
#[cfg(not(feature = "threads"))]
pub fn on_the_page(spec: RunSpec, stop: Stop) -> (Progress, impl Future<Output = Result<(u64, Recording), Failure>>) {
    use crate::clock::Clock;
    use crate::loop_lane::LoopLane;

    let progress = Progress::default();
    let counted = progress.0.clone();
    let run = async move {
        let work = work_of(&spec)?;
        if spec.model.row().home != Home::Loop {
            let message = format!("{} does not run on the page", spec.model.row().slug);
            return Err(Failure::BadRequest { message });
        }
        let log = models::Log::new();
        let job_done = move || {
            counted.fetch_add(1, Ordering::Relaxed);
        };
        let lane = LoopLane::new(Clock::start(), trace::LaneKind::PageLoop, 1, &log, &stop, job_done);
        let outcome = models::run_on_lane(&lane, spec.model, &work).await?;
        finish(&outcome, &work, &log)
    };
    (progress, run)
}
