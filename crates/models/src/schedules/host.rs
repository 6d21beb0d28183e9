//! `Lane` and `Host` on shuttle's threads.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use shuttle::rand::Rng;
use shuttle::thread;
use trace::{Failure, LaneKind, LaneRecord};
use workloads::Job;

use crate::{Answers, Body, Heard, Host, Lane, Log, NoStack, Request, Row, Shared, Signal, Stopped};

/// A lane that is a thread of shuttle's.
#[derive(Clone)]
pub(super) struct ScheduledLane {
    events: Arc<AtomicU64>,
    row: Row,
    log: Log,
}

impl Lane for ScheduledLane {
    type Stack = NoStack<ScheduledLane>;

    fn now_nanos(&self) -> u64 {
        self.events.fetch_add(1, Ordering::Relaxed)
    }

    fn row(&self) -> &Row {
        &self.row
    }

    async fn end_quantum(&self, _stated_nanos: u64) -> Result<(), Stopped> {
        thread::yield_now();
        Ok(())
    }

    /// One instruction is one quantum, so that others may come between any two.
    fn quantum_nanos(&self) -> u64 {
        1
    }

    fn spend(&self, _nanos: u64) {}

    async fn wait_for(&self, signal: &Signal, timeout_nanos: Option<u64>) -> Result<bool, Stopped> {
        let time_is_up_first = timeout_nanos.is_some() && shuttle::rand::thread_rng().gen_bool(0.5);
        if time_is_up_first {
            thread::yield_now();
            return Ok(signal.is_set());
        }
        while !signal.is_set() {
            signal.block_for(Duration::MAX);
        }
        Ok(true)
    }

    /// Who would sleep for ever is stopped in it.
    async fn sleep(&self, nanos: u64) -> Result<(), Stopped> {
        thread::yield_now();
        if nanos == u64::MAX { Err(Stopped) } else { Ok(()) }
    }

    fn request(&self, _page: u32, _nanos: u64) -> Option<Request> {
        None
    }

    async fn hop(&self) -> Result<(), Stopped> {
        thread::yield_now();
        Ok(())
    }

    fn job_done(&self) {}

    fn further_row(&self, kind: LaneKind, number: u32) -> Row {
        self.log.open(kind, number)
    }
}

/// Completes a future whose lanes block: one poll must do.
pub(super) fn complete<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a scheduled lane blocks its thread instead of giving it back"),
    }
}

/// Starts threads of shuttle's.
#[derive(Clone)]
pub(super) struct ScheduledHost(ScheduledLane);

impl ScheduledHost {
    pub(super) fn new() -> ScheduledHost {
        let log = Log::new();
        ScheduledHost(ScheduledLane { events: Arc::default(), row: log.open(LaneKind::Conductor, 1), log })
    }

    /// What the threads have recorded.
    pub(super) fn records(&self) -> Vec<LaneRecord> {
        self.0.log.take(u64::MAX).0
    }

    /// A thread of the tests' own.
    pub(super) fn start(
        &self,
        number: u32,
        body: impl FnOnce(ScheduledLane) + Send + 'static,
    ) -> thread::JoinHandle<()> {
        let lane = ScheduledLane { row: self.0.log.open(LaneKind::Thread, number), ..self.0.clone() };
        thread::spawn(move || body(lane))
    }
}

impl Host for ScheduledHost {
    type Lane = ScheduledLane;
    type Thread = ScheduledLane;
    type Joinable = thread::JoinHandle<Result<Answers, Failure>>;

    fn lane(&self) -> &ScheduledLane {
        &self.0
    }

    async fn start_thread<F>(
        &self,
        number: u32,
        body: impl FnOnce(ScheduledLane) -> F + Send + 'static,
    ) -> Result<Self::Joinable, Failure>
    where
        F: Future<Output = Result<Answers, Failure>> + 'static,
    {
        let lane = ScheduledLane { row: self.0.log.open(LaneKind::Thread, number), ..self.0.clone() };
        Ok(thread::spawn(move || complete(body(lane))))
    }

    async fn join_thread(&self, thread: Self::Joinable) -> Result<Answers, Failure> {
        thread.join().expect("a thread's panics are caught within it")
    }

    async fn start_process(&self, _body: Body) -> Result<(), Failure> {
        unreachable!("these tests are about threads")
    }

    async fn ask_process(&self, _body: Body) -> Result<(), Failure> {
        unreachable!("these tests are about threads")
    }

    async fn hear(&self) -> (u32, Heard) {
        unreachable!("these tests are about threads")
    }

    fn end_process(&self, _id: u32) {
        unreachable!("these tests are about threads")
    }

    async fn fork_join(&self, _: u32, _: Arc<[Job]>, _: &Shared) -> Result<Vec<u64>, Failure> {
        unreachable!("these tests are about threads")
    }
}
