//! The web's `Host`: an engine's conductor, which starts threads and processes and only waits for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_channel::oneshot;
use models::Job;
use models::{Body, Host, Lane, Log, Outcome, Part, Reply, Stop};
use protocol::catalog::RunSpec;
use protocol::trace::{Failure, LaneKind, Span, State};

use crate::clock::Clock;
use crate::loop_lane::LoopLane;
use crate::processes::{self, Ended};

/// What one run of the conductor needs to start further lanes.
#[derive(Clone)]
pub struct WebHost {
    /// The conductor's own lane.
    pub lane: LoopLane,
    /// The rows of the run.
    pub log: Log,
    /// Ends the run.
    #[cfg(feature = "threads")]
    pub stop: Stop,
    /// Jobs done by the lanes of this memory.
    pub done: Arc<AtomicU32>,
}

impl WebHost {
    /// A host for a run that begins now. Its own lane gets a row only in models that use it.
    pub fn new(stop: &Stop, done: &Arc<AtomicU32>) -> WebHost {
        let (log, done) = (Log::new(), done.clone());
        let counted = done.clone();
        let job_done = move || {
            counted.fetch_add(1, Ordering::Relaxed);
        };
        let lane = LoopLane::new(Clock::start(), LaneKind::Conductor, 1, &log, stop, job_done);
        WebHost {
            lane,
            log,
            #[cfg(feature = "threads")]
            stop: stop.clone(),
            done,
        }
    }

    /// Runs all of the spec, or warms up for it, in a process of its own: a main lane that may compute without keeping
    /// the conductor from its messages.
    pub async fn run_in_a_process(&self, spec: &RunSpec, part: Part) -> Result<Outcome, Failure> {
        let body = Body { spec: spec.clone(), part, requested_nanos: self.lane.now_nanos(), id: 1 };
        let process = self.start_process(body).await?;
        self.join_process(process).await?.result
    }
}

impl Host for WebHost {
    type Lane = LoopLane;
    type Process = oneshot::Receiver<Ended>;

    fn lane(&self) -> &LoopLane {
        &self.lane
    }

    async fn start_process(&self, body: Body) -> Result<oneshot::Receiver<Ended>, Failure> {
        Ok(processes::start(self.lane.clock().epoch_millis(), &body))
    }

    async fn join_process(&self, process: oneshot::Receiver<Ended>) -> Result<Reply, Failure> {
        let bytes = process.await.unwrap_or(Err(Failure::Stopped))?;
        let mut reply: Reply =
            postcard::from_bytes(&bytes).map_err(|error| Failure::BadMessage { message: error.to_string() })?;
        let mut lanes = std::mem::take(&mut reply.lanes);
        // The way back of the result belongs to the process's row, but only the receiver knows when it ended.
        let arrived_nanos = self.lane.now_nanos();
        if let Some(main) = lanes.iter_mut().find(|record| record.lane.kind != LaneKind::Coroutine)
            && arrived_nanos > reply.sent_nanos
        {
            let start_nanos = reply.sent_nanos;
            main.spans.push(Span { state: State::Copying, job: None, start_nanos, end_nanos: arrived_nanos });
        }
        self.log.add(lanes, reply.dropped_lanes);
        if let Ok(outcome) = &reply.result {
            self.done.fetch_add(outcome.answers.len() as u32, Ordering::Relaxed);
        }
        Ok(reply)
    }

    #[cfg(feature = "threads")]
    async fn fork_join(&self, threads: u32, jobs: Arc<[Job]>) -> Result<Vec<u64>, Failure> {
        let epoch_millis = self.lane.clock().epoch_millis();
        crate::pool::fork_join(threads, jobs, epoch_millis, &self.log, &self.stop, &self.done).await
    }

    #[cfg(not(feature = "threads"))]
    async fn fork_join(&self, _threads: u32, _jobs: Arc<[Job]>) -> Result<Vec<u64>, Failure> {
        Err(Failure::Unavailable(protocol::trace::Missing::SharedMemory))
    }
}
