//! CPython's global interpreter lock: a flag, a mutex and two condition variables, as in its `ceval_gil`.
//!
//! ```text
//!   waiter                                  holder
//!     │ waits one switch interval             │ runs
//!     │ … time is up, and nobody switched     │
//!     ├── asks for a drop ───────────────────▶│ sees it at its next check point
//!     │ waits again                           ├── drops the lock
//!     │◀──────────────────────────── signal ──┤
//!     ├── takes it ── signal ────────────────▶│ goes on only now, to wait as all others do
//!     │ runs                                  │ (forced switching)
//! ```
//!
//! Nothing orders the waiters beyond that: who wakes first gets it. Which of several that wait is woken is drawn from a
//! seed, and whoever comes just then may take the lock before it.

use std::sync::Arc;

use trace::{LaneKind, MarkKind, Wait};

use crate::condition::{Condition, Woken, locked};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::{CheckPoint, Lane, NoStack, Request, Row, Signal, Stopped};

/// A lock that is held by whoever runs.
#[derive(Clone)]
pub struct Gil(Arc<Inner>);

struct Inner {
    interval_nanos: u64,
    drop_request: AtomicBool,
    state: Mutex<GilState>,
    /// Signalled when the lock is dropped.
    dropped: Condition,
    /// Signalled when the lock is taken.
    taken: Condition,
}

struct GilState {
    is_locked: bool,
    last_holder: Option<u32>,
    switches: u64,
    /// Which of the waiters wakes first.
    dice: u64,
}

impl GilState {
    /// Knuth's linear congruential generator (MMIX), of which the upper bits are the good ones.
    fn roll(&mut self) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.dice >> 33
    }
}

impl Gil {
    /// A lock nobody holds. Waiters ask for it after `interval_nanos` without a switch.
    pub fn new(interval_nanos: u64) -> Gil {
        Gil::seeded(interval_nanos, 0)
    }

    /// The same, where the seed says which of several waiters wakes first.
    pub fn seeded(interval_nanos: u64, seed: u64) -> Gil {
        Gil(Arc::new(Inner {
            interval_nanos,
            drop_request: AtomicBool::new(false),
            state: Mutex::new(GilState { is_locked: false, last_holder: None, switches: 0, dice: seed }),
            dropped: Condition::default(),
            taken: Condition::default(),
        }))
    }

    /// How often the lock has gone from one lane to another.
    pub fn switches(&self) -> u64 {
        locked(&self.0.state).switches
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.0.drop_request.load(Ordering::Acquire)
    }

    pub(crate) async fn take<L: Lane>(&self, lane: &L, me: u32) -> Result<(), Stopped> {
        let gil = &*self.0;
        let mut state = locked(&gil.state);
        while state.is_locked {
            let switches = state.switches;
            let woken;
            (state, woken) = gil.dropped.wait(lane, &gil.state, state, Some(gil.interval_nanos)).await?;
            if woken == Woken::ByTime && state.is_locked && state.switches == switches {
                gil.drop_request.store(true, Ordering::Release);
                lane.row().mark(MarkKind::DropRequest, lane.now_nanos());
            }
        }
        state.is_locked = true;
        if state.last_holder != Some(me) {
            state.last_holder = Some(me);
            state.switches += 1;
            lane.row().mark(MarkKind::Switch, lane.now_nanos());
        }
        gil.drop_request.store(false, Ordering::Release);
        gil.taken.notify_all();
        Ok(())
    }

    pub(crate) async fn give<L: Lane>(&self, lane: &L, me: u32) -> Result<(), Stopped> {
        let gil = &*self.0;
        let mut state = locked(&gil.state);
        state.is_locked = false;
        state.last_holder = Some(me);
        gil.dropped.notify_any(state.roll());
        // Forced switching: without it the one who was asked to drop the lock would be the first to take it again.
        if gil.drop_request.swap(false, Ordering::AcqRel) {
            while state.last_holder == Some(me) && !state.is_locked {
                (state, _) = gil.taken.wait(lane, &gil.state, state, None).await?;
            }
        }
        Ok(())
    }
}

