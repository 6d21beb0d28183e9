//! What one lane waits for and another gives: a flag that is set once.

use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::sync::{Condvar, Mutex, MutexGuard};

/// Set once, waited for by one lane, on any host: a thread blocks on it, a loop is woken by it.
#[derive(Clone, Default)]
pub struct Signal(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Default)]
struct State {
    is_set: bool,
    waker: Option<Waker>,
}

impl Signal {
    /// Not set.
    pub fn new() -> Signal {
        Signal::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets it and rouses the lane that waits.
    pub fn set(&self) {
        let mut state = self.state();
        state.is_set = true;
        let waker = state.waker.take();
        drop(state);
        self.0.bell.notify_one();
        waker.into_iter().for_each(Waker::wake);
    }

    /// Whether it has been set.
    pub fn is_set(&self) -> bool {
        self.state().is_set
    }

    /// Whether both are the same signal.
    pub fn is(&self, other: &Signal) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Blocks the calling thread until it is set, for so long at most; may return earlier.
    pub fn block_for(&self, duration: Duration) {
        let state = self.state();
        if !state.is_set {
            drop(self.0.bell.wait_timeout(state, duration).unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Ready once it is set; until then the lane is woken when it is.
    pub fn poll(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.is_set {
            return Poll::Ready(());
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
