//! Discrete events: lanes are futures, and when none can go on the clock jumps to the next instant at which one can.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::cores::{Claim, Cores};
use super::machine::Machine;

/// Every lane waits for another: nothing will ever happen again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standstill {
    /// When the last thing happened.
    pub at_nanos: u64,
}

impl fmt::Display for Standstill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "every lane waits for another since {} ns", self.at_nanos)
    }
}

impl std::error::Error for Standstill {}

type Life = Pin<Box<dyn Future<Output = ()>>>;

#[derive(Default)]
struct ReadyQueue(Mutex<VecDeque<usize>>);

struct LifeWaker {
    number: usize,
    ready: Arc<ReadyQueue>,
}

impl Wake for LifeWaker {
    fn wake(self: Arc<Self>) {
        self.ready.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(self.number);
    }
}

/// The clock, the cores and everything that lives in virtual time.
pub(super) struct World {
    now_nanos: Cell<u64>,
    lives: RefCell<Vec<Option<Life>>>,
    ready: Arc<ReadyQueue>,
    /// What happens when, in the order in which it was planned.
    planned: RefCell<BinaryHeap<Reverse<(u64, u64)>>>,
    wakers: RefCell<BTreeMap<u64, Waker>>,
    plans: Cell<u64>,
    cores: Cores,
}

impl World {
    pub(super) fn new(machine: &Machine) -> Rc<World> {
        Rc::new(World {
            now_nanos: Cell::new(0),
            lives: RefCell::default(),
            ready: Arc::default(),
            planned: RefCell::default(),
            wakers: RefCell::default(),
            plans: Cell::new(0),
            cores: Cores::of(machine),
        })
    }

    pub(super) fn now_nanos(&self) -> u64 {
        self.now_nanos.get()
    }

    /// Begins a life beside those that are there.
    pub(super) fn spawn(&self, life: impl Future<Output = ()> + 'static) {
        let mut lives = self.lives.borrow_mut();
        lives.push(Some(Box::pin(life)));
        self.ready.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(lives.len() - 1);
    }

    /// Lets virtual time pass. The end of time never comes: who waits for that long waits for somebody else.
    pub(super) async fn pass(&self, nanos: u64) {
        let due = self.now_nanos().saturating_add(nanos);
        if due == u64::MAX {
            return std::future::pending().await;
        }
        let plan = self.plans.get();
        self.plans.set(plan + 1);
        self.planned.borrow_mut().push(Reverse((due, plan)));
        poll_fn(|context| {
            if self.now_nanos() >= due {
                self.wakers.borrow_mut().remove(&plan);
                return Poll::Ready(());
            }
            self.wakers.borrow_mut().insert(plan, context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Waits for a core and computes on it for so long.
    pub(super) async fn use_core(
        &self,
        claim: &Claim,
        nanos: u64,
        when_it_must_wait: impl FnOnce(),
        when_it_goes_on: impl FnOnce(),
    ) {
        self.cores.get(claim, when_it_must_wait, when_it_goes_on).await;
        let held = self.cores.hold();
        self.pass(nanos).await;
        held.end();
        self.cores.end_quantum(claim, nanos);
    }

    /// Lets everything happen until `done` says so.
    pub(super) fn run_until(&self, done: impl Fn() -> bool) -> Result<(), Standstill> {
        while !done() {
            let next = self.ready.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            match next {
                Some(number) => {
                    self.poll(number);
                    self.cores.settle();
                }
                None => self.jump()?,
            }
        }
        Ok(())
    }

    fn poll(&self, number: usize) {
        let Some(mut life) = self.lives.borrow_mut()[number].take() else { return };
        let waker = Waker::from(Arc::new(LifeWaker { number, ready: self.ready.clone() }));
        if life.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            self.lives.borrow_mut()[number] = Some(life);
        }
    }

    fn jump(&self) -> Result<(), Standstill> {
        let Some(Reverse((due, plan))) = self.planned.borrow_mut().pop() else {
            return Err(Standstill { at_nanos: self.now_nanos() });
        };
        let waker = self.wakers.borrow_mut().remove(&plan);
        // A plan without a waker was given up (its lane stopped waiting): its time does not count.
        if let Some(waker) = waker {
            self.now_nanos.set(self.now_nanos().max(due));
            waker.wake();
        }
        Ok(())
    }
}