/// A thread of an interpreter: it runs only while it holds the GIL, if there is one.
#[derive(Clone)]
pub struct GilLane<L: Lane> {
    lane: L,
    gil: Option<Gil>,
    me: u32,
    switches_anywhere: bool,
}

impl<L: Lane> GilLane<L> {
    /// Waits for the GIL; from then on the lane holds it whenever it runs. `me` tells the lanes of a GIL apart;
    /// `switches_anywhere` says whether the interpreter may switch after every instruction (up to CPython 3.9) or only at
    /// jumps back and calls (from 3.10 on).
    pub async fn begin(lane: L, gil: Option<&Gil>, me: u32, switches_anywhere: bool) -> Result<GilLane<L>, Stopped> {
        let lane = GilLane { lane, gil: gil.cloned(), me, switches_anywhere };
        if let Some(gil) = &lane.gil {
            lane.blocked(gil.take(&lane.lane, me)).await?;
        }
        Ok(lane)
    }

    /// The lane's last act.
    pub async fn end(&self) -> Result<(), Stopped> {
        match &self.gil {
            Some(gil) => gil.give(&self.lane, self.me).await,
            None => Ok(()),
        }
    }

    /// Waits for the GIL and then goes on with what the lane was doing.
    async fn blocked(&self, waiting: impl Future<Output = Result<(), Stopped>>) -> Result<(), Stopped> {
        let before = self.lane.row().interrupt(Wait::ForGil, self.now_nanos());
        waiting.await?;
        self.lane.row().resume(before, self.now_nanos());
        Ok(())
    }

    /// The GIL is dropped round everything that blocks.
    async fn without_the_gil<T>(&self, waiting: impl Future<Output = Result<T, Stopped>>) -> Result<T, Stopped> {
        let Some(gil) = &self.gil else { return waiting.await };
        gil.give(&self.lane, self.me).await?;
        let value = waiting.await?;
        self.blocked(gil.take(&self.lane, self.me)).await?;
        Ok(value)
    }

    async fn switch_if_wanted(&self) -> Result<(), Stopped> {
        let Some(gil) = self.gil.as_ref().filter(|gil| gil.is_wanted()) else { return Ok(()) };
        self.blocked(async {
            gil.give(&self.lane, self.me).await?;
            gil.take(&self.lane, self.me).await
        })
        .await
    }
}

impl<L: Lane> Lane for GilLane<L> {
    type Stack = NoStack<GilLane<L>>;

    fn now_nanos(&self) -> u64 {
        self.lane.now_nanos()
    }

    fn row(&self) -> &Row {
        self.lane.row()
    }

    /// Short enough that a request is seen soon after the switch interval that it ends.
    fn quantum_nanos(&self) -> u64 {
        let longest = self.lane.quantum_nanos();
        self.gil.as_ref().map_or(longest, |gil| longest.min(gil.0.interval_nanos / 4).max(20_000))
    }

    fn spend(&self, nanos: u64) {
        self.lane.spend(nanos);
    }

    async fn end_quantum(&self, stated_nanos: u64) -> Result<(), Stopped> {
        self.lane.end_quantum(stated_nanos).await
    }

    async fn check_point(&self, at: CheckPoint) -> Result<(), Stopped> {
        match at {
            CheckPoint::Instruction if !self.switches_anywhere => Ok(()),
            CheckPoint::Instruction | CheckPoint::Call | CheckPoint::Jump => self.switch_if_wanted().await,
        }
    }

    async fn sleep(&self, nanos: u64) -> Result<(), Stopped> {
        self.without_the_gil(self.lane.sleep(nanos)).await
    }

    async fn wait_for(&self, signal: &Signal, timeout_nanos: Option<u64>) -> Result<bool, Stopped> {
        self.without_the_gil(self.lane.wait_for(signal, timeout_nanos)).await
    }

    fn request(&self, page: u32, nanos: u64) -> Option<Request> {
        self.lane.request(page, nanos)
    }

    async fn hop(&self) -> Result<(), Stopped> {
        self.without_the_gil(self.lane.hop()).await
    }

    fn job_done(&self) {
        self.lane.job_done();
    }

    fn further_row(&self, kind: LaneKind, number: u32) -> Row {
        self.lane.further_row(kind, number)
    }
}
