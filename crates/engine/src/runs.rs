//! One run: where its main lane lives, and what becomes of it.

use std::cell::{OnceCell, RefCell};
use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use models::{Finished, Lane, Part, Shared, Stop, Waits, Work, finish, run_on_host, work_of};
use protocol::catalog::{Group, Home, RunSpec, WorkloadId};
use protocol::trace::{Failure, RecorderCost};

use crate::host::WebHost;
use crate::processes;
#[cfg(feature = "threads")]
use {
    models::Outcome,
    protocol::catalog::{ModelId, Need},
};

/// A run as others see it while it lasts.
#[derive(Clone)]
pub struct Watch {
    jobs: usize,
    done: Arc<AtomicU32>,
    shared: Shared,
}

impl Watch {
    fn of(work: &Work) -> Watch {
        Watch { jobs: work.all_jobs(), done: Arc::default(), shared: Shared::new(&work.shared) }
    }

    /// Jobs in all, with those that others hand in.
    pub fn jobs(&self) -> u32 {
        self.jobs as u32
    }

    /// Jobs that are done.
    pub fn jobs_done(&self) -> u32 {
        self.done.load(Ordering::Relaxed) + processes::jobs_done()
    }

    /// The jobs that wait for each other, if it looks as if some did.
    pub fn deadlock(&self) -> Option<Waits> {
        self.shared.deadlock(self.jobs, self.jobs_done() as usize).or_else(processes::deadlock)
    }
}

/// A run that has been prepared, and how to watch it.
pub type Run = (Watch, Pin<Box<dyn Future<Output = Result<Finished, Failure>>>>);

thread_local! {
    /// The workloads that this engine has computed long enough in this flavour.
    static WARM: RefCell<HashSet<(WorkloadId, Flavour)>> = RefCell::default();
}

/// What recording costs in this engine, measured once. Its processes run the other build, in which it is much the same.
fn recorder_cost(lane: &impl Lane) -> RecorderCost {
    thread_local! {
        static COST: OnceCell<RecorderCost> = const { OnceCell::new() };
    }
    COST.with(|cost| *cost.get_or_init(|| models::recorder_cost(lane)))
}

/// The two builds have code of their own; each is compiled by the browser when it is used.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Flavour {
    #[cfg(feature = "threads")]
    Threads,
    Plain,
}

fn needs_warming(workload: WorkloadId, flavour: Flavour) -> bool {
    workload.row().group != Group::Wait && WARM.with_borrow_mut(|warm| warm.insert((workload, flavour)))
}

/// A run in the conductor, which does none of the work itself.
pub fn in_conductor(spec: RunSpec, stop: Stop) -> Result<Run, Failure> {
    let work = work_of(&spec)?;
    let watch = Watch::of(&work);
    let watched = watch.clone();
    let run = async move {
        let ended = warm_and_run(&spec, &work, &stop, &watched).await;
        // A process that is still there when the run is over belongs to a run that failed.
        processes::end_all();
        ended
    };
    Ok((watch, Box::pin(run)))
}

async fn warm_and_run(spec: &RunSpec, work: &Work, stop: &Stop, watch: &Watch) -> Result<Finished, Failure> {
    let flavour = flavour_of(spec);
    if needs_warming(spec.workload, flavour) {
        let host = WebHost::new(stop, &Arc::default());
        match flavour {
            #[cfg(feature = "threads")]
            Flavour::Threads => on_a_thread(&host, spec, work, Part::WarmUp, &watch.shared).await?,
            Flavour::Plain => host.run_in_a_process(spec, Part::WarmUp).await?,
        };
    }
    #[cfg(feature = "threads")]
    crate::threads::park(threads_of(spec, work)).await;
    let host = WebHost::new(stop, &watch.done);
    let outcome = match (spec.model.row().home, flavour) {
        (Home::Conductor, _) => run_on_host(&host, spec, work, &watch.shared).await,
        #[cfg(feature = "threads")]
        (Home::Lane, Flavour::Threads) => on_a_thread(&host, spec, work, Part::All, &watch.shared).await,
        (Home::Lane | Home::Loop, _) => host.run_in_a_process(spec, Part::All).await,
    };
    let outcome = outcome?;
    // On a lane of its own, whose pauses are not the run's.
    models::find_known_answer(&WebHost::new(stop, &Arc::default()).lane, work).await?;
    let mut finished = finish(&outcome, work, &host.log)?;
    finished.recording.recorder = Some(recorder_cost(&host.lane));
    finished.recording.lanes.retain(|record| !record.spans.is_empty() || !record.marks.is_empty());
    Ok(finished)
}

