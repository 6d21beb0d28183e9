//! What a lane or a job waits for.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::State;

/// What a lane or a job waits for while it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wait {
    /// A lock to be released.
    ForLock {
        /// Which lock.
        lock: u32,
        /// The job that held it when the wait began.
        held_by: u32,
    },
    /// Room in a queue.
    ForRoom {
        /// Which queue.
        queue: u32,
    },
    /// Something in a queue.
    ForItem {
        /// Which queue.
        queue: u32,
    },
    /// The end of another job.
    ForJob {
        /// Which job.
        job: u32,
    },
    /// A thread of the pool that has nothing to do.
    ForThread,
    /// The lock of the interpreter.
    ForGil,
    /// A processor. Only virtual machines say so; of real ones nobody knows.
    ForCore,
    /// The lanes that it has started, to end or to answer.
    ForLanes,
    /// A certain time.
    ForTime,
    /// Its next turn on the event loop.
    ForTurn,
    /// Anything that lets a coroutine of the event loop, or a greenlet of the hub, go on.
    ForEvent,
    /// A page that is being fetched.
    ForPage,
}

impl Wait {
    /// The state of a lane that waits for this.
    pub fn state(self) -> State {
        match self {
            Wait::ForLock { .. }
            | Wait::ForRoom { .. }
            | Wait::ForItem { .. }
            | Wait::ForJob { .. }
            | Wait::ForThread
            | Wait::ForGil
            | Wait::ForCore => State::Blocked,
            Wait::ForLanes | Wait::ForTime | Wait::ForTurn | Wait::ForEvent | Wait::ForPage => State::Waiting,
        }
    }

    /// The name used in exports.
    pub fn slug(self) -> &'static str {
        match self {
            Wait::ForLock { .. } => "lock",
            Wait::ForRoom { .. } => "room",
            Wait::ForItem { .. } => "item",
            Wait::ForJob { .. } => "job",
            Wait::ForThread => "thread",
            Wait::ForGil => "gil",
            Wait::ForCore => "core",
            Wait::ForLanes => "lanes",
            Wait::ForTime => "time",
            Wait::ForTurn => "turn",
            Wait::ForEvent => "event",
            Wait::ForPage => "page",
        }
    }
}

/// Readers count from one.
impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wait::ForLock { lock, held_by } => write!(f, "waits for lock {}, held by job {}", lock + 1, held_by + 1),
            Wait::ForRoom { queue } => write!(f, "waits for room in queue {}", queue + 1),
            Wait::ForItem { queue } => write!(f, "waits for something in queue {}", queue + 1),
            Wait::ForJob { job } => write!(f, "waits for job {}", job + 1),
            Wait::ForThread => f.write_str("waits for a free thread of the pool"),
            Wait::ForGil => f.write_str("waits for the GIL"),
            Wait::ForCore => f.write_str("waits for a processor"),
            Wait::ForLanes => f.write_str("waits for the lanes it has started"),
            Wait::ForTime => f.write_str("waits for a timer"),
            Wait::ForTurn => f.write_str("waits for its next turn"),
            Wait::ForEvent => f.write_str("waits until one of its coroutines or greenlets can go on"),
            Wait::ForPage => f.write_str("waits for a page"),
        }
    }
}
