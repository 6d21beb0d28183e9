//! The app's state and rules, without a DOM.
//!
//! `reduce` is the only way from one state to the next. It asks for what it cannot do itself by effects; whoever performs
//! them answers with actions.
//!
//! ```text
//!  Loading ──▶ Ready ──Run──▶ Running ──last run over──▶ Ready
//!     │          ▲               │ Stop
//!     ▼          └── Stopping ◀──┘
//!  Broken
//! ```

mod action;
mod engine;
mod engine_life;
mod export;
pub mod figures;
mod finding;
mod losses;
mod outcome;
mod plan;
mod reduce;
mod run;
mod state;
mod stop;

pub use action::{Action, Effect, EngineId, History, Ticket, TimerId};
pub use catalog;
pub use engine::{Engine, EngineNeeds, Flavour};
pub use export::{reason, to_json};
pub use finding::finding;
pub use outcome::{Outcome, Report, ResultRow};
pub use plan::Plan;
pub use protocol;
pub use reduce::reduce;
pub use state::{Broken, Environment, Notice, Phase, Running, Stage, State, StopStage, Stopping, Theme};
pub use trace;
