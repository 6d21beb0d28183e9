//! One time line for all workers: `timeOrigin + now`, counted from the run's epoch.

use crate::browser::{TIME_ORIGIN, performance_now};

/// Tells the time since a run's epoch.
#[derive(Clone, Copy)]
pub struct Clock {
    epoch_millis: f64,
    /// From the run's epoch to this worker's own time origin. Kept apart, so that the fine part of `now` is not lost in
    /// the size of an absolute time.
    origin_millis: f64,
}

impl Clock {
    /// A run begins.
    pub fn start() -> Clock {
        Clock::since(TIME_ORIGIN.with(|origin| *origin) + performance_now())
    }

    /// A run began at that absolute time, maybe in another worker.
    pub fn since(epoch_millis: f64) -> Clock {
        Clock { epoch_millis, origin_millis: TIME_ORIGIN.with(|origin| *origin) - epoch_millis }
    }

    /// When the run began, for other workers.
    pub fn epoch_millis(self) -> f64 {
        self.epoch_millis
    }

    /// The time.
    pub fn now_nanos(self) -> u64 {
        // Negative only if the system's clock was set back between two workers' births; `as` makes that zero.
        ((self.origin_millis + performance_now()) * 1e6) as u64
    }
}
