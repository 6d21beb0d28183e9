//! An event loop with asyncio's contract: a queue of coroutines and callbacks that are ready, a heap of timers, and one
//! turn after another in which everything that was ready at its beginning runs once.
//!
//! ```text
//!          ┌────────────── wake ◀──────────────┐
//!          ▼                                   │
//!   ready ▢▢▢ ──▶ step ──▶ over ──▶ listeners ─┤
//!          ▲        └──▶ waits ──▶ timers ▢▢▢ ─┤ (due)
//!          └── due timers, at each turn's start└ (handle, lock, other lane)
//! ```
//!
//! The loop itself is a future on one lane. A coroutine that computes keeps the lane, and with it the whole loop, until
//! its job's step is done: it is *held*. That is what an event loop is bad at, and here it really happens.
//!
//! A sleeping coroutine is woken by its timer itself, one turn earlier than in asyncio, whose timer completes a future that
//! wakes the coroutine. Everything else that asyncio's documentation promises about order holds turn by turn.

mod calls;
mod coroutine;
mod group;
mod handle;
mod life;
mod line;
mod locks;
mod ready;
mod slots;
mod tally;
mod timers;

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use trace::{Failure, LaneKind, State, Wait};
use workloads::Job;

use crate::{Lane, Row, Shared, Stopped, caught, run_job};

pub use calls::CallHandle;
use calls::{Call, Callback, Exceptions};
pub use coroutine::{Coroutine, TimeoutError};
pub use group::{Group, GroupError};
use handle::Ending;
pub use handle::Handle;
pub(crate) use handle::raise;
use life::Life;
pub use locks::{Event, LoopLock, LoopQueue, Permit, QueueFull, Semaphore};
use ready::Ready;
use slots::{Slot, Slots};
pub use tally::{Awaitable, DoneAndPending, Unstarted, Until, WaitError};
use timers::{Target, Timers};

/// How long the loop runs coroutines before it gives the platform a moment, even within a turn: half a frame.
const BREATH_NANOS: u64 = 8_000_000;
/// How long the loop turns by itself before it lets the platform's own loop turn as well. A turn of a browser's loop takes
/// longer than many of ours; whatever comes from there is late by this at most.
const ALONE_NANOS: u64 = 1_000_000;
/// Steps between two looks at the clock within a turn.
const STEPS_PER_LOOK: usize = 64;

/// A loop on one lane. A clone is the same loop.
#[derive(Clone)]
pub struct EventLoop<L: Lane> {
    lane: L,
    core: Rc<Core>,
}

/// All of a loop but its lane.
struct Core {
    ready: Arc<Ready>,
    slots: Slots,
    timers: RefCell<Timers>,
    exceptions: Exceptions,
    /// What rouses the loop's own future.
    outer: RefCell<Waker>,
    /// The coroutine being polled keeps the lane although it is not over.
    is_held: Cell<bool>,
    /// The lane has been stopped while it was held.
    is_stopped: Cell<bool>,
    /// `stop` has been called.
    is_to_stop: Cell<bool>,
    started: Cell<u32>,
    /// What the callback that has just returned goes on with before anybody else, and what it has cost.
    continuation: Cell<Option<(u64, Callback)>>,
    breathed_nanos: Cell<u64>,
}

impl Core {
    fn queue_call(&self, call: Rc<Call>) {
        let place = self.slots.reserve();
        self.slots.put(place, Slot::Call(call));
        self.ready.push(place);
    }

    fn queue_due_timers(&self, now_nanos: u64) {
        let mut timers = self.timers.borrow_mut();
        while let Some(target) = timers.pop_due(now_nanos) {
            match target {
                Target::Coroutine(life) => {
                    life.timer.set(None);
                    life.wake();
                }
                Target::Call(call) => self.queue_call(call),
            }
        }
    }
}

