//! The ways to run work, each written once over the Host seam.
//!
//! A model does not know where it runs. It is given a [`Lane`] to run jobs on, or a [`Host`] that starts further lanes,
//! and there are three of each: the web's (in `engine`), the native ones and the virtual ones here.

#![allow(
    clippy::await_holding_lock,
    reason = "Condition::wait gives the lock back before it waits, which the lint does not see"
)]

mod beside;
mod callbacks;
mod caught;
mod compute;
mod condition;
mod custom;
mod desk;
mod event_loop;
mod executor;
mod generators;
mod gil;
pub mod golden;
mod greenlets;
mod lane;
mod loop_and_executor;
mod loop_bench;
mod message_queue;
#[cfg(all(feature = "rayon", not(target_arch = "wasm32")))]
pub mod native;
mod process_pool;
mod processes;
mod program;
mod recorder_cost;
mod request;
mod row;
mod run;
#[cfg(test)]
mod schedules;
mod sequential;
mod shared;
mod signal;
mod stack;
mod stop;
mod stuck;
mod sync;
mod task_group;
mod thread_pool;
mod threads;
pub mod virtual_time;
mod work_stealing;

pub use beside::beside;
pub use caught::{call as catch_panics, run as catch_panics_in};
pub use compute::run_job;
use compute::warm_up;
pub use event_loop::{
    Awaitable, CallHandle, Coroutine, DoneAndPending, Event, EventLoop, Group, GroupError, Handle, LoopLock, LoopQueue,
    Permit, QueueFull, Semaphore, TimeoutError, Unstarted, Until, WaitError,
};
pub use executor::{Executor, Results, ShutDown, Ticket, TicketError, as_completed, wait};
pub use generators::{Generator, GeneratorLane, Raised, Resumed, Trampoline, Want, Yielder};
pub use gil::{Gil, GilLane};
pub use lane::{Answers, CheckPoint, Heard, Host, Lane, spin};
pub use loop_bench::measure_loop;
pub use processes::{Body, Part, Reply, answer_body, run_part};
pub use recorder_cost::recorder_cost;
pub use request::{Arrived, Request, read as read_page};
pub use row::{Log, Row};
pub use run::{Finished, Outcome, find_known_answer, finish, run_on_host, run_on_lane, work_of};
pub use shared::{Shared, Waits};
pub use signal::Signal;
pub use stack::{Inside, NoStack, Progress, Stack};
pub use stop::{Stop, Stopped};
#[cfg(feature = "rayon")]
pub use work_stealing::fork_join;
pub use workloads::{Job, Work};
