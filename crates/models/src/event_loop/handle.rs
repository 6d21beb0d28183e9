//! The handle of a coroutine that has been started: what Python calls a task.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use trace::Failure;

use super::Core;
use super::calls::Call;
use super::life::{Cancel, Life};
use super::tally::Tally;
use crate::{Coroutine, Lane, Stopped, TicketError};

/// A coroutine that has been started, and what it will come to. It may be asked any number of times.
pub struct Handle<T>(Rc<Ending<T>>);

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Handle<T> {
        Handle(self.0.clone())
    }
}

/// What a coroutine came to. The loop's half of it writes, the handles read.
pub(super) struct Ending<T> {
    life: Rc<Life>,
    core: Rc<Core>,
    result: RefCell<Option<Result<T, TicketError>>>,
    listeners: RefCell<Vec<Listener>>,
    is_asked: Cell<bool>,
}

/// Who is told that a coroutine is over.
pub(super) enum Listener {
    /// A coroutine that waits for it.
    Wake(Rc<Life>),
    /// Something that waits for several, of which this is the one with that number.
    Tally(Rc<Tally>, usize),
    /// A callback.
    Call(Rc<Call>),
}

impl<T> Ending<T> {
    pub(super) fn new(life: Rc<Life>, core: Rc<Core>) -> Rc<Ending<T>> {
        let (result, listeners, is_asked) = (RefCell::new(None), RefCell::default(), Cell::new(false));
        Rc::new(Ending { life, core, result, listeners, is_asked })
    }

    pub(super) fn end(&self, ended: Result<T, Failure>) {
        // One that was called off too late to notice is called off all the same, as long as it does not fail.
        let was_called_off = self.life.take_cancel();
        let result = match ended {
            Ok(_) if was_called_off => Err(TicketError::Cancelled),
            Ok(value) => Ok(value),
            Err(Failure::Stopped) => Err(TicketError::Cancelled),
            Err(failure) => Err(TicketError::Failed(failure)),
        };
        let how = How::from(&result);
        *self.result.borrow_mut() = Some(result);
        for listener in self.listeners.take() {
            self.tell(listener, how);
        }
    }

    fn tell(&self, listener: Listener, how: How) {
        match listener {
            Listener::Wake(life) => life.wake(),
            Listener::Tally(tally, index) => tally.note(index, how),
            Listener::Call(call) => self.core.queue_call(call),
        }
    }
}

impl<T> Drop for Ending<T> {
    fn drop(&mut self) {
        if !self.is_asked.get()
            && let Some(Err(TicketError::Failed(failure))) = self.result.take()
        {
            self.core.exceptions.report(failure);
        }
    }
}

impl<T> Cancel for Ending<T> {
    fn cancel(&self) -> bool {
        self.life.cancel()
    }
}

/// In which way a coroutine got over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Value,
    Cancelled,
    Failed,
}

impl<T> From<&Result<T, TicketError>> for How {
    fn from(result: &Result<T, TicketError>) -> How {
        match result {
            Ok(_) => How::Value,
            Err(TicketError::Cancelled) => How::Cancelled,
            Err(TicketError::Failed(_)) => How::Failed,
        }
    }
}

impl<T> Handle<T> {
    pub(super) fn new(ending: Rc<Ending<T>>) -> Handle<T> {
        Handle(ending)
    }

    /// Calls the coroutine off: what it waits for, or will wait for next, ends with an error. It may see to that error and
    /// go on, so this is a request. Says whether the coroutine was not over yet.
    pub fn cancel(&self) -> bool {
        self.0.cancel()
    }

    /// Whether it is over, in whatever way.
    pub fn is_over(&self) -> bool {
        self.0.result.borrow().is_some()
    }

    /// Whether it is over because it was called off.
    pub fn is_cancelled(&self) -> bool {
        self.how() == Some(How::Cancelled)
    }

    /// Lets the loop call this at the next turn after the coroutine is over.
    pub fn on_over(&self, callback: impl FnOnce() + 'static) {
        self.listen(Listener::Call(Call::new(callback)));
    }

    /// As something that can be called off.
    pub(super) fn as_cancel(&self) -> Rc<dyn Cancel>
    where
        T: 'static,
    {
        self.0.clone()
    }

    pub(super) fn how(&self) -> Option<How> {
        self.0.result.borrow().as_ref().map(How::from)
    }

    pub(super) fn listen(&self, listener: Listener) {
        match self.how() {
            Some(how) => self.0.tell(listener, how),
            None => self.0.listeners.borrow_mut().push(listener),
        }
    }
}

impl<T: Clone + 'static> Handle<T> {
    /// What it came to, if it is over. Who sees a failure here has asked for it.
    pub fn peek(&self) -> Option<Result<T, TicketError>> {
        let result = self.0.result.borrow().clone();
        self.0.is_asked.set(self.0.is_asked.get() || result.is_some());
        result
    }

    /// Waits until it is over. A coroutine that is called off while it waits calls off what it waits for, and gets its own
    /// error once that is over; unless the other one has seen to it and comes to something else.
    pub async fn result<L: Lane>(&self, awaiting: &Coroutine<L>) -> Result<Result<T, TicketError>, Stopped> {
        if Rc::ptr_eq(&self.0.life, awaiting.life()) {
            let message = "a coroutine cannot wait for itself".into();
            return Ok(Err(TicketError::Failed(Failure::BadRequest { message })));
        }
        let mut listens = false;
        let waited = awaiting
            .wait_on(Some(self.0.clone()), || {
                let result = self.peek();
                if result.is_none() && !listens {
                    listens = true;
                    self.listen(Listener::Wake(awaiting.life().clone()));
                }
                result
            })
            .await?;
        if awaiting.life().take_passed_on() && How::from(&waited) == How::Cancelled {
            awaiting.mark_cancel();
            return Err(Stopped);
        }
        Ok(waited)
    }

    /// What Python's `await` does: the value, or its failure raised here. If it was called off, so is who waits.
    pub async fn value<L: Lane>(&self, awaiting: &Coroutine<L>) -> Result<T, Failure> {
        raise(self.result(awaiting).await?)
    }
}

/// A result as the failure of whoever asks.
pub(crate) fn raise<T>(result: Result<T, TicketError>) -> Result<T, Failure> {
    result.map_err(|error| match error {
        TicketError::Cancelled => Failure::Stopped,
        TicketError::Failed(failure) => failure,
    })
}
