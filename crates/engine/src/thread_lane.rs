//! A lane on a thread, which it blocks.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use models::{Lane, Log, NoStack, Request, Row, Signal, Stop, Stopped, spin};
use protocol::trace::LaneKind;

use crate::clock::Clock;

/// How long a thread waits for another before it looks whether it should stop.
const LOOK_UP_EVERY_NANOS: u64 = 10_000_000;

/// Blocks its worker wherever it waits.
#[derive(Clone)]
pub struct ThreadLane {
    clock: Clock,
    row: Row,
    log: Log,
    stop: Stop,
    done: Arc<AtomicU32>,
}

impl ThreadLane {
    /// A lane for the thread that calls.
    pub fn new(epoch_millis: f64, row: Row, log: &Log, stop: &Stop, done: &Arc<AtomicU32>) -> ThreadLane {
        ThreadLane { clock: Clock::since(epoch_millis), row, log: log.clone(), stop: stop.clone(), done: done.clone() }
    }
}

impl Lane for ThreadLane {
    type Stack = NoStack<ThreadLane>;
    const RUNS_LOOPS: bool = false;

    fn now_nanos(&self) -> u64 {
        self.clock.now_nanos()
    }

    fn row(&self) -> &Row {
        &self.row
    }

    async fn end_quantum(&self, _stated_nanos: u64) -> Result<(), Stopped> {
        self.stop.check()
    }

    async fn sleep(&self, nanos: u64) -> Result<(), Stopped> {
        let due = self.now_nanos().saturating_add(nanos);
        loop {
            let left = due.saturating_sub(self.now_nanos());
            if left == 0 {
                return self.stop.check();
            }
            self.stop.block_for(Duration::from_nanos(left))?;
        }
    }

    fn spend(&self, nanos: u64) {
        spin(nanos);
    }

    async fn wait_for(&self, signal: &Signal, timeout_nanos: Option<u64>) -> Result<bool, Stopped> {
        let due = timeout_nanos.map(|nanos| self.now_nanos().saturating_add(nanos));
        loop {
            if signal.is_set() {
                return Ok(true);
            }
            self.stop.check()?;
            let left = due.map_or(LOOK_UP_EVERY_NANOS, |due| due.saturating_sub(self.now_nanos()));
            if left == 0 {
                return Ok(signal.is_set());
            }
            signal.block_for(Duration::from_nanos(left.min(LOOK_UP_EVERY_NANOS)));
        }
    }

    fn request(&self, page: u32, nanos: u64) -> Option<Request> {
        crate::pages::request(page, nanos)
    }

    async fn hop(&self) -> Result<(), Stopped> {
        self.stop.check()
    }

    fn job_done(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    fn further_row(&self, kind: LaneKind, number: u32) -> Row {
        self.log.open(kind, number)
    }
}

/// Completes a future whose lanes block: one poll must do.
pub fn complete<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a thread's lane blocks its worker instead of giving it back"),
    }
}
