//! What happened: lanes, spans and marks, their statistics, findings and exports.
//!
//! Nothing here reads a clock: every time is given, in nanoseconds since the run's epoch.

mod columns;
mod failure;
mod lane;
mod losses;
pub mod picture;
mod recorder;
pub mod statistics;
mod wait;

pub use failure::{Failure, Missing};
pub use lane::{Lane, LaneKind, LaneRecord, Mark, MarkKind, RecorderCost, Recording, Share, Span, State};
pub use losses::Losses;
pub use recorder::{Doing, LaneRecorder};
pub use wait::Wait;
