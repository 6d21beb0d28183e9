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
mod csv;
mod engine;
mod engine_life;
mod export;
pub mod figures;
mod finding;
mod flags;
mod losses;
mod outcome;
mod plan;
mod reduce;
mod report;
mod run;
mod state;
mod stop;
pub mod table;

pub use action::{Action, Effect, EngineId, Export, History, Ticket, TimerId};
pub use catalog;
pub use csv::to_csv;
pub use engine::{Engine, EngineNeeds, Flavour};
pub use export::{reason, to_json};
pub use finding::finding;
pub use flags::Flag;
pub use outcome::{Outcome, Progress, ResultRow, Run, Summary, Typical};
pub use plan::Plan;
pub use protocol;
pub use reduce::reduce;
pub use report::{End, Report};
pub use state::{Broken, Environment, Notice, Order, Phase, Running, Stage, State, StopStage, Stopping, Theme};
pub use table::{Column, Sorting};
pub use trace;
