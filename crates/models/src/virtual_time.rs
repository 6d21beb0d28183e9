//! The host without a machine: a clock that jumps from event to event, any number of cores, and a seed. The same spec
//! on the same machine gives the same recording, to the nanosecond.

mod cores;
mod host;
mod machine;
mod pool;
mod processes;
mod stack;
mod world;

pub use host::{VirtualHost, VirtualLane, run, run_with_deaths, run_work, with_host};
pub use machine::{Costs, Machine, Policy};
pub use stack::{VirtualInside, VirtualStack};
pub use world::Standstill;
