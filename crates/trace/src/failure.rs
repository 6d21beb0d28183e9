//! Why a run has no result: neutral facts, one variant per cause. Advice belongs to whoever shows them.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::Wait;

/// Something that this browser, or this way of opening the page, does not offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Missing {
    /// Memory that several workers share.
    SharedMemory,
    /// Suspending ordinary wasm calls (JSPI).
    StackSwitching,
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// Someone asked for it to stop.
    Stopped,
    /// The model needs what is not there.
    Unavailable(Missing),
    /// The run ended with an answer that is not the known one.
    WrongAnswer {
        /// The known answer.
        expected: u64,
        /// What the model came up with.
        got: u64,
    },
    /// The jobs share cells, locks or queues, and the model gives each a memory of its own.
    NothingShared,
    /// The model gives every job a worker, and a browser does not have so many.
    TooManyJobs {
        /// The jobs.
        jobs: u32,
        /// The most that the model takes.
        most: u32,
    },
    /// Jobs wait for each other, and always will.
    Deadlock {
        /// Who waits for what, by job.
        waits: Vec<(u32, Wait)>,
    },
    /// A lane's code panicked.
    Panicked {
        /// What the panic said.
        message: String,
    },
    /// A child of a group failed, and the group called off the others.
    ChildFailed {
        /// What the first of them failed with.
        cause: String,
        /// How many failed.
        failed: u32,
        /// How many others were called off for that reason.
        called_off: u32,
    },
    /// A callback failed, which has nobody to raise to.
    Unhandled {
        /// What the loop's exception handler was told.
        message: String,
    },
    /// A worker ended or raised an error before it was done.
    WorkerDied {
        /// Which worker, by its name.
        worker: String,
        /// What the browser said of it.
        message: String,
    },
    /// One process after another died before it had done a job, and nobody tries any more.
    AllDied {
        /// How many in a row.
        processes: u32,
        /// What became of the last one.
        last: String,
    },
    /// A page that a job fetched did not come, or was another.
    PageNotFetched {
        /// Which page.
        page: u32,
        /// What is wrong.
        message: String,
    },
    /// A worker or the engine's code could not be started.
    CouldNotStart {
        /// What was to be started.
        what: String,
        /// What the browser said of it.
        message: String,
    },
    /// The request names something out of its limits.
    BadRequest {
        /// What is wrong with it.
        message: String,
    },
    /// A message could not be read.
    BadMessage {
        /// What is wrong with it.
        message: String,
    },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Missing::SharedMemory => "memory shared between workers",
            Missing::StackSwitching => "suspending wasm calls (JSPI)",
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Stopped => f.write_str("stopped"),
            Failure::Unavailable(missing) => write!(f, "needs {missing}"),
            Failure::WrongAnswer { expected, got } => write!(f, "the answer is {expected}, but the run gave {got}"),
            Failure::NothingShared => f.write_str("the jobs share memory, and this model's lanes do not"),
            Failure::TooManyJobs { jobs, most } => {
                write!(f, "{jobs} jobs are more than the {most} that this model can give a lane each")
            }
            Failure::Deadlock { waits } => {
                f.write_str("deadlock")?;
                waits.iter().try_for_each(|(job, wait)| write!(f, "; job {} {wait}", job + 1))
            }
            Failure::Panicked { message } => write!(f, "panicked: {message}"),
            Failure::ChildFailed { cause, failed: 1, called_off } => {
                write!(f, "a job of the group {cause}; {called_off} others were called off")
            }
            Failure::ChildFailed { cause, failed, called_off } => {
                write!(
                    f,
                    "{failed} jobs of the group failed, of which the first {cause}; {called_off} others were called off"
                )
            }
            Failure::Unhandled { message } => {
                write!(
                    f,
                    "a callback {message}; it had no caller to raise to, so the loop's exception handler ended the run"
                )
            }
            Failure::WorkerDied { worker, message } => write!(f, "{worker} died: {message}"),
            Failure::AllDied { processes, last } => {
                write!(f, "{processes} processes in a row died before any had done a job; the last one: {last}")
            }
            Failure::PageNotFetched { page, message } => write!(f, "page {page} could not be fetched: {message}"),
            Failure::CouldNotStart { what, message } => write!(f, "{what} could not start: {message}"),
            Failure::BadRequest { message } => write!(f, "bad request: {message}"),
            Failure::BadMessage { message } => write!(f, "unreadable message: {message}"),
        }
    }
}

impl core::error::Error for Failure {}
