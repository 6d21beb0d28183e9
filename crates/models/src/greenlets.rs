//! Greenlets in the manner of gevent's: each job is an ordinary call with a stack of its own, which is set aside where it
//! would block, and a hub that lets one after another go on.
//!
//! ```text
//!          ┌────────────── wake ◀───────────────┐
//!          ▼                                    │
//!   ready ▢▢▢ ──▶ go_on ──▶ ended               │
//!                    └──▶ set aside ──▶ timers ▢▢▢ (due)
//!                                  └──▶ another greenlet's signal
//! ```
//!
//! A greenlet that computes keeps the hub, and with it all others, until it waits for something.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use trace::{Failure, LaneKind, MarkKind, State, Wait};
use workloads::Job;

use crate::stack::{Inside, NoStack, Progress, Stack};
use crate::{Lane, Request, Row, Shared, Signal, Stopped, caught, run_job};

/// How long greenlets take turns before the platform's own event loop gets one. It comes after every round anyway; a round
/// of thousands of greenlets is longer than a page can wait for its next frame.
const LONGEST_ROUND_NANOS: u64 = 8_000_000;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When which greenlet is to be woken; those of one instant in the order in which they asked.
type Timer = Reverse<(u64, u64, usize)>;

/// What the greenlets and the hub's own loop have in common. It lies on the heap, and nothing in it points to a stack.
#[derive(Default)]
struct Hub {
    ready: Mutex<VecDeque<usize>>,
    timers: Mutex<BinaryHeap<Timer>>,
    timers_set: AtomicU64,
    /// Rouses the hub's loop while it rests.
    outer: Mutex<Option<Waker>>,
    /// The run is to end: nobody is set aside any more.
    is_ending: AtomicBool,
}

impl Hub {
    fn check(&self) -> Result<(), Stopped> {
        if self.is_ending.load(Ordering::Acquire) { Err(Stopped) } else { Ok(()) }
    }

    fn queue_due_timers(&self, now_nanos: u64) {
        let mut timers = locked(&self.timers);
        while timers.peek().is_some_and(|Reverse((due_nanos, ..))| *due_nanos <= now_nanos) {
            let Reverse((_, _, greenlet)) = timers.pop().expect("a timer was seen a line above");
            locked(&self.ready).push_back(greenlet);
        }
    }

    /// Lets the lane wait for the next timer or until a greenlet is woken.
    async fn rest<L: Lane>(&self, lane: &L) -> Result<(), Stopped> {
        let now = lane.now_nanos();
        lane.row().wait(Wait::ForEvent, None, now);
        let due = locked(&self.timers).peek().map_or(u64::MAX, |Reverse((due_nanos, ..))| *due_nanos);
        let mut sleep = pin!(lane.sleep(due.saturating_sub(now)));
        poll_fn(|context| {
            *locked(&self.outer) = Some(context.waker().clone());
            if locked(&self.ready).is_empty() { sleep.as_mut().poll(context) } else { Poll::Ready(Ok(())) }
        })
        .await?;
        lane.row().enter(State::Idle, None, lane.now_nanos());
        Ok(())
    }
}

/// Wakes one greenlet. Twice is no harm: who is woken looks whether it is for what he waits for.
struct GreenletWaker {
    number: usize,
    hub: Arc<Hub>,
}

impl Wake for GreenletWaker {
    fn wake(self: Arc<Self>) {
        locked(&self.hub.ready).push_back(self.number);
        let outer = locked(&self.hub.outer).take();
        outer.into_iter().for_each(Waker::wake);
    }
}

/// A lane that is one greenlet.
#[derive(Clone)]
struct Greenlet<I: Inside> {
    inside: I,
    hub: Arc<Hub>,
    number: usize,
    waker: Waker,
    row: Row,
}

impl<I: Inside> Greenlet<I> {
    fn wake_at(&self, due_nanos: u64) {
        let order = self.hub.timers_set.fetch_add(1, Ordering::Relaxed);
        locked(&self.hub.timers).push(Reverse((due_nanos, order, self.number)));
    }

    /// Lets the others run until somebody wakes this one.
    async fn set_aside(&self) -> Result<(), Stopped> {
        self.hub.check()?;
        self.inside.set_aside().await;
        self.hub.check()
    }
}

impl<I: Inside> Lane for Greenlet<I> {
    type Stack = NoStack<Greenlet<I>>;

    fn now_nanos(&self) -> u64 {
        self.inside.lane().now_nanos()
    }

    fn row(&self) -> &Row {
        &self.row
    }

