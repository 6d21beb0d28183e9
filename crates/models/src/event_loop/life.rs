//! What a coroutine's handle, its lane and the loop all know of it: what it waits for, and whether it is to be called off.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;

use super::ready::{Alarm, Ready};

/// What can be waited for and called off: another coroutine, or several.
pub(super) trait Cancel {
    /// Calls it off, if it is not over. Says whether it was not.
    fn cancel(&self) -> bool;
}

pub(super) struct Life {
    alarm: Arc<Alarm>,
    waker: Waker,
    is_over: Cell<bool>,
    /// Its next wait is to end with an error.
    is_called_off: Cell<bool>,
    /// How often it has been called off, less how often that was taken back.
    requests: Cell<u32>,
    /// What it waits for, if calling it off means to call that off.
    pub(super) waits_on: RefCell<Option<Rc<dyn Cancel>>>,
    /// What it waits for has been called off in its place.
    has_passed_on: Cell<bool>,
    /// The timer that it waits for.
    pub(super) timer: Cell<Option<u64>>,
    /// What it stood in line for is its own.
    pub(super) has_grant: Cell<bool>,
}

impl Life {
    pub(super) fn new(place: usize, ready: &Arc<Ready>) -> Rc<Life> {
        let alarm = Alarm::new(place, ready);
        Rc::new(Life {
            waker: Waker::from(alarm.clone()),
            alarm,
            is_over: Cell::new(false),
            is_called_off: Cell::new(false),
            requests: Cell::new(0),
            waits_on: RefCell::new(None),
            has_passed_on: Cell::new(false),
            timer: Cell::new(None),
            has_grant: Cell::new(false),
        })
    }

    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    pub(super) fn wake(&self) {
        self.alarm.ring();
    }

    /// To be called before each step: from now on waking means another turn.
    pub(super) fn begin_step(&self) {
        self.alarm.reset();
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.get()
    }

    /// It will not be woken again. Says whether the queue still names its place.
    pub(super) fn end(&self) -> bool {
        self.is_over.set(true);
        self.timer.set(None);
        self.waits_on.take();
        self.alarm.silence()
    }

    /// See `Handle::cancel`.
    pub(super) fn cancel(&self) -> bool {
        if self.is_over.get() {
            return false;
        }
        self.requests.set(self.requests.get() + 1);
        let target = self.waits_on.borrow().clone();
        if target.is_some_and(|target| target.cancel()) {
            self.has_passed_on.set(true);
        } else {
            self.is_called_off.set(true);
            self.wake();
        }
        true
    }

    /// How often it has been called off without taking that back.
    pub(super) fn requests(&self) -> u32 {
        self.requests.get()
    }

    /// Takes one request back and says how many are left.
    pub(super) fn uncancel(&self) -> u32 {
        let left = self.requests.get().saturating_sub(1);
        self.requests.set(left);
        if left == 0 {
            self.is_called_off.set(false);
        }
        left
    }

    /// Whether the wait is to end with an error. Asked once, the error has been delivered.
    pub(super) fn take_cancel(&self) -> bool {
        self.is_called_off.take()
    }

    /// A wait begins while it is to be called off already: what is waited for is called off in its place, or else the wait
    /// ends at the next turn.
    pub(super) fn pass_cancel_on(&self) {
        self.has_passed_on.set(false);
        if !self.is_called_off.get() {
            return;
        }
        let target = self.waits_on.borrow().clone();
        if target.is_some_and(|target| target.cancel()) {
            self.is_called_off.set(false);
            self.has_passed_on.set(true);
        } else {
            self.wake();
        }
    }

    /// Whether what has been waited for was called off because this coroutine was.
    pub(super) fn take_passed_on(&self) -> bool {
        self.has_passed_on.take()
    }
}
