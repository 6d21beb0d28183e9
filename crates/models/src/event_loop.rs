//! An event loop in the manner of asyncio's: a queue of coroutines that are ready, a heap of timers, and one turn after
//! another in which everything that was ready at its beginning runs once.
//!
//! ```text
//!          ┌────────────── wake ◀──────────────┐
//!          ▼                                   │
//!   ready ▢▢▢ ──▶ poll ──▶ done                │
//!          ▲        └──▶ waits ──▶ timers ▢▢▢ ─┤ (due)
//!          └── due timers, at each turn's start└ (promise, other lane)
//! ```
//!
//! The loop itself is a future on one lane. A coroutine that computes keeps the lane, and with it the whole loop, until
//! its job's step is done: it is *held*. That is what an event loop is bad at, and here it really happens.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use trace::{LaneKind, MarkKind, State};
use workloads::Job;

use crate::{Lane, Row, Shared, Signal, Stopped, run_job};

type Work = Pin<Box<dyn Future<Output = ()>>>;

/// The part of the loop that may be touched from other lanes: which coroutines are ready, and how to rouse the loop.
#[derive(Default)]
struct Ready {
    queue: Mutex<VecDeque<usize>>,
    outer: Mutex<Option<Waker>>,
}

impl Ready {
    fn queue(&self) -> MutexGuard<'_, VecDeque<usize>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(&self, waker: &Waker) {
        let mut outer = self.outer.lock().unwrap_or_else(PoisonError::into_inner);
        if !outer.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *outer = Some(waker.clone());
        }
    }

    fn rouse(&self) {
        if let Some(waker) = &*self.outer.lock().unwrap_or_else(PoisonError::into_inner) {
            waker.wake_by_ref();
        }
    }
}

/// Wakes one coroutine.
struct CoroutineWaker {
    number: usize,
    /// It stands in the queue already.
    queued: AtomicBool,
    /// It is being polled and will be polled again before any other.
    held: AtomicBool,
    ready: Arc<Ready>,
}

impl Wake for CoroutineWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.held.load(Ordering::Acquire) && !self.queued.swap(true, Ordering::AcqRel) {
            self.ready.queue().push_back(self.number);
        }
        self.ready.rouse();
    }
}

struct Slot {
    work: Work,
    waker: Arc<CoroutineWaker>,
}

/// Ordered by time, then by the order in which they were set.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Timer {
    due_nanos: u64,
    order: u64,
    coroutine: usize,
}

/// What the loop and its coroutines have in common.
struct LoopState {
    ready: Arc<Ready>,
    timers: RefCell<BinaryHeap<Reverse<Timer>>>,
    timers_set: Cell<u64>,
    /// The coroutine being polled right now.
    current: Cell<usize>,
    /// The coroutine being polled keeps the lane although it is not done.
    holding: Cell<bool>,
}

/// A loop on one lane.
pub struct EventLoop<L: Lane> {
    lane: L,
    shared: Rc<LoopState>,
    slots: RefCell<Vec<Option<Slot>>>,
    alive: Cell<usize>,
}

impl<L: Lane> EventLoop<L> {
    /// A loop with nothing on it.
    pub fn new(lane: L) -> EventLoop<L> {
        EventLoop {
            lane,
            shared: Rc::new(LoopState {
                ready: Arc::default(),
                timers: RefCell::default(),
                timers_set: Cell::new(0),
                current: Cell::new(0),
                holding: Cell::new(false),
            }),
            slots: RefCell::default(),
            alive: Cell::new(0),
        }
    }

