//! The ways to run work, each written once over the Host seam.
//!
//! A model does not know where it runs. It is given a [`Lane`] to run jobs on, or a [`Host`] that starts further lanes,
//! and there are three of each: the web's (in `engine`), the native ones and the virtual ones here.

mod compute;
mod event_loop;
mod lane;
#[cfg(all(feature = "rayon", not(target_arch = "wasm32")))]
pub mod native;
mod processes;
mod row;
mod run;
mod sequential;
mod stop;
pub mod virtual_time;
mod work_stealing;

pub use compute::run_job;
use compute::warm_up;
pub use event_loop::{Coroutine, EventLoop};
pub use lane::{Host, Lane};
pub use processes::{Body, Part, Reply, answer_body, run_part};
pub use row::{Log, Row};
pub use run::{Outcome, finish, run_on_host, run_on_lane, work_of};
pub use stop::{Stop, Stopped};
#[cfg(feature = "rayon")]
pub use work_stealing::fork_join;
pub use workloads::{Job, Work};
