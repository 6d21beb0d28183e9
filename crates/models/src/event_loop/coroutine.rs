//! A coroutine as a lane: where it waits, the loop goes on with others; where it computes, the loop does not.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use trace::{Failure, LaneKind, MarkKind};

use super::life::{Cancel, Life};
use super::timers::Target;
use super::{EventLoop, Handle};
use crate::{CheckPoint, Lane, NoStack, Request, Row, Signal, Stopped};

/// A lane that is one coroutine of a loop. Its waits, and nothing else, end with an error where it is called off; a body
/// that returns the error has been called off, one that goes on has seen to it.
#[derive(Clone)]
pub struct Coroutine<L: Lane> {
    event_loop: EventLoop<L>,
    row: Row,
    life: Rc<Life>,
}

/// Why something that had limited time has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeoutError {
    /// The time was up, and it was called off.
    Expired,
    /// It failed by itself, or was called off by others.
    Failed(Failure),
}

impl fmt::Display for TimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimeoutError::Expired => f.write_str("the time is up"),
            TimeoutError::Failed(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for TimeoutError {}

impl<L: Lane> Coroutine<L> {
    pub(super) fn new(event_loop: EventLoop<L>, row: Row, life: Rc<Life>) -> Coroutine<L> {
        Coroutine { event_loop, row, life }
    }

    /// The loop that runs it.
    pub fn event_loop(&self) -> &EventLoop<L> {
        &self.event_loop
    }

    pub(super) fn life(&self) -> &Rc<Life> {
        &self.life
    }

    pub(super) fn mark_cancel(&self) {
        self.mark(MarkKind::Cancel);
    }

    /// Most of a hundred thousand rows are not kept, and a look at the clock is dear.
    fn mark(&self, kind: MarkKind) {
        if self.row.is_kept() {
            self.row.mark(kind, self.now_nanos());
        }
    }

    /// Keeps the lane, and so the loop, until the future is done. It is the loop's own waker that it rouses.
    async fn hold<T>(&self, future: impl Future<Output = Result<T, Stopped>>) -> Result<T, Stopped> {
        let (mut future, core) = (pin!(future), &self.event_loop.core);
        let held = poll_fn(|_| {
            let outer = core.outer.borrow();
            let polled = future.as_mut().poll(&mut Context::from_waker(&outer));
            core.is_held.set(polled.is_pending());
            polled
        })
        .await;
        // It is the run that has been stopped and not this coroutine.
        if held.is_err() {
            core.is_stopped.set(true);
        }
        held
    }

    /// Waits on the loop until `poll` gives something; it is asked whenever the coroutine is woken. `target` is what is
    /// called off in place of this coroutine.
    pub(super) async fn wait_on<T>(
        &self,
        target: Option<Rc<dyn Cancel>>,
        mut poll: impl FnMut() -> Option<T>,
    ) -> Result<T, Stopped> {
        let mut target = Some(target);
        poll_fn(|_| {
            let has_waited = target.is_none();
            if has_waited && self.life.take_cancel() {
                self.life.waits_on.take();
                self.mark_cancel();
                return Poll::Ready(Err(Stopped));
            }
            if let Some(value) = poll() {
                self.life.waits_on.take();
                return Poll::Ready(Ok(value));
            }
            if let Some(target) = target.take() {
                *self.life.waits_on.borrow_mut() = target;
                self.life.pass_cancel_on();
            }
            Poll::Pending
        })
        .await
    }

    /// Waits until `is_reached` or the time is up; says whether it was reached.
    pub(super) async fn wait_until(
        &self,
        timeout_nanos: Option<u64>,
        mut is_reached: impl FnMut() -> bool,
    ) -> Result<bool, Stopped> {
        if let Some(nanos) = timeout_nanos {
            let due = self.now_nanos().saturating_add(nanos);
            let order = self.event_loop.core.timers.borrow_mut().set(due, Target::Coroutine(self.life.clone()));
            self.life.timer.set(Some(order));
        }
        let waited = self
            .wait_on(None, || {
                if is_reached() {
                    return Some(true);
                }
                // The loop takes the timer away when it is due.
                (timeout_nanos.is_some() && self.life.timer.get().is_none()).then_some(false)
            })
            .await;
        if self.life.timer.take().is_some() {
            self.event_loop.core.timers.borrow_mut().call_off();
        }
        waited
    }

    /// Gives the lane back until the loop's next turn.
    async fn next_turn(&self) -> Result<(), Stopped> {
        let mut has_asked = false;
        self.wait_on(None, || {
            let before = std::mem::replace(&mut has_asked, true);
            if !before {
                self.life.wake();
            }
            before.then_some(())
        })
        .await
    }

    /// See [`EventLoop::breathe_at`].
    pub(crate) async fn breathe_at(&self, index: usize) -> Result<(), Stopped> {
        self.hold(self.event_loop.breathe_at(index)).await
    }

    /// Waits without giving the loop back, as a call does that knows nothing of coroutines: nobody else runs meanwhile.
    pub async fn block_for(&self, nanos: u64) -> Result<(), Stopped> {
        self.hold(self.event_loop.lane.sleep(nanos)).await
    }

    /// Limits the time of what is awaited within the body: when it is up, this coroutine is called off, and what comes out
    /// of the body for that reason is [`TimeoutError::Expired`]. Whoever calls it off besides is not mistaken for the clock.
    pub async fn timeout<T>(
        &self,
        nanos: u64,
        body: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, TimeoutError> {
        let (requests, is_late) = (self.life.requests(), Rc::new(Cell::new(false)));
        let (life, rings) = (self.life.clone(), is_late.clone());
        let timer = self.event_loop.call_later(nanos, move || {
            rings.set(true);
            life.cancel();
        });
        let ended = body.await;
        timer.cancel();
        match ended {
            ended if !is_late.get() => ended.map_err(TimeoutError::Failed),
            Err(Failure::Stopped) if self.life.uncancel() <= requests => Err(TimeoutError::Expired),
            Err(Failure::Stopped) => Err(TimeoutError::Failed(Failure::Stopped)),
            ended => {
                self.life.uncancel();
                ended.map_err(TimeoutError::Failed)
            }
        }
    }

    /// What a handle comes to within the time; if that is up, it is called off.
    pub async fn value_within<T: Clone + 'static>(&self, nanos: u64, handle: &Handle<T>) -> Result<T, TimeoutError> {
        self.timeout(nanos, handle.value(self)).await
    }
}

impl<L: Lane> Lane for Coroutine<L> {
    type Stack = NoStack<Coroutine<L>>;

    fn now_nanos(&self) -> u64 {
        self.event_loop.now_nanos()
    }

    fn row(&self) -> &Row {
        &self.row
    }

    async fn end_quantum(&self, stated_nanos: u64) -> Result<(), Stopped> {
        self.hold(self.event_loop.lane.end_quantum(stated_nanos)).await
    }

    async fn check_point(&self, at: CheckPoint) -> Result<(), Stopped> {
        self.hold(self.event_loop.lane.check_point(at)).await
    }

    /// No time is one turn of the loop, as with `asyncio.sleep(0)`.
    async fn sleep(&self, nanos: u64) -> Result<(), Stopped> {
        if nanos == 0 {
            return self.next_turn().await;
        }
        self.wait_until(Some(nanos), || false).await?;
        self.mark(MarkKind::Wake);
        Ok(())
    }

    fn spend(&self, nanos: u64) {
        self.event_loop.lane.spend(nanos);
    }

    async fn wait_for(&self, signal: &Signal, timeout_nanos: Option<u64>) -> Result<bool, Stopped> {
        let context = Context::from_waker(self.life.waker());
        let was_set = self.wait_until(timeout_nanos, || signal.poll(&context).is_ready()).await?;
        self.mark(MarkKind::Wake);
        Ok(was_set)
    }

    fn request(&self, page: u32, nanos: u64) -> Option<Request> {
        self.event_loop.lane.request(page, nanos)
    }

    async fn hop(&self) -> Result<(), Stopped> {
        self.next_turn().await
    }

    fn job_done(&self) {
        self.event_loop.lane.job_done();
    }

    fn further_row(&self, kind: LaneKind, number: u32) -> Row {
        self.event_loop.lane.further_row(kind, number)
    }
}