impl<L: Lane> EventLoop<L> {
    /// A loop with nothing on it.
    pub fn new(lane: L) -> EventLoop<L> {
        let breathed_nanos = Cell::new(lane.now_nanos());
        let core = Core {
            ready: Arc::default(),
            slots: Slots::default(),
            timers: RefCell::default(),
            exceptions: Exceptions::default(),
            outer: RefCell::new(Waker::noop().clone()),
            is_held: Cell::new(false),
            is_stopped: Cell::new(false),
            is_to_stop: Cell::new(false),
            started: Cell::new(0),
            continuation: Cell::new(None),
            breathed_nanos,
        };
        EventLoop { lane, core: Rc::new(core) }
    }

    /// Time since the run's epoch.
    pub fn now_nanos(&self) -> u64 {
        self.lane.now_nanos()
    }

    /// Starts a coroutine. It begins at the next turn.
    pub fn start<T, F>(&self, body: impl FnOnce(Coroutine<L>) -> F + 'static) -> Handle<T>
    where
        T: Clone + 'static,
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let number = self.core.started.get() + 1;
        self.core.started.set(number);
        self.start_with_row(self.lane.further_row(LaneKind::Coroutine, number), body)
    }

    fn start_with_row<T, F>(&self, row: Row, body: impl FnOnce(Coroutine<L>) -> F + 'static) -> Handle<T>
    where
        T: Clone + 'static,
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let place = self.core.slots.reserve();
        let life = Life::new(place, &self.core.ready);
        let ending = Ending::new(life.clone(), self.core.clone());
        let coroutine = Coroutine::new(self.clone(), row, life.clone());
        let (own_life, own_ending) = (life.clone(), ending.clone());
        let body = async move {
            let ended = if own_life.take_cancel() {
                coroutine.mark_cancel();
                Err(Failure::Stopped)
            } else {
                caught::run(async move { body(coroutine).await }).await
            };
            own_ending.end(ended);
        };
        self.core.slots.put(place, Slot::Coroutine(Box::pin(body), life.clone()));
        life.wake();
        Handle::new(ending)
    }

    /// Runs a main coroutine to its end, calls off what is left, waits for it, and closes the loop: `asyncio.run`. The main
    /// coroutine has the row of the loop's own lane.
    pub async fn run<T, F>(lane: L, main: impl FnOnce(Coroutine<L>) -> F + 'static) -> Result<T, Failure>
    where
        T: Clone + 'static,
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let event_loop = EventLoop::new(lane);
        let main = event_loop.start_with_row(event_loop.lane.row().clone(), main);
        let ended = event_loop.run_to_the_end(&main).await;
        event_loop.close();
        ended
    }

