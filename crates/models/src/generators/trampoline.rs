//! What runs generators as coroutines: before event loops had any, this is how it was done.
//!
//! ```text
//!            ┌────────── send ──────────┐
//!            ▼                          │
//!   ready ▢▢▢ ──▶ resume ──▶ returned   │
//!            ▲        └──▶ yields what it waits for
//!            │              ├── a turn ─────────────┘
//!            │              ├── a time ──▶ timers ▢▢▢
//!            └── awake ─────┴── a signal
//! ```
//!
//! Nothing else interrupts a generator: one that computes keeps the lane, and all others with it, until it yields. The
//! lane itself waits only when no generator can go on.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use super::generator::{Generator, Raised, Resumed, Yielder};
use crate::condition::locked;
use crate::sync::Mutex;
use crate::{Lane, NoStack, Request, Row, Signal, Stopped};
use trace::{LaneKind, MarkKind, State, Wait};

/// What a generator yields: what it waits for.
pub enum Want {
    /// That the others have had a turn.
    Turn,
    /// This time.
    Time {
        /// When it can go on.
        due_nanos: u64,
    },
    /// A signal, for so long at most.
    Signal {
        /// The signal.
        signal: Signal,
        /// When it goes on in any case.
        due_nanos: Option<u64>,
    },
}

/// A coroutine of old: it yields what it waits for, is sent nothing but leave to go on, and returns its answer.
type Coroutine = Generator<Want, (), Stopped, u64>;

/// Which generators a signal has woken, and how to rouse the lane that waits for one.
#[derive(Default)]
struct Awake {
    numbers: Mutex<Vec<usize>>,
    bell: Mutex<Signal>,
}

/// Wakes one generator.
struct GeneratorWaker {
    number: usize,
    awake: Arc<Awake>,
}

impl Wake for GeneratorWaker {
    fn wake(self: Arc<Self>) {
        locked(&self.awake.numbers).push(self.number);
        locked(&self.awake.bell).set();
    }
}

struct Slot {
    generator: Coroutine,
    waker: Waker,
    /// It stands in the queue. A signal and a timer may both want it there.
    is_ready: bool,
    answer: Option<u64>,
}

/// A time and the generator that waits for it, ordered by the time, then by the order in which they were set.
type Timer = Reverse<(u64, u64, usize)>;

/// Runs generators on one lane, each in its turn.
pub struct Trampoline<L: Lane> {
    lane: L,
    slots: Vec<Slot>,
    ready: VecDeque<usize>,
    timers: BinaryHeap<Timer>,
    timers_set: u64,
    awake: Arc<Awake>,
}

impl<L: Lane> Trampoline<L> {
    /// A trampoline without generators.
    pub fn new(lane: L) -> Trampoline<L> {
        Trampoline {
            lane,
            slots: Vec::new(),
            ready: VecDeque::new(),
            timers: BinaryHeap::new(),
            timers_set: 0,
            awake: Arc::default(),
        }
    }

    /// Adds a generator, whose first turn comes after those of all that are there. It has a row of its own.
    pub fn start<F>(&mut self, body: impl FnOnce(GeneratorLane<L>) -> F)
    where
        F: Future<Output = Result<u64, Stopped>> + 'static,
    {
        let number = self.slots.len();
        let (lane, row) = (self.lane.clone(), self.lane.further_row(LaneKind::Generator, number as u32 + 1));
        row.enter(State::Idle, None, lane.now_nanos());
        let generator = Generator::new(|yielder| {
            let life = body(GeneratorLane { lane: lane.clone(), row: row.clone(), yielder });
            async move {
                let answer = life.await;
                row.leave(lane.now_nanos());
                answer.map_err(Raised::Error)
            }
        });
        let waker = Waker::from(Arc::new(GeneratorWaker { number, awake: self.awake.clone() }));
        self.slots.push(Slot { generator, waker, is_ready: true, answer: None });
        self.ready.push_back(number);
    }

    /// Gives one generator after another its turn until all have returned; what each has.
    pub async fn run(mut self) -> Result<Vec<u64>, Stopped> {
        let mut alive = self.slots.len();
        while alive > 0 {
            self.queue_due_timers();
            if self.ready.is_empty() {
                self.rest().await?;
            }
            for _ in 0..self.ready.len() {
                let Some(number) = self.ready.pop_front() else { break };
                let slot = &mut self.slots[number];
                slot.is_ready = false;
                match slot.generator.next().await {
                    Ok(Resumed::Yielded(want)) => self.grant(number, want),
                    Ok(Resumed::Returned(answer)) => {
                        slot.answer = Some(answer);
                        alive -= 1;
                    }
                    Ok(Resumed::Exhausted) => {}
                    // Whatever is raised here comes from the run's end.
                    Err(_) => return Err(Stopped),
                }
                self.queue_the_woken();
            }
        }
        Ok(self.slots.into_iter().filter_map(|slot| slot.answer).collect())
    }

