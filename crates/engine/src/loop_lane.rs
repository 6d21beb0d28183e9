//! A lane on a JavaScript event loop: the conductor, a process, a loop in a worker, the page.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use models::{Lane, Log, Request, Row, Signal, Stop, Stopped, spin};
use protocol::trace::LaneKind;

use crate::browser::{delay, one_turn};
use crate::clock::Clock;

/// How long such a lane computes before it looks whether a message tells it to stop.
const PAUSE_EVERY_NANOS: u64 = 50_000_000;

/// What a browser's timer is to be set to. It may fire up to a millisecond early where it is rounded down; browsers read
/// more than 31 bits as zero.
fn timer_millis(nanos: u64) -> f64 {
    (nanos as f64 / 1e6).ceil().min(f64::from(i32::MAX))
}

/// Gives its event loop back wherever it waits, and now and then when it computes.
#[derive(Clone)]
pub struct LoopLane(Rc<Inner>);

struct Inner {
    clock: Clock,
    row: Row,
    log: Log,
    stop: Stop,
    last_pause_nanos: Cell<u64>,
    jobs_done: Box<dyn Fn()>,
}

impl LoopLane {
    /// A lane whose row is the first of the log.
    pub fn new(
        clock: Clock,
        kind: LaneKind,
        number: u32,
        log: &Log,
        stop: &Stop,
        job_done: impl Fn() + 'static,
    ) -> LoopLane {
        LoopLane(Rc::new(Inner {
            clock,
            row: log.open(kind, number),
            log: log.clone(),
            stop: stop.clone(),
            last_pause_nanos: Cell::new(clock.now_nanos()),
            jobs_done: Box::new(job_done),
        }))
    }

    /// The run's clock.
    pub fn clock(&self) -> Clock {
        self.0.clock
    }

    async fn unless_stopped(&self, future: impl Future<Output = ()>) -> Result<(), Stopped> {
        let mut future = pin!(future);
        let mut stopped = pin!(self.0.stop.stopped());
        poll_fn(|context| {
            if let Poll::Ready(stopped) = stopped.as_mut().poll(context) {
                return Poll::Ready(Err(stopped));
            }
            future.as_mut().poll(context).map(Ok)
        })
        .await
    }
}

impl Lane for LoopLane {
    #[cfg(not(feature = "threads"))]
    type Stack = crate::stacks::WebStack;
    #[cfg(feature = "threads")]
    type Stack = models::NoStack<LoopLane>;
    // In the other flavour such a lane is the conductor's, which runs no jobs.
    const RUNS_LOOPS: bool = cfg!(not(feature = "threads"));

    fn now_nanos(&self) -> u64 {
        self.0.clock.now_nanos()
    }

    fn row(&self) -> &Row {
        &self.0.row
    }

    async fn end_quantum(&self, _stated_nanos: u64) -> Result<(), Stopped> {
        self.0.stop.check()?;
        let now = self.now_nanos();
        if now.saturating_sub(self.0.last_pause_nanos.get()) < PAUSE_EVERY_NANOS {
            return Ok(());
        }
        one_turn().await;
        let after = self.now_nanos();
        self.0.row.pause(after.saturating_sub(now));
        self.0.last_pause_nanos.set(after);
        self.0.stop.check()
    }

    async fn sleep(&self, nanos: u64) -> Result<(), Stopped> {
        let due = self.now_nanos().saturating_add(nanos);
        loop {
            let left = due.saturating_sub(self.now_nanos());
            if left == 0 {
                break;
            }
            self.unless_stopped(delay(timer_millis(left))).await?;
        }
        self.0.last_pause_nanos.set(self.now_nanos());
        self.0.stop.check()
    }

    fn spend(&self, nanos: u64) {
        spin(nanos);
    }

    async fn wait_for(&self, signal: &Signal, timeout_nanos: Option<u64>) -> Result<bool, Stopped> {
        let mut timer = pin!(delay(timeout_nanos.map_or(0.0, timer_millis)));
        let set_or_late = poll_fn(|context| match signal.poll(context) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending if timeout_nanos.is_some() => timer.as_mut().poll(context),
            Poll::Pending => Poll::Pending,
        });
        self.unless_stopped(set_or_late).await?;
        self.0.last_pause_nanos.set(self.now_nanos());
        Ok(signal.is_set())
    }

    fn request(&self, page: u32, nanos: u64) -> Option<Request> {
        crate::pages::request(page, nanos)
    }

    async fn hop(&self) -> Result<(), Stopped> {
        one_turn().await;
        self.0.last_pause_nanos.set(self.now_nanos());
        self.0.stop.check()
    }

    fn job_done(&self) {
        (self.0.jobs_done)();
    }

    #[cfg(not(feature = "threads"))]
    fn tell_of_beginning(&self, job: u32) {
        crate::browser::began(job);
    }

    fn further_row(&self, kind: LaneKind, number: u32) -> Row {
        self.0.log.open(kind, number)
    }

    #[cfg(not(feature = "threads"))]
    fn new_stack<F: Future<Output = ()> + 'static>(
        &self,
        body: impl FnOnce(crate::stacks::WebInside) -> F + Send + 'static,
    ) -> Result<Self::Stack, protocol::trace::Failure> {
        crate::stacks::WebStack::new(self, body)
    }
}
