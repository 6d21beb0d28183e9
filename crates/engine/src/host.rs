//! The web's `Host`: an engine's conductor, which starts threads and processes and only waits for them.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_channel::oneshot;
use models::{Answers, Body, Heard, Host, Job, Lane, Log, Outcome, Part, Reply, Shared, Stop};
use protocol::catalog::RunSpec;
use protocol::trace::{Failure, LaneKind, Span, State};

use crate::clock::Clock;
use crate::loop_lane::LoopLane;
use crate::processes::{self, Sent};

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
        self.start_process(body).await?;
        let (id, reply) = self.hear_processes().await?;
        self.end_process(id);
        reply.result
    }

    /// Takes the rows out of a reply that has brought so many jobs to their end.
    fn keep(&self, jobs_done: u32, mut reply: Reply) -> Reply {
        let mut lanes = std::mem::take(&mut reply.lanes);
        // The way back of the result belongs to the process's row, but only the receiver knows when it ended.
        let arrived_nanos = self.lane.now_nanos();
        if let Some(main) =
            lanes.iter_mut().find(|record| matches!(record.lane.kind, LaneKind::Process | LaneKind::WorkerLoop))
            && arrived_nanos > reply.sent_nanos
        {
            main.spans.push(Span {
                state: State::Copying,
                job: None,
                wait: None,
                start_nanos: reply.sent_nanos,
                end_nanos: arrived_nanos,
            });
        }
        self.log.add(lanes, reply.dropped_lanes);
        self.done.fetch_add(jobs_done, Ordering::Relaxed);
        reply
    }
}

impl Host for WebHost {
    type Lane = LoopLane;
    #[cfg(feature = "threads")]
    type Thread = crate::thread_lane::ThreadLane;
    #[cfg(not(feature = "threads"))]
    type Thread = LoopLane;
    type Joinable = oneshot::Receiver<Result<Answers, Failure>>;

    fn lane(&self) -> &LoopLane {
        &self.lane
    }

    fn shares_memory(&self) -> bool {
        cfg!(feature = "threads")
    }

    #[cfg(feature = "threads")]
    async fn start_thread<F>(
        &self,
        number: u32,
        body: impl FnOnce(Self::Thread) -> F + Send + 'static,
    ) -> Result<Self::Joinable, Failure>
    where
        F: Future<Output = Result<Answers, Failure>> + 'static,
    {
        use crate::thread_lane::{ThreadLane, complete};

        let row = self.log.open(LaneKind::Thread, number);
        row.enter(State::Starting, None, self.lane.now_nanos());
        let epoch_millis = self.lane.clock().epoch_millis();
        let (log, stop, done) = (self.log.clone(), self.stop.clone(), self.done.clone());
        let (answer, answered) = oneshot::channel();
        let life = move || {
            let lane = ThreadLane::new(epoch_millis, row.clone(), &log, &stop, &done);
            row.enter(State::Idle, None, lane.now_nanos());
            let ended = models::catch_panics(|| complete(body(lane.clone())));
            row.leave(lane.now_nanos());
            ended
        };
        // The receiver is gone only if the run has been given up.
        crate::threads::start(life, |ended| drop(answer.send(ended)));
        Ok(answered)
    }

    #[cfg(not(feature = "threads"))]
    async fn start_thread<F>(
        &self,
        _number: u32,
        _body: impl FnOnce(Self::Thread) -> F + Send + 'static,
    ) -> Result<Self::Joinable, Failure>
    where
        F: Future<Output = Result<Answers, Failure>> + 'static,
    {
        Err(Failure::Unavailable(protocol::trace::Missing::SharedMemory))
    }

    async fn join_thread(&self, thread: Self::Joinable) -> Result<Answers, Failure> {
        let died = Failure::WorkerDied { worker: "a thread".into(), message: "it gave up its answer".into() };
        thread.await.unwrap_or(Err(died))
    }

    async fn start_process(&self, body: Body) -> Result<(), Failure> {
        processes::start(self.lane.clock().epoch_millis(), &body);
        Ok(())
    }

    async fn ask_process(&self, body: Body) -> Result<(), Failure> {
        processes::ask(self.lane.clock().epoch_millis(), &body)
    }

    async fn hear(&self) -> (u32, Heard) {
        let (id, sent) = processes::hear().await;
        let heard = match sent {
            Sent::Began(job) => Heard::Began(job),
            Sent::Reply(bytes) => match postcard::from_bytes::<(u32, Reply)>(&bytes) {
                Ok((jobs_done, reply)) => Heard::Replied(self.keep(jobs_done, reply)),
                Err(error) => Heard::Died(Failure::BadMessage { message: error.to_string() }),
            },
            Sent::Died(failure) => {
                self.log.note_death(id, self.lane.now_nanos());
                Heard::Died(failure)
            }
        };
        (id, heard)
    }

    fn end_process(&self, id: u32) {
        processes::end(id);
    }

    #[cfg(feature = "threads")]
    async fn fork_join(&self, threads: u32, jobs: Arc<[Job]>, shared: &Shared) -> Result<Vec<u64>, Failure> {
        let epoch_millis = self.lane.clock().epoch_millis();
        crate::pool::fork_join(threads, jobs, shared, epoch_millis, self).await
    }

    #[cfg(not(feature = "threads"))]
    async fn fork_join(&self, _threads: u32, _jobs: Arc<[Job]>, _shared: &Shared) -> Result<Vec<u64>, Failure> {
        Err(Failure::Unavailable(protocol::trace::Missing::SharedMemory))
    }
}
