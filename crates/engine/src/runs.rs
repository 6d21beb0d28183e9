//! One run: where its main lane lives, and what becomes of it.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use models::Work;
use models::{Part, Stop, finish, run_on_host, work_of};
use protocol::catalog::{Group, Home, RunSpec, WorkloadId};
use protocol::trace::{Failure, Recording};

use crate::host::WebHost;
use crate::processes;
#[cfg(feature = "threads")]
use {models::Outcome, protocol::catalog::ModelId};

/// How far a run has come.
#[derive(Clone, Default)]
pub struct Progress(Arc<AtomicU32>);

impl Progress {
    /// Jobs that are done.
    pub fn jobs_done(&self) -> u32 {
        self.0.load(Ordering::Relaxed) + processes::jobs_done()
    }
}

thread_local! {
    /// The workloads that this engine has computed long enough in this flavour.
    static WARM: RefCell<HashSet<(WorkloadId, Flavour)>> = RefCell::default();
}

/// The two builds have code of their own; each is compiled by the browser when it is used.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Flavour {
    #[cfg(feature = "threads")]
    Threads,
    Plain,
}

fn needs_warming(workload: WorkloadId, flavour: Flavour) -> bool {
    workload.row().group == Group::Compute && WARM.with_borrow_mut(|warm| warm.insert((workload, flavour)))
}

/// A run in the conductor, which does none of the work itself.
pub fn in_conductor(spec: RunSpec, stop: Stop) -> (Progress, impl Future<Output = Result<(u64, Recording), Failure>>) {
    let progress = Progress::default();
    let done = progress.0.clone();
    let run = async move {
        let work = work_of(&spec)?;
        let ended = warm_and_run(&spec, &work, &stop, &done).await;
        // A process that is still there when the run is over belongs to a run that failed.
        processes::end_all();
        ended
    };
    (progress, run)
}

async fn warm_and_run(
    spec: &RunSpec,
    work: &Work,
    stop: &Stop,
    done: &Arc<AtomicU32>,
) -> Result<(u64, Recording), Failure> {
    let flavour = flavour_of(spec);
    if needs_warming(spec.workload, flavour) {
        let host = WebHost::new(stop, &Arc::default());
        match flavour {
            #[cfg(feature = "threads")]
            Flavour::Threads => on_a_thread(&host, spec, work, Part::WarmUp).await?,
            Flavour::Plain => host.run_in_a_process(spec, Part::WarmUp).await?,
        };
    }
    let host = WebHost::new(stop, done);
    let outcome = match (spec.model.row().home, flavour) {
        (Home::Conductor, _) => run_on_host(&host, spec, work).await,
        #[cfg(feature = "threads")]
        (Home::Lane, Flavour::Threads) => on_a_thread(&host, spec, work, Part::All).await,
        (Home::Lane | Home::Loop, _) => host.run_in_a_process(spec, Part::All).await,
    };
    let (answer, mut recording) = finish(&outcome?, work, &host.log)?;
    recording.lanes.retain(|record| !record.spans.is_empty());
    Ok((answer, recording))
}

/// Which build's code the jobs of the run will be in.
fn flavour_of(spec: &RunSpec) -> Flavour {
    #[cfg(feature = "threads")]
    if spec.model.row().home == Home::Lane || spec.model == ModelId::WorkStealing {
        return Flavour::Threads;
    }
    let _ = spec;
    Flavour::Plain
}

#[cfg(feature = "threads")]
async fn on_a_thread(host: &WebHost, spec: &RunSpec, work: &Work, part: Part) -> Result<Outcome, Failure> {
    use crate::caught;
    use crate::thread_lane::{ThreadLane, complete};

    let (answer, answered) = futures_channel::oneshot::channel();
    let (model, work) = (spec.model, work.clone());
    let (log, stop, done) = (host.log.clone(), host.stop.clone(), host.done.clone());
    let epoch_millis = host.lane.clock().epoch_millis();
    crate::threads::start(move || {
        let row = log.open(protocol::trace::LaneKind::Thread, 1);
        let lane = ThreadLane::new(epoch_millis, row, &log, &stop, &done);
        let ended = caught::call(|| complete(models::run_part(&lane, model, &work, part)));
        // The receiver is gone only if the run has been given up.
        let _ = answer.send(ended);
    });
    answered.await.unwrap_or_else(|_| {
        Err(Failure::WorkerDied { worker: "a thread".into(), message: "it gave up its answer".into() })
    })
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
        let job_done = move || {
            counted.fetch_add(1, Ordering::Relaxed);
        };
        let lane = |log: &models::Log| {
            LoopLane::new(Clock::start(), protocol::trace::LaneKind::PageLoop, 1, log, &stop, job_done.clone())
        };
        if needs_warming(spec.workload, Flavour::Plain) {
            models::run_part(&lane(&models::Log::new()), spec.model, &work, Part::WarmUp).await?;
        }
        let log = models::Log::new();
        let outcome = models::run_part(&lane(&log), spec.model, &work, Part::All).await?;
        finish(&outcome, &work, &log)
    };
    (progress, run)
}