/// Which build's code the jobs of the run will be in.
fn flavour_of(spec: &RunSpec) -> Flavour {
    #[cfg(feature = "threads")]
    if spec.model.row().home == Home::Lane || uses_threads(spec.model) {
        return Flavour::Threads;
    }
    let _ = spec;
    Flavour::Plain
}

/// Whether the model starts threads where it can.
#[cfg(feature = "threads")]
fn uses_threads(model: ModelId) -> bool {
    model == ModelId::LoopAndExecutor || model.row().needs.contains(&Need::SharedMemory)
}

/// How many threads of the reservoir the run will ask for.
#[cfg(feature = "threads")]
fn threads_of(spec: &RunSpec, work: &Work) -> usize {
    let model = spec.model.row();
    match model.home {
        Home::Lane => 1,
        Home::Conductor if uses_threads(spec.model) && spec.model != ModelId::WorkStealing => {
            let most = if model.takes_lanes { spec.lanes as usize } else { work.all_jobs() };
            most.min(work.all_jobs())
        }
        Home::Conductor | Home::Loop => 0,
    }
}

#[cfg(feature = "threads")]
async fn on_a_thread(
    host: &WebHost,
    spec: &RunSpec,
    work: &Work,
    part: Part,
    shared: &Shared,
) -> Result<Outcome, Failure> {
    use crate::thread_lane::{ThreadLane, complete};

    let (answer, answered) = futures_channel::oneshot::channel();
    let (model, work, shared) = (spec.model, work.clone(), shared.clone());
    let (log, stop, done) = (host.log.clone(), host.stop.clone(), host.done.clone());
    let epoch_millis = host.lane.clock().epoch_millis();
    let life = move || {
        let row = log.open(protocol::trace::LaneKind::Thread, 1);
        let lane = ThreadLane::new(epoch_millis, row, &log, &stop, &done);
        models::catch_panics(|| complete(models::run_part(&lane, model, &work, part, &shared)))
    };
    // The receiver is gone only if the run has been given up.
    crate::threads::start(life, |ended| drop(answer.send(ended)));
    answered.await.unwrap_or_else(|_| {
        Err(Failure::WorkerDied { worker: "a thread".into(), message: "it gave up its answer".into() })
    })
}

/// A run on the page's own event loop.
#[cfg(not(feature = "threads"))]
pub fn on_the_page(spec: RunSpec, stop: Stop) -> Result<Run, Failure> {
    use crate::clock::Clock;
    use crate::loop_lane::LoopLane;

    let work = work_of(&spec)?;
    if spec.model.row().home != Home::Loop {
        return Err(Failure::BadRequest { message: format!("{} does not run on the page", spec.model.row().slug) });
    }
    let watch = Watch::of(&work);
    let Watch { done, shared, .. } = watch.clone();
    let run = async move {
        let job_done = move || {
            done.fetch_add(1, Ordering::Relaxed);
        };
        let lane = |log: &models::Log| {
            LoopLane::new(Clock::start(), protocol::trace::LaneKind::PageLoop, 1, log, &stop, job_done.clone())
        };
        if needs_warming(spec.workload, Flavour::Plain) {
            models::run_part(&lane(&models::Log::new()), spec.model, &work, Part::WarmUp, &shared).await?;
        }
        let log = models::Log::new();
        let outcome = models::run_part(&lane(&log), spec.model, &work, Part::All, &shared).await?;
        models::find_known_answer(&lane(&models::Log::new()), &work).await?;
        let mut finished = finish(&outcome, &work, &log)?;
        finished.recording.recorder = Some(recorder_cost(&lane(&models::Log::new())));
        Ok(finished)
    };
    Ok((watch, Box::pin(run)))
}
