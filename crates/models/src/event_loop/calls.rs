//! Callbacks: `call_soon`, `call_later`, `call_at`, and what becomes of one that fails.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Waker};

use trace::Failure;

use super::ready::Alarm;
use super::slots::Slot;
use super::timers::Target;
use super::{Core, EventLoop};
use crate::{Lane, Signal, Stopped, caught};

pub(super) type Callback = Box<dyn FnOnce()>;
type Handler = Rc<dyn Fn(Failure)>;

/// A callback that waits for its time or its turn.
pub(super) struct Call {
    callback: Cell<Option<Callback>>,
    is_cancelled: Cell<bool>,
}

impl Call {
    pub(super) fn new(callback: impl FnOnce() + 'static) -> Rc<Call> {
        Rc::new(Call { callback: Cell::new(Some(Box::new(callback))), is_cancelled: Cell::new(false) })
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.is_cancelled.get()
    }

    fn cancel(&self) {
        self.is_cancelled.set(true);
        drop(self.callback.take());
    }
}

/// A callback that has been asked for.
#[derive(Clone)]
pub struct CallHandle {
    call: Rc<Call>,
    core: Rc<Core>,
    has_timer: bool,
}

impl CallHandle {
    /// Calls it off. A callback that runs or has run is not touched.
    pub fn cancel(&self) {
        if !self.call.is_cancelled() {
            self.call.cancel();
            if self.has_timer {
                self.core.timers.borrow_mut().call_off();
            }
        }
    }

    /// Whether it has been called off.
    pub fn is_cancelled(&self) -> bool {
        self.call.is_cancelled()
    }
}

impl Core {
    pub(super) fn call_soon(self: &Rc<Core>, callback: impl FnOnce() + 'static) -> CallHandle {
        let call = Call::new(callback);
        self.queue_call(call.clone());
        CallHandle { call, core: self.clone(), has_timer: false }
    }
}

impl<L: Lane> EventLoop<L> {
    /// Lets the loop call this at its next turn, after what has been asked for before.
    pub fn call_soon(&self, callback: impl FnOnce() + 'static) -> CallHandle {
        self.core.call_soon(callback)
    }

    /// Lets the loop call this when so much time has passed. Even no time is later than soon.
    pub fn call_later(&self, nanos: u64, callback: impl FnOnce() + 'static) -> CallHandle {
        self.call_at(self.now_nanos().saturating_add(nanos), callback)
    }

    /// Lets the loop call this at that time; of several with the same time, the one asked for first goes first.
    pub fn call_at(&self, due_nanos: u64, callback: impl FnOnce() + 'static) -> CallHandle {
        let call = Call::new(callback);
        self.core.timers.borrow_mut().set(due_nanos, Target::Call(call.clone()));
        CallHandle { call, core: self.core.clone(), has_timer: true }
    }

    /// Lets the loop call this at the next turn after the signal has been set, from whichever lane.
    pub(crate) fn call_when(&self, signal: &Signal, callback: impl FnOnce() + 'static) {
        let place = self.core.slots.reserve();
        self.core.slots.put(place, Slot::Call(Call::new(callback)));
        // The alarm rings once and is never reset: the place is given to another only after that.
        let alarm = Alarm::new(place, &self.core.ready);
        let waker = Waker::from(alarm.clone());
        if signal.poll(&Context::from_waker(&waker)).is_ready() {
            alarm.ring();
        }
    }

    /// From within a callback that returns next: ends a piece of computing of that cost and goes on with this. Nobody else
    /// has the loop in between.
    pub(crate) fn go_on_holding(&self, stated_nanos: u64, continuation: impl FnOnce() + 'static) {
        self.core.continuation.set(Some((stated_nanos, Box::new(continuation))));
    }

    pub(super) async fn run_call(&self, call: &Call) -> Result<(), Stopped> {
        let mut next = call.callback.take();
        while let Some(callback) = next.take() {
            let ended = caught::call(|| {
                callback();
                Ok(())
            });
            if let Err(failure) = ended {
                self.core.continuation.take();
                self.core.exceptions.report(failure);
            }
            if let Some((stated_nanos, continuation)) = self.core.continuation.take() {
                self.lane.end_quantum(stated_nanos).await?;
                next = Some(continuation);
            }
        }
        Ok(())
    }

    /// What is told of failures that nobody asks for: of callbacks, which have no one to raise to, and of coroutines whose
    /// handle is gone. Without it the loop keeps the first one, see [`EventLoop::take_unhandled`].
    pub fn set_exception_handler(&self, handler: impl Fn(Failure) + 'static) {
        *self.core.exceptions.handler.borrow_mut() = Some(Rc::new(handler));
    }

    /// The first failure that nobody has asked for, and how many there were; none if there was none, or a handler was told.
    pub fn take_unhandled(&self) -> Option<(Failure, usize)> {
        let count = self.core.exceptions.count.take();
        self.core.exceptions.first.take().map(|first| (first, count))
    }
}

/// Failures that have nowhere to go.
#[derive(Default)]
pub(super) struct Exceptions {
    handler: RefCell<Option<Handler>>,
    first: RefCell<Option<Failure>>,
    count: Cell<usize>,
}

impl Exceptions {
    pub(super) fn report(&self, failure: Failure) {
        let handler = self.handler.borrow().clone();
        match handler {
            Some(handler) => {
                // A handler that fails itself is not asked what to do about it.
                let told = caught::call(|| {
                    handler(failure);
                    Ok(())
                });
                if let Err(again) = told {
                    self.keep(again);
                }
            }
            None => self.keep(failure),
        }
    }

    fn keep(&self, failure: Failure) {
        self.count.set(self.count.get() + 1);
        self.first.borrow_mut().get_or_insert(failure);
    }

    pub(super) fn forget_handler(&self) {
        self.handler.take();
    }
}
