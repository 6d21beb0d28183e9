//! A condition variable for lanes of any host, beside a mutex whose critical sections never wait.

use std::collections::VecDeque;
use std::sync::PoisonError;

use crate::sync::{Mutex, MutexGuard};
use crate::{Lane, Signal, Stopped};

/// Locks a mutex whose sections leave its value whole even where they panic.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lanes that wait until another says that something has changed.
#[derive(Default)]
pub(crate) struct Condition(Mutex<VecDeque<Signal>>);

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// Another lane said that something has changed.
    ByNotice,
    /// The time was up, and nobody had.
    ByTime,
}

impl Condition {
    /// Gives the mutex back, waits, and takes the mutex again.
    pub(crate) async fn wait<'a, T, L: Lane>(
        &self,
        lane: &L,
        mutex: &'a Mutex<T>,
        guard: MutexGuard<'a, T>,
        timeout_nanos: Option<u64>,
    ) -> Result<(MutexGuard<'a, T>, Woken), Stopped> {
        let signal = self.listen();
        drop(guard);
        let was_set = self.heed(lane, &signal, timeout_nanos).await?;
        let guard = locked(mutex);
        // A notice may have come between the end of the time and here; it is not to be lost.
        let is_notice = was_set || !self.forget(&signal);
        Ok((guard, if is_notice { Woken::ByNotice } else { Woken::ByTime }))
    }

    /// What the next notice for whoever comes now will set. To be called while the mutex is locked.
    pub(crate) fn listen(&self) -> Signal {
        let signal = Signal::new();
        locked(&self.0).push_back(signal.clone());
        signal
    }

    /// Waits for that notice, or until the time is up; says whether it came.
    pub(crate) async fn heed<L: Lane>(
        &self,
        lane: &L,
        signal: &Signal,
        timeout_nanos: Option<u64>,
    ) -> Result<bool, Stopped> {
        let waited = lane.wait_for(signal, timeout_nanos).await;
        // Whoever gives up waiting leaves a notice that has come meanwhile to the next.
        if waited.is_err() && !self.forget(signal) {
            self.notify_one();
        }
        waited
    }

    /// Whether the signal was still waiting.
    fn forget(&self, signal: &Signal) -> bool {
        let mut waiting = locked(&self.0);
        let place = waiting.iter().position(|other| other.is(signal));
        place.map(|place| waiting.remove(place)).is_some()
    }

    /// Rouses the lane that has waited longest.
    pub(crate) fn notify_one(&self) {
        let first = locked(&self.0).pop_front();
        if let Some(signal) = first {
            signal.set();
        }
    }

    /// Rouses one of the lanes that wait, whichever the number falls on.
    pub(crate) fn notify_any(&self, draw: u64) {
        let chosen = {
            let mut waiting = locked(&self.0);
            let place = draw.checked_rem(waiting.len() as u64);
            place.and_then(|place| waiting.remove(place as usize))
        };
        if let Some(signal) = chosen {
            signal.set();
        }
    }

    /// Rouses every lane that waits.
    pub(crate) fn notify_all(&self) {
        let all = std::mem::take(&mut *locked(&self.0));
        all.iter().for_each(Signal::set);
    }
}