    async fn end_quantum(&self, stated_nanos: u64) -> Result<(), Stopped> {
        self.inside.hold(self.inside.lane().end_quantum(stated_nanos)).await
    }

    fn spend(&self, nanos: u64) {
        self.inside.lane().spend(nanos);
    }

    async fn wait_for(&self, signal: &Signal, timeout_nanos: Option<u64>) -> Result<bool, Stopped> {
        let due_nanos = timeout_nanos.map(|nanos| self.now_nanos().saturating_add(nanos));
        due_nanos.into_iter().for_each(|due_nanos| self.wake_at(due_nanos));
        loop {
            // The signal keeps the waker, which points to the hub and not to this stack.
            if signal.poll(&Context::from_waker(&self.waker)).is_ready() {
                self.row.mark(MarkKind::Wake, self.now_nanos());
                return Ok(true);
            }
            if due_nanos.is_some_and(|due_nanos| self.now_nanos() >= due_nanos) {
                return Ok(false);
            }
            self.set_aside().await?;
        }
    }

    async fn sleep(&self, nanos: u64) -> Result<(), Stopped> {
        let due_nanos = self.now_nanos().saturating_add(nanos);
        self.wake_at(due_nanos);
        while self.now_nanos() < due_nanos {
            self.set_aside().await?;
        }
        self.row.mark(MarkKind::Wake, self.now_nanos());
        Ok(())
    }

    fn request(&self, page: u32, nanos: u64) -> Option<Request> {
        self.inside.lane().request(page, nanos)
    }

    async fn hop(&self) -> Result<(), Stopped> {
        self.waker.wake_by_ref();
        self.set_aside().await
    }

    fn job_done(&self) {
        self.inside.lane().job_done();
    }

    fn further_row(&self, kind: LaneKind, number: u32) -> Row {
        self.inside.lane().further_row(kind, number)
    }
}

type Answer = Result<u64, Failure>;

/// Spawns a greenlet for each job and joins them all.
pub(crate) async fn run<L: Lane>(lane: &L, jobs: &[Job], shared: &Shared) -> Result<Vec<u64>, Failure> {
    let hub = Arc::new(Hub::default());
    let answers: Arc<Mutex<Vec<Answer>>> = Arc::new(Mutex::new(vec![Err(Failure::Stopped); jobs.len()]));
    let mut stacks = Vec::with_capacity(jobs.len());
    for (number, job) in jobs.iter().cloned().enumerate() {
        let waker = Waker::from(Arc::new(GreenletWaker { number, hub: hub.clone() }));
        let row = lane.further_row(LaneKind::Greenlet, job.number + 1);
        row.enter(State::Idle, None, lane.now_nanos());
        let (hub, answers, shared) = (hub.clone(), answers.clone(), shared.clone());
        stacks.push(Some(lane.new_stack(move |inside| async move {
            let greenlet = Greenlet { inside, hub, number, waker, row };
            let answer = caught::run(async { Ok(run_job(&greenlet, &job, &shared).await?) }).await;
            greenlet.row.leave(greenlet.now_nanos());
            locked(&answers)[number] = answer;
        })?));
    }
    locked(&hub.ready).extend(0..jobs.len());
    turn(lane, &hub, stacks).await;
    std::mem::take(&mut *locked(&answers)).into_iter().collect()
}

/// The hub's own loop: turns until no greenlet is left. When the run is to end, it lets each come to its end.
async fn turn<L: Lane>(lane: &L, hub: &Hub, mut stacks: Vec<Option<L::Stack>>) {
    let mut alive = stacks.len();
    while alive > 0 {
        hub.queue_due_timers(lane.now_nanos());
        let round = locked(&hub.ready).len();
        let mut began = lane.now_nanos();
        for _ in 0..round {
            let Some(number) = locked(&hub.ready).pop_front() else { break };
            let Some(stack) = &mut stacks[number] else { continue };
            if stack.go_on().await == Progress::Ended {
                stacks[number] = None;
                alive -= 1;
            }
            if lane.now_nanos().saturating_sub(began) > LONGEST_ROUND_NANOS {
                // Whether the run is to end is asked after the round as well.
                let _ = lane.hop().await;
                began = lane.now_nanos();
            }
        }
        let is_over = alive == 0;
        let rested = if is_over || hub.check().is_err() {
            Ok(())
        } else if locked(&hub.ready).is_empty() {
            hub.rest(lane).await
        } else {
            lane.hop().await
        };
        if rested.is_err() {
            hub.is_ending.store(true, Ordering::Release);
            locked(&hub.ready).extend(0..stacks.len());
        }
    }
}
