//! Waiting for several coroutines: `gather` and `wait`.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use trace::Failure;

use super::handle::{Handle, How, Listener, raise};
use super::life::{Cancel, Life};
use crate::{Coroutine, EventLoop, Lane, Stopped, TicketError};

/// What waiting for several waits for. That all are over always suffices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// One is over.
    FirstCompleted,
    /// One has failed.
    FirstException,
    /// All are over.
    AllCompleted,
}

/// How many of several coroutines are left.
pub(super) struct Tally {
    left: Cell<usize>,
    suffices: fn(How) -> bool,
    is_reached: Cell<bool>,
    /// The one by whom it was reached before all were over.
    first: Cell<Option<usize>>,
    awaiting: Rc<Life>,
    /// What is called off with whoever waits.
    children: RefCell<Vec<Rc<dyn Cancel>>>,
    was_called_off: Cell<bool>,
}

impl Tally {
    fn of<T: 'static>(handles: &[Handle<T>], awaiting: &Rc<Life>, suffices: fn(How) -> bool) -> Rc<Tally> {
        let tally = Rc::new(Tally {
            left: Cell::new(handles.len()),
            suffices,
            is_reached: Cell::new(handles.is_empty()),
            first: Cell::new(None),
            awaiting: awaiting.clone(),
            children: RefCell::default(),
            was_called_off: Cell::new(false),
        });
        for (index, handle) in handles.iter().enumerate() {
            handle.listen(Listener::Tally(tally.clone(), index));
        }
        tally
    }

    pub(super) fn note(&self, index: usize, how: How) {
        self.left.set(self.left.get() - 1);
        if self.is_reached.get() {
            return;
        }
        let suffices = (self.suffices)(how);
        if suffices || self.left.get() == 0 {
            self.first.set(suffices.then_some(index));
            self.end();
            self.awaiting.wake();
        }
    }

    /// Wakes nobody from now on.
    fn end(&self) {
        self.is_reached.set(true);
        self.children.take();
    }
}

impl Cancel for Tally {
    fn cancel(&self) -> bool {
        if self.is_reached.get() {
            return false;
        }
        self.was_called_off.set(true);
        let children = self.children.borrow().clone();
        // Every one of them, even after one that was not over.
        children.iter().filter(|child| child.cancel()).count() > 0
    }
}

type Boxed<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// A coroutine that nobody has started: nothing of it runs until it is awaited or made a handle of.
pub struct Unstarted<L: Lane, T>(Box<dyn FnOnce(Coroutine<L>) -> Boxed<T>>);

impl<L: Lane, T: Clone + 'static> Unstarted<L, T> {
    /// Keeps the body for later.
    pub fn new<F>(body: impl FnOnce(Coroutine<L>) -> F + 'static) -> Unstarted<L, T>
    where
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        Unstarted(Box::new(|coroutine| Box::pin(body(coroutine))))
    }

    /// Runs it as a part of the coroutine that awaits it.
    pub async fn value(self, awaiting: &Coroutine<L>) -> Result<T, Failure> {
        (self.0)(awaiting.clone()).await
    }
}

impl<L: Lane> EventLoop<L> {
    /// Starts what has been kept for later.
    pub fn start_unstarted<T: Clone + 'static>(&self, unstarted: Unstarted<L, T>) -> Handle<T> {
        self.start(unstarted.0)
    }
}

/// What can be awaited together with others.
pub enum Awaitable<L: Lane, T> {
    /// A coroutine that nobody has started.
    Unstarted(Unstarted<L, T>),
    /// One that has been started.
    Handle(Handle<T>),
}

impl<L: Lane, T> From<Unstarted<L, T>> for Awaitable<L, T> {
    fn from(unstarted: Unstarted<L, T>) -> Awaitable<L, T> {
        Awaitable::Unstarted(unstarted)
    }
}

impl<L: Lane, T> From<Handle<T>> for Awaitable<L, T> {
    fn from(handle: Handle<T>) -> Awaitable<L, T> {
        Awaitable::Handle(handle)
    }
}

/// Why [`Coroutine::wait`] refuses to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitError {
    /// There is nothing to wait for.
    Nothing,
    /// What was given is not running, and nobody else could ever ask for it.
    Unstarted,
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In CPython's words.
        f.write_str(match self {
            WaitError::Nothing => "Set of Tasks/Futures is empty.",
            WaitError::Unstarted => "Passing coroutines is forbidden, use tasks explicitly.",
        })
    }
}

