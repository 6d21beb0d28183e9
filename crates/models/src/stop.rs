//! Asking lanes to stop: a flag that computing lanes poll, and a bell that wakes sleeping ones.

use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use trace::Failure;

/// The run is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Stopped {}

impl From<Stopped> for Failure {
    fn from(_: Stopped) -> Failure {
        Failure::Stopped
    }
}

/// Says to all lanes of a memory that the run is to end.
#[derive(Clone, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Default)]
struct Inner {
    flag: AtomicBool,
    sleepers: Mutex<Vec<Waker>>,
    bell: Condvar,
}

impl Stop {
    /// Not stopped.
    pub fn new() -> Stop {
        Stop::default()
    }

    fn sleepers(&self) -> std::sync::MutexGuard<'_, Vec<Waker>> {
        self.0.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the flag and wakes whoever sleeps.
    pub fn stop(&self) {
        let mut sleepers = self.sleepers();
        self.0.flag.store(true, Ordering::Release);
        sleepers.drain(..).for_each(Waker::wake);
        self.0.bell.notify_all();
    }

    /// Looks at the flag; cheap enough to be asked after every quantum.
    pub fn check(&self) -> Result<(), Stopped> {
        if self.0.flag.load(Ordering::Acquire) { Err(Stopped) } else { Ok(()) }
    }

    /// Blocks the calling thread for so long, or until the run is to end.
    pub fn block_for(&self, duration: Duration) -> Result<(), Stopped> {
        let sleepers = self.sleepers();
        self.check()?;
        // One wait is enough: waking too early is not to be feared from a bell that rings once, and the clock that a
        // loop round it would need does not exist in a browser's std.
        drop(self.0.bell.wait_timeout(sleepers, duration).unwrap_or_else(PoisonError::into_inner));
        self.check()
    }

    /// Completes when the run is to end.
    pub async fn stopped(&self) -> Stopped {
        poll_fn(|context| {
            let mut sleepers = self.sleepers();
            if self.check().is_err() {
                return Poll::Ready(Stopped);
            }
            if !sleepers.iter().any(|waker| waker.will_wake(context.waker())) {
                sleepers.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await
    }
}
