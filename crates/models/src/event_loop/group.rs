//! Structured concurrency: a scope that is not left before all that was started in it is over. The first child that fails
//! calls off its siblings and the scope's own body, and what the children failed with comes out together.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::rc::Rc;

use trace::Failure;

use super::handle::{Handle, How};
use super::life::Life;
use crate::{Coroutine, Lane, Stopped, TicketError};

/// What a coroutine starts children in: `asyncio.TaskGroup`. A clone is the same group.
pub struct Group<L: Lane, T> {
    parent: Coroutine<L>,
    state: Rc<GroupState<T>>,
}

impl<L: Lane, T> Clone for Group<L, T> {
    fn clone(&self) -> Group<L, T> {
        Group { parent: self.parent.clone(), state: self.state.clone() }
    }
}

struct GroupState<T> {
    parent: Rc<Life>,
    /// Those that are not known to be over, by number.
    children: RefCell<Vec<Option<Handle<T>>>>,
    left: Cell<usize>,
    failures: RefCell<Vec<Failure>>,
    called_off: Cell<usize>,
    is_aborting: Cell<bool>,
    /// The parent has been called off by the group itself.
    calls_parent_off: Cell<bool>,
}

/// Why a group has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupError {
    /// It was called off from outside.
    Cancelled,
    /// Children failed, or the body did.
    Failed {
        /// What they failed with, in the order in which they did. There is at least one.
        failures: Vec<Failure>,
        /// How many other children were called off for that reason.
        called_off: usize,
    },
}

impl fmt::Display for GroupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GroupError::Cancelled => f.write_str("called off"),
            GroupError::Failed { failures, called_off } => {
                write!(f, "{} failed, {called_off} called off", failures.len())?;
                failures.iter().try_for_each(|failure| write!(f, "; {failure}"))
            }
        }
    }
}

impl std::error::Error for GroupError {}

impl<T: Clone + 'static> GroupState<T> {
    fn abort(&self) {
        self.is_aborting.set(true);
        let children = self.children.borrow().clone();
        children.iter().flatten().for_each(|child| {
            child.cancel();
        });
    }

    fn child_is_over(&self, number: usize) {
        let Some(child) = self.children.borrow_mut()[number].take() else { return };
        self.left.set(self.left.get() - 1);
        match child.how() {
            Some(How::Cancelled) => self.called_off.set(self.called_off.get() + 1),
            Some(How::Failed) => {
                if let Some(Err(TicketError::Failed(failure))) = child.peek() {
                    self.failures.borrow_mut().push(failure);
                }
                if !self.is_aborting.get() {
                    self.abort();
                    self.calls_parent_off.set(true);
                    self.parent.cancel();
                }
            }
            Some(How::Value) | None => {}
        }
        if self.left.get() == 0 {
            self.parent.wake();
        }
    }
}

impl<L: Lane, T: Clone + 'static> Group<L, T> {
    /// Starts a child. In a group that is being called off already it is called off before it begins.
    pub fn start<F>(&self, body: impl FnOnce(Coroutine<L>) -> F + 'static) -> Handle<T>
    where
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let child = self.parent.event_loop().start(body);
        let number = self.state.children.borrow().len();
        self.state.children.borrow_mut().push(Some(child.clone()));
        self.state.left.set(self.state.left.get() + 1);
        let state = self.state.clone();
        child.on_over(move || state.child_is_over(number));
        if self.state.is_aborting.get() {
            child.cancel();
        }
        child
    }

    /// Waits for all children. Whether the parent was called off meanwhile by others than the group.
    async fn join(&self) -> bool {
        let mut is_called_off = false;
        while self.state.left.get() > 0 {
            let waited = self.parent.wait_on(None, || (self.state.left.get() == 0).then_some(())).await;
            if waited == Err(Stopped) && !self.state.is_aborting.get() {
                is_called_off = true;
                self.state.abort();
            }
        }
        is_called_off
    }
}

impl<L: Lane> Coroutine<L> {
    /// Opens a group, runs the body with it, and waits until all children are over.
    pub async fn group<T, R, F>(&self, body: impl FnOnce(Group<L, T>) -> F) -> Result<R, GroupError>
    where
        T: Clone + 'static,
        F: Future<Output = Result<R, Failure>>,
    {
        let state = Rc::new(GroupState {
            parent: self.life().clone(),
            children: RefCell::default(),
            left: Cell::new(0),
            failures: RefCell::default(),
            called_off: Cell::new(0),
            is_aborting: Cell::new(false),
            calls_parent_off: Cell::new(false),
        });
        let group = Group { parent: self.clone(), state };
        let requests = self.life().requests();
        let ended = body(group.clone()).await;
        let state = &group.state;
        if ended.is_err() && !state.is_aborting.get() {
            state.abort();
        }
        let was_called_off = group.join().await || matches!(ended, Err(Failure::Stopped));
        // What the group itself asked of the parent is taken back; what others asked of it stays.
        let by_group = state.calls_parent_off.get();
        let by_others = by_group && self.life().uncancel() > requests;
        let mut failures = state.failures.take();
        match ended {
            Err(failure) if failure != Failure::Stopped => failures.push(failure),
            Ok(value) if failures.is_empty() && !was_called_off => return Ok(value),
            _ => {}
        }
        if failures.is_empty() {
            return Err(GroupError::Cancelled);
        }
        if by_others {
            // The failures go first; the parent's next wait ends with the error.
            self.life().uncancel();
            self.life().cancel();
        }
        Err(GroupError::Failed { failures, called_off: state.called_off.get() })
    }
}