    /// Puts a coroutine on the loop. It begins at the next turn.
    pub fn start<F: Future<Output = ()> + 'static>(&self, body: impl FnOnce(Coroutine<L>) -> F) {
        let mut slots = self.slots.borrow_mut();
        let number = slots.len();
        let row = self.lane.further_row(LaneKind::Coroutine, number as u32 + 1);
        let coroutine = Coroutine { lane: self.lane.clone(), shared: self.shared.clone(), row };
        let waker = Arc::new(CoroutineWaker {
            number,
            queued: AtomicBool::new(true),
            held: AtomicBool::new(false),
            ready: self.shared.ready.clone(),
        });
        slots.push(Some(Slot { work: Box::pin(body(coroutine)), waker }));
        self.alive.set(self.alive.get() + 1);
        self.shared.ready.queue().push_back(number);
    }

    /// Runs one coroutine per job, all together, and returns the answers in the order of the jobs.
    pub async fn gather(self, jobs: &[Job], shared: &Shared) -> Result<Vec<u64>, Stopped> {
        let answers: Rc<RefCell<Vec<Result<u64, Stopped>>>> = Rc::new(RefCell::new(vec![Err(Stopped); jobs.len()]));
        for (index, job) in jobs.iter().cloned().enumerate() {
            let (answers, jobs_share) = (answers.clone(), shared.clone());
            self.start(|coroutine| async move {
                coroutine.row().enter(State::Idle, None, coroutine.now_nanos());
                let answer = run_job(&coroutine, &job, &jobs_share).await;
                coroutine.row().leave(coroutine.now_nanos());
                answers.borrow_mut()[index] = answer;
            });
        }
        self.run().await?;
        answers.take().into_iter().collect()
    }

    /// Turns until no coroutine is left.
    pub async fn run(&self) -> Result<(), Stopped> {
        while self.alive.get() > 0 {
            self.queue_due_timers();
            let batch = self.shared.ready.queue().len();
            for _ in 0..batch {
                let next = self.shared.ready.queue().pop_front();
                if let Some(number) = next {
                    self.step(number).await;
                }
            }
            if self.alive.get() == 0 {
                break;
            }
            if self.shared.ready.queue().is_empty() {
                self.rest().await?;
            } else {
                self.lane.hop().await?;
            }
        }
        Ok(())
    }

    fn queue_due_timers(&self) {
        let now = self.lane.now_nanos();
        let mut timers = self.shared.timers.borrow_mut();
        while timers.peek().is_some_and(|Reverse(timer)| timer.due_nanos <= now) {
            let Reverse(timer) = timers.pop().expect("a timer was seen a line above");
            if let Some(slot) = &self.slots.borrow()[timer.coroutine] {
                slot.waker.wake_by_ref();
            }
        }
    }

    /// Polls one coroutine until it is done or gives the lane back.
    async fn step(&self, number: usize) {
        let Some(mut slot) = self.slots.borrow_mut()[number].take() else { return };
        slot.waker.queued.store(false, Ordering::Release);
        let waker = Waker::from(slot.waker.clone());
        let done = poll_fn(|outer| {
            self.shared.ready.listen(outer.waker());
            self.shared.current.set(number);
            // Not held while it is polled: a coroutine that wakes itself wants another turn.
            slot.waker.held.store(false, Ordering::Release);
            let polled = slot.work.as_mut().poll(&mut Context::from_waker(&waker));
            if polled.is_pending() && self.shared.holding.get() {
                slot.waker.held.store(true, Ordering::Release);
                return Poll::Pending;
            }
            Poll::Ready(polled.is_ready())
        })
        .await;
        if done {
            self.alive.set(self.alive.get() - 1);
        } else {
            self.slots.borrow_mut()[number] = Some(slot);
        }
    }

    /// Lets the lane wait for the next timer or until a coroutine is woken from elsewhere.
    async fn rest(&self) -> Result<(), Stopped> {
        let now = self.lane.now_nanos();
        self.lane.row().enter(State::Waiting, None, now);
        let due = self.shared.timers.borrow().peek().map_or(u64::MAX, |Reverse(timer)| timer.due_nanos);
        let mut sleep = pin!(self.lane.sleep(due.saturating_sub(now)));
        poll_fn(|outer| {
            self.shared.ready.listen(outer.waker());
            if !self.shared.ready.queue().is_empty() {
                return Poll::Ready(Ok(()));
            }
            sleep.as_mut().poll(outer)
        })
        .await?;
        self.lane.row().enter(State::Idle, None, self.lane.now_nanos());
        Ok(())
    }
}

/// A lane that is one coroutine of a loop.
pub struct Coroutine<L: Lane> {
    lane: L,
    shared: Rc<LoopState>,
    row: Row,
}

impl<L: Lane> Clone for Coroutine<L> {
    fn clone(&self) -> Coroutine<L> {
        Coroutine { lane: self.lane.clone(), shared: self.shared.clone(), row: self.row.clone() }
    }
}

impl<L: Lane> Coroutine<L> {
    /// Keeps the lane, and so the loop, until the future is done.
    async fn hold<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        poll_fn(|context| {
            let polled = future.as_mut().poll(context);
            self.shared.holding.set(polled.is_pending());
            polled
        })
        .await
    }

    /// Lets the loop poll this coroutine again at that time.
    fn wake_at(&self, due_nanos: u64) {
        let order = self.shared.timers_set.get();
        self.shared.timers_set.set(order + 1);
        let coroutine = self.shared.current.get();
        self.shared.timers.borrow_mut().push(Reverse(Timer { due_nanos, order, coroutine }));
    }

    /// Gives the lane back until the loop's next turn.
    async fn next_turn(&self) {
        let mut asked = false;
        poll_fn(|context| {
            if asked {
                return Poll::Ready(());
            }
            asked = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

impl<L: Lane> Lane for Coroutine<L> {
    fn now_nanos(&self) -> u64 {
        self.lane.now_nanos()
    }

    fn row(&self) -> &Row {
        &self.row
    }

    async fn end_quantum(&self, stated_nanos: u64) -> Result<(), Stopped> {
        self.hold(self.lane.end_quantum(stated_nanos)).await
    }

    async fn sleep(&self, nanos: u64) -> Result<(), Stopped> {
        let due_nanos = self.lane.now_nanos().saturating_add(nanos);
        self.wake_at(due_nanos);
        poll_fn(|_| if self.lane.now_nanos() >= due_nanos { Poll::Ready(()) } else { Poll::Pending }).await;
        self.row.mark(MarkKind::Wake, self.lane.now_nanos());
        Ok(())
    }

    fn spend(&self, nanos: u64) {
        self.lane.spend(nanos);
    }

    async fn wait_for(&self, signal: &Signal, timeout_nanos: Option<u64>) -> Result<bool, Stopped> {
        let due_nanos = timeout_nanos.map(|nanos| self.now_nanos().saturating_add(nanos));
        if let Some(due_nanos) = due_nanos {
            self.wake_at(due_nanos);
        }
        let was_set = poll_fn(|context| match signal.poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending if due_nanos.is_some_and(|due| self.now_nanos() >= due) => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        })
        .await;
        self.row.mark(MarkKind::Wake, self.now_nanos());
        Ok(was_set)
    }

    async fn hop(&self) -> Result<(), Stopped> {
        self.next_turn().await;
        Ok(())
    }

    fn job_done(&self) {
        self.lane.job_done();
    }

    fn further_row(&self, kind: LaneKind, number: u32) -> Row {
        self.lane.further_row(kind, number)
    }
}