impl std::error::Error for WaitError {}

/// The places of those that are over, and of those that are not.
pub type DoneAndPending = (Vec<usize>, Vec<usize>);

impl<L: Lane> Coroutine<L> {
    /// Starts what is not started, a stretch at a time.
    async fn started<T: Clone + 'static>(
        &self,
        awaitables: impl IntoIterator<Item = impl Into<Awaitable<L, T>>>,
    ) -> Result<Vec<Handle<T>>, Stopped> {
        let mut handles = Vec::new();
        for (index, awaitable) in awaitables.into_iter().enumerate() {
            self.breathe_at(index).await?;
            handles.push(match awaitable.into() {
                Awaitable::Unstarted(unstarted) => self.event_loop().start_unstarted(unstarted),
                Awaitable::Handle(handle) => handle,
            });
        }
        Ok(handles)
    }

    /// Waits until the tally is reached; the children are called off with whoever waits.
    async fn count<T: 'static>(&self, handles: &[Handle<T>], suffices: fn(How) -> bool) -> Result<Rc<Tally>, Stopped> {
        let tally = Tally::of(handles, self.life(), suffices);
        if !tally.is_reached.get() {
            *tally.children.borrow_mut() = handles.iter().map(Handle::as_cancel).collect();
        }
        let waited = self.wait_on(Some(tally.clone()), || tally.is_reached.get().then_some(())).await;
        tally.end();
        waited?;
        if self.life().take_passed_on() && tally.was_called_off.get() {
            self.mark_cancel();
            return Err(Stopped);
        }
        Ok(tally)
    }

    /// Runs all of them together; the values in the order of the arguments. The first failure is raised at once, and the
    /// others run on.
    pub async fn gather<T: Clone + 'static>(
        &self,
        awaitables: impl IntoIterator<Item = impl Into<Awaitable<L, T>>>,
    ) -> Result<Vec<T>, Failure> {
        let handles = self.started(awaitables).await?;
        let tally = self.count(&handles, |how| how != How::Value).await?;
        let first = tally.first.get().and_then(|index| handles[index].peek());
        if let Some(Err(error)) = first {
            return raise(Err(error));
        }
        let mut values = Vec::with_capacity(handles.len());
        // Letting go of a hundred thousand handles takes long enough for a page to miss a frame.
        for (index, handle) in handles.into_iter().enumerate() {
            self.breathe_at(index).await?;
            if let Some(result) = handle.peek() {
                values.push(raise(result)?);
            }
        }
        Ok(values)
    }

    /// Runs all of them together; what each came to, failures too, in the order of the arguments.
    pub async fn gather_results<T: Clone + 'static>(
        &self,
        awaitables: impl IntoIterator<Item = impl Into<Awaitable<L, T>>>,
    ) -> Result<Vec<Result<T, TicketError>>, Stopped> {
        let handles = self.started(awaitables).await?;
        self.count(&handles, |_| false).await?;
        Ok(handles.iter().filter_map(Handle::peek).collect())
    }

    /// Waits for some that have been started, until so much is reached or the time is up. Calls nothing off, not even if
    /// whoever waits is called off, and raises nothing.
    pub async fn wait<T: Clone + 'static>(
        &self,
        awaitables: impl IntoIterator<Item = impl Into<Awaitable<L, T>>>,
        until: Until,
        timeout_nanos: Option<u64>,
    ) -> Result<Result<DoneAndPending, WaitError>, Stopped> {
        let started = awaitables.into_iter().map(|awaitable| match awaitable.into() {
            Awaitable::Handle(handle) => Ok(handle),
            Awaitable::Unstarted(_) => Err(WaitError::Unstarted),
        });
        let handles: Vec<Handle<T>> = match started.collect() {
            Ok(handles) => handles,
            Err(error) => return Ok(Err(error)),
        };
        if handles.is_empty() {
            return Ok(Err(WaitError::Nothing));
        }
        let suffices: fn(How) -> bool = match until {
            Until::FirstCompleted => |_| true,
            Until::FirstException => |how| how == How::Failed,
            Until::AllCompleted => |_| false,
        };
        let tally = Tally::of(&handles, self.life(), suffices);
        let waited = self.wait_until(timeout_nanos, || tally.is_reached.get()).await;
        tally.end();
        waited?;
        Ok(Ok((0..handles.len()).partition(|&index| handles[index].is_over())))
    }
}
