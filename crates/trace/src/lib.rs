//! What happened: lanes, spans and marks, their statistics, findings and exports.
//!
//! Nothing here reads a clock: every time is given, in nanoseconds since the run's epoch.

mod columns;
mod failure;
mod lane;
pub mod picture;
mod recorder;
pub mod statistics;

pub use failure::{Failure, Missing, Wait};
pub use lane::{Lane, LaneKind, LaneRecord, Mark, MarkKind, Recording, Span, State};
pub use recorder::LaneRecorder;