    async fn run_to_the_end<T: Clone + 'static>(&self, main: &Handle<T>) -> Result<T, Failure> {
        let ended = self.run_until_complete(main).await?;
        let left = self.core.slots.lives();
        left.iter().for_each(|life| {
            life.cancel();
        });
        self.turn_until(|| left.iter().all(|life| life.is_over())).await?;
        ended
    }

    /// Turns until this coroutine is over; what it came to, or its failure.
    pub async fn run_until_complete<T: Clone + 'static>(
        &self,
        handle: &Handle<T>,
    ) -> Result<Result<T, Failure>, Stopped> {
        self.turn_until(|| handle.is_over()).await?;
        Ok(handle.peek().map_or(Err(Failure::Stopped), raise))
    }

    /// Turns until [`EventLoop::stop`] is called, even where nothing is left to do.
    pub async fn run_forever(&self) -> Result<(), Stopped> {
        self.turn_until(|| self.core.is_to_stop.take()).await
    }

    /// Lets [`EventLoop::run_forever`] return at the end of this turn. What has not run stays as it is.
    pub fn stop(&self) {
        self.core.is_to_stop.set(true);
    }

    /// Lets go of everything on the loop. Coroutines that have not ended keep their loop in memory until then.
    pub fn close(&self) {
        // Taken out first: what is let go of may itself look at the timers.
        drop(self.core.timers.take());
        self.core.slots.clear();
        self.core.exceptions.forget_handler();
    }

    /// Runs one coroutine per job, all together, and returns the answers in the order of the jobs.
    pub async fn gather(lane: L, jobs: &[Job], shared: &Shared) -> Result<Vec<u64>, Failure> {
        let (jobs, shared) = (jobs.to_vec(), shared.clone());
        EventLoop::run(lane, |main| async move {
            main.gather(jobs.into_iter().map(|job| {
                let shared = shared.clone();
                Unstarted::new(move |coroutine| coroutine_of_job(coroutine, job, shared))
            }))
            .await
        })
        .await
    }

    /// To be called while one thing after another is done: gives the platform a moment now and then, if it has had none
    /// for a while. The loop stands still meanwhile.
    pub(crate) async fn breathe_at(&self, index: usize) -> Result<(), Stopped> {
        let is_time_to_look = index % STEPS_PER_LOOK == STEPS_PER_LOOK - 1;
        if is_time_to_look && self.now_nanos().saturating_sub(self.core.breathed_nanos.get()) >= BREATH_NANOS {
            self.lane.hop().await?;
            self.has_breathed();
        }
        Ok(())
    }

    fn has_breathed(&self) {
        self.core.breathed_nanos.set(self.now_nanos());
    }

    /// Turns until, between two turns, it is done.
    async fn turn_until(&self, is_done: impl Fn() -> bool) -> Result<(), Stopped> {
        let mut batch = Vec::new();
        while !is_done() {
            let now = self.now_nanos();
            self.core.queue_due_timers(now);
            self.core.ready.take(&mut batch);
            for (index, &place) in batch.iter().enumerate() {
                self.breathe_at(index).await?;
                self.step(place).await?;
            }
            batch.clear();
            if is_done() {
                break;
            }
            self.between_turns(now).await?;
        }
        Ok(())
    }

    async fn step(&self, place: usize) -> Result<(), Stopped> {
        match self.core.slots.take(place) {
            Slot::Coroutine(mut body, life) => {
                life.begin_step();
                let is_over = poll_fn(|outer| {
                    if !self.core.outer.borrow().will_wake(outer.waker()) {
                        *self.core.outer.borrow_mut() = outer.waker().clone();
                    }
                    self.core.is_held.set(false);
                    let polled = body.as_mut().poll(&mut Context::from_waker(life.waker()));
                    if polled.is_pending() && self.core.is_held.get() {
                        return Poll::Pending;
                    }
                    Poll::Ready(polled.is_ready())
                })
                .await;
                if !is_over {
                    self.core.slots.put(place, Slot::Coroutine(body, life));
                } else if life.end() {
                    self.core.slots.put(place, Slot::Left);
                } else {
                    self.core.slots.free(place);
                }
                if self.core.is_stopped.get() {
                    return Err(Stopped);
                }
            }
            Slot::Call(call) => {
                self.core.slots.free(place);
                self.run_call(&call).await?;
            }
            Slot::Left => self.core.slots.free(place),
            Slot::Empty => {}
        }
        Ok(())
    }

    /// Rests until a timer is due or something is woken from elsewhere, unless something is ready; then the platform is let
    /// turn once if it has not for a while. The turn that is over began at that time.
    async fn between_turns(&self, began_nanos: u64) -> Result<(), Stopped> {
        let Some(bell) = self.core.ready.bell() else {
            if began_nanos.saturating_sub(self.core.breathed_nanos.get()) >= ALONE_NANOS {
                self.lane.hop().await?;
                self.has_breathed();
            }
            return Ok(());
        };
        let now = self.now_nanos();
        let due = self.core.timers.borrow_mut().next_due();
        if due.is_none_or(|due| due > now) {
            self.lane.row().wait(Wait::ForEvent, None, now);
            self.lane.wait_for(&bell, due.map(|due| due - now)).await?;
            self.lane.row().enter(State::Idle, None, self.now_nanos());
            self.has_breathed();
        }
        Ok(())
    }
}

/// One job as a coroutine with a row of its own.
pub(crate) async fn coroutine_of_job<L: Lane>(
    coroutine: Coroutine<L>,
    job: Job,
    shared: Shared,
) -> Result<u64, Failure> {
    coroutine.row().enter(State::Idle, None, coroutine.now_nanos());
    let answer = run_job(&coroutine, &job, &shared).await;
    coroutine.row().leave(coroutine.now_nanos());
    Ok(answer?)
}