    /// Sees to it that the generator gets its next turn when what it wants is there.
    fn grant(&mut self, number: usize, want: Want) {
        let slot = &self.slots[number];
        let due_nanos = match want {
            Want::Turn => return self.queue(number),
            Want::Time { due_nanos } => Some(due_nanos),
            Want::Signal { signal, due_nanos } => match signal.poll(&Context::from_waker(&slot.waker)) {
                Poll::Ready(()) => return self.queue(number),
                Poll::Pending => due_nanos,
            },
        };
        if let Some(due_nanos) = due_nanos {
            self.timers.push(Reverse((due_nanos, self.timers_set, number)));
            self.timers_set += 1;
        }
    }

    fn queue(&mut self, number: usize) {
        if !std::mem::replace(&mut self.slots[number].is_ready, true) {
            self.ready.push_back(number);
        }
    }

    fn queue_the_woken(&mut self) {
        let woken = std::mem::take(&mut *locked(&self.awake.numbers));
        woken.into_iter().for_each(|number| self.queue(number));
    }

    fn queue_due_timers(&mut self) {
        let Some(Reverse((first_nanos, ..))) = self.timers.peek() else { return };
        let (mut first_nanos, now) = (*first_nanos, self.lane.now_nanos());
        while first_nanos <= now {
            if let Some(Reverse((_, _, number))) = self.timers.pop() {
                self.queue(number);
            }
            first_nanos = self.timers.peek().map_or(u64::MAX, |Reverse((due_nanos, ..))| *due_nanos);
        }
    }

    /// No generator can go on: the lane waits for the next time, or for a signal.
    async fn rest(&mut self) -> Result<(), Stopped> {
        let (bell, row) = (Signal::new(), self.lane.row().clone());
        *locked(&self.awake.bell) = bell.clone();
        // Who was woken from another lane before the bell hung here has rung no bell.
        self.queue_the_woken();
        if self.ready.is_empty() {
            let now = self.lane.now_nanos();
            row.wait(Wait::ForEvent, None, now);
            let left = self.timers.peek().map(|Reverse((due_nanos, ..))| due_nanos.saturating_sub(now));
            self.lane.wait_for(&bell, left).await?;
            row.enter(State::Idle, None, self.lane.now_nanos());
            self.queue_the_woken();
        }
        Ok(())
    }
}

/// A lane that is one generator of a trampoline: wherever it would wait, it yields what it waits for.
pub struct GeneratorLane<L: Lane> {
    lane: L,
    row: Row,
    yielder: Yielder<Want, (), Stopped>,
}

impl<L: Lane> Clone for GeneratorLane<L> {
    fn clone(&self) -> GeneratorLane<L> {
        GeneratorLane { lane: self.lane.clone(), row: self.row.clone(), yielder: self.yielder.clone() }
    }
}

impl<L: Lane> GeneratorLane<L> {
    async fn want(&self, want: Want) -> Result<(), Stopped> {
        match self.yielder.give(want).await {
            Ok(_) => Ok(()),
            Err(_) => Err(Stopped),
        }
    }
}

impl<L: Lane> Lane for GeneratorLane<L> {
    type Stack = NoStack<GeneratorLane<L>>;

    fn now_nanos(&self) -> u64 {
        self.lane.now_nanos()
    }

    fn row(&self) -> &Row {
        &self.row
    }

    /// Does not yield: nothing interrupts a generator that computes.
    async fn end_quantum(&self, stated_nanos: u64) -> Result<(), Stopped> {
        self.lane.end_quantum(stated_nanos).await
    }

    fn spend(&self, nanos: u64) {
        self.lane.spend(nanos);
    }

    fn gives_way(&self) -> bool {
        true
    }

    async fn sleep(&self, nanos: u64) -> Result<(), Stopped> {
        let due_nanos = self.now_nanos().saturating_add(nanos);
        self.want(Want::Time { due_nanos }).await?;
        // An earlier wait may have left a timer behind.
        while self.now_nanos() < due_nanos {
            self.want(Want::Time { due_nanos }).await?;
        }
        self.row.mark(MarkKind::Wake, self.now_nanos());
        Ok(())
    }

    async fn wait_for(&self, signal: &Signal, timeout_nanos: Option<u64>) -> Result<bool, Stopped> {
        let due_nanos = timeout_nanos.map(|nanos| self.now_nanos().saturating_add(nanos));
        while !signal.is_set() && due_nanos.is_none_or(|due| self.now_nanos() < due) {
            self.want(Want::Signal { signal: signal.clone(), due_nanos }).await?;
        }
        self.row.mark(MarkKind::Wake, self.now_nanos());
        Ok(signal.is_set())
    }

    fn request(&self, page: u32, nanos: u64) -> Option<Request> {
        self.lane.request(page, nanos)
    }

    async fn hop(&self) -> Result<(), Stopped> {
        self.want(Want::Turn).await
    }

    fn job_done(&self) {
        self.lane.job_done();
    }

    fn further_row(&self, kind: LaneKind, number: u32) -> Row {
        self.lane.further_row(kind, number)
    }
}
