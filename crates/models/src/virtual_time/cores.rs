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

/// A core that a lane computes on.
pub(super) struct Held<'a> {
    cores: &'a Cores,
    is_kept: Cell<bool>,
}

impl Held<'_> {
    /// The quantum has come to its end: what becomes of the core is decided there.
    pub(super) fn end(&self) {
        self.is_kept.set(true);
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if !self.is_kept.get() {
            self.cores.give_back();
        }
    }
}

/// A place among those who wait for a core. A lane that dies there leaves it, or the core that it has just been given.
struct Place<'a> {
    cores: &'a Cores,
    turn: Rc<Turn>,
    is_taken: Cell<bool>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.is_taken.get() {
            return;
        }
        if self.turn.granted.get() {
            self.cores.give_back();
        } else {
            self.cores.waiting.borrow_mut().retain(|turn| !Rc::ptr_eq(turn, &self.turn));
        }
    }
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
        let place = Place { cores: self, turn: turn.clone(), is_taken: Cell::new(false) };
        poll_fn(|context| {
            if turn.granted.get() {
                return Poll::Ready(());
            }
            *turn.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
        place.is_taken.set(true);
        when_it_goes_on();
    }

    /// The core that a lane has got, which goes back if the lane dies before its quantum ends.
    pub(super) fn hold(&self) -> Held<'_> {
        Held { cores: self, is_kept: Cell::new(false) }
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
