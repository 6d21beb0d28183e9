//! The seam: the platform as models see it.

use std::future::Future;
use std::sync::Arc;

use trace::{Failure, LaneKind};
use workloads::Job;

use crate::{Body, Reply, Row, Stopped};

/// Something that runs jobs: a thread, a process, a coroutine, an event loop.
///
/// The futures complete in the way of the lane's platform: on a thread they block it and are ready at once, on an event
/// loop they give it back, in virtual time they move the clock.
pub trait Lane: Clone + 'static {
    /// Time since the run's epoch.
    fn now_nanos(&self) -> u64;

    /// Where the lane records what it does.
    fn row(&self) -> &Row;

    /// Ends a piece of computing that costs `stated_nanos` by statement. Only virtual time looks at the statement; real
    /// lanes leave wasm here, so that a worker can be ended, and look whether they should stop.
    fn end_quantum(&self, stated_nanos: u64) -> impl Future<Output = Result<(), Stopped>>;

    /// Lets time pass.
    fn sleep(&self, nanos: u64) -> impl Future<Output = Result<(), Stopped>>;

    /// Lets the platform's own event loop turn once, where there is one.
    fn hop(&self) -> impl Future<Output = Result<(), Stopped>>;

    /// Counts a job as done.
    fn job_done(&self);

    /// A further row of the timeline that is written from this lane's memory.
    fn further_row(&self, kind: LaneKind, number: u32) -> Row;
}

/// What starts further lanes. Its own lane only waits for them.
pub trait Host: Clone + 'static {
    /// The lane from which the others are started.
    type Lane: Lane;
    /// A process that has been asked for.
    type Process;

    /// The lane from which the others are started.
    fn lane(&self) -> &Self::Lane;

    /// Asks for a process with a memory of its own. It begins with `body` as soon as it is there.
    fn start_process(&self, body: Body) -> impl Future<Output = Result<Self::Process, Failure>>;

    /// Waits for a process to end.
    fn join_process(&self, process: Self::Process) -> impl Future<Output = Result<Reply, Failure>>;

    /// Runs the jobs on a pool of as many threads, which take jobs from each other, and returns the answers by job.
    fn fork_join(&self, threads: u32, jobs: Arc<[Job]>) -> impl Future<Output = Result<Vec<u64>, Failure>>;
}
