//! The cores of a virtual machine, and who has them.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use super::machine::{Machine, Policy};

/// A lane as the cores know it.
pub(super) struct Claim {
    number: u32,
    /// How long it has had its core without giving it back.
    had_nanos: Cell<u64>,
}

impl Claim {
    pub(super) fn new(number: u32) -> Rc<Claim> {
        Rc::new(Claim { number, had_nanos: Cell::new(0) })
    }
}

struct Turn {
    number: u32,
    granted: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

pub(super) struct Cores {
    policy: Policy,
    free: Cell<u32>,
    /// Those who wait for a core, in the order in which they came.
    waiting: RefCell<Vec<Rc<Turn>>>,
    /// The lane that runs right now has ended a quantum and may go on, unless it does something else than computing.
    is_kept: Cell<bool>,
}

impl Cores {
    pub(super) fn of(machine: &Machine) -> Cores {
        Cores {
            policy: machine.policy,
            free: Cell::new(machine.cores.max(1)),
            waiting: RefCell::default(),
            is_kept: Cell::new(false),
        }
    }

    /// Gets a core for a lane, which may have to wait for it.
    pub(super) async fn get(&self, claim: &Claim, when_it_must_wait: impl FnOnce(), when_it_goes_on: impl FnOnce()) {
        if self.is_kept.take() {
            return;
        }
        claim.had_nanos.set(0);
        if self.free.get() > 0 {
            self.free.set(self.free.get() - 1);
            return;
        }
        when_it_must_wait();
        let turn = Rc::new(Turn { number: claim.number, granted: Cell::new(false), waker: RefCell::default() });
        self.waiting.borrow_mut().push(turn.clone());
        poll_fn(|context| {
            if turn.granted.get() {
                return Poll::Ready(());
            }
            *turn.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
        when_it_goes_on();
    }

    /// Ends a quantum: the lane keeps its core for the next one, or another gets it.
    pub(super) fn end_quantum(&self, claim: &Claim, nanos: u64) {
        claim.had_nanos.set(claim.had_nanos.get() + nanos);
        let keeps = match self.policy {
            Policy::RoundRobin { slice_nanos } => claim.had_nanos.get() < slice_nanos,
            Policy::RunToCompletion => true,
            Policy::LowestNumberFirst => self.waiting.borrow().iter().all(|turn| turn.number > claim.number),
        };
        self.is_kept.set(keeps);
        if !keeps {
            self.give_back();
        }
    }

    /// The lane that was running has come to a wait: a core that it kept for another quantum is not its any more.
    pub(super) fn settle(&self) {
        if self.is_kept.take() {
            self.give_back();
        }
    }

    fn give_back(&self) {
        let mut waiting = self.waiting.borrow_mut();
        let next = match self.policy {
            Policy::RoundRobin { .. } | Policy::RunToCompletion => (!waiting.is_empty()).then_some(0),
            Policy::LowestNumberFirst => (0..waiting.len()).min_by_key(|&place| waiting[place].number),
        };
        match next {
            Some(place) => {
                let turn = waiting.remove(place);
                turn.granted.set(true);
                turn.waker.take().into_iter().for_each(Waker::wake);
            }
            None => self.free.set(self.free.get() + 1),
        }
    }
}
