//! What can be run: workloads, models, parameters with limits, and what each needs.

mod experiment;
mod lanes;
mod link;
mod messages;
mod model;
mod place;
mod repeats;
mod script;
mod text;
mod workload;

pub use experiment::{CHUNK, Experiment, GilSettings, OutOfLimits, RunSpec, SWITCH};
pub use lanes::{LANES, LaneChoice, default_max_workers};
pub use link::LinkError;
pub use messages::{DIES_AFTER, MessageSettings, PREFETCH};
pub use model::{Capabilities, Home, MODELS, Model, ModelId, Need, Obstacle, Setting};
pub use place::{Pages, Place, PlaceChoice};
pub use repeats::{BUDGET, PRECISION, REPEATS, Repeats};
pub use script::{EXAMPLES, Expected, LONGEST_SCRIPT, Limit, Line, Problem, Script, ScriptError, ScriptStep};
pub use text::{Language, Text};
pub use workload::{Group, Param, STEP_NANOS, Scale, WORKLOADS, Workload, WorkloadId};
