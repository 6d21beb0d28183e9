//! The seam: the platform as models see it.

use std::future::Future;
use std::sync::Arc;

use trace::{Failure, LaneKind, Missing, State};
use workloads::{Compute, Job, Kernel};

use crate::compute::compute;
use crate::stack::Stack;
use crate::{Body, Reply, Request, Row, Shared, Signal, Stopped};

/// Answers with the numbers of their jobs.
pub type Answers = Vec<(u32, u64)>;

/// Something that runs jobs: a thread, a process, a coroutine, an event loop.
///
/// The futures complete in the way of the lane's platform: on a thread they block it and are ready at once, on an event
/// loop they give it back, in virtual time they move the clock.
pub trait Lane: Clone + 'static {
    /// An ordinary call with a stack of its own; [`NoStack`](crate::NoStack) where there is no such thing.
    type Stack: Stack;

    /// Whether event loops, and whatever else runs many jobs on one lane, may run on lanes of this kind. Where they never do,
    /// their code is left out of the program.
    const RUNS_LOOPS: bool = true;

    /// Time since the run's epoch.
    fn now_nanos(&self) -> u64;

    /// Where the lane records what it does.
    fn row(&self) -> &Row;

    /// Ends a piece of computing that costs `stated_nanos` by statement. Only virtual time looks at the statement; real
    /// lanes leave wasm here, so that a worker can be ended, and look whether they should stop.
    fn end_quantum(&self, stated_nanos: u64) -> impl Future<Output = Result<(), Stopped>>;

    /// Computes something for a job: on this lane, unless it has others for that. `what` is absent where the kernel works on
    /// what only this lane has.
    fn compute(&self, job: u32, kernel: Kernel, what: Option<Compute>) -> impl Future<Output = Result<u64, Stopped>> {
        let _ = what;
        async move {
            self.row().enter(State::Computing, Some(job), self.now_nanos());
            compute(self, kernel).await
        }
    }

    /// How long a kernel runs on this lane between two looks at the world. Long against the cost of a look (a clock read,
    /// a quarter of a microsecond in browsers), short against everything a reader could notice.
    fn quantum_nanos(&self) -> u64 {
        500_000
    }

    /// Keeps the processor busy for about so long, as an instruction of an interpreter would. In virtual time this is
    /// part of what the quantum costs by statement.
    fn spend(&self, nanos: u64);

    /// Whether a job on this lane lets others have a turn between any two of its steps, of its own accord.
    fn gives_way(&self) -> bool {
        false
    }

    /// A place where an interpreter may switch threads. Only lanes under a GIL look up.
    fn check_point(&self, at: CheckPoint) -> impl Future<Output = Result<(), Stopped>> {
        let _ = at;
        async { Ok(()) }
    }

    /// Waits until the signal is set, or until the time is up; says whether it was set.
    fn wait_for(&self, signal: &Signal, timeout_nanos: Option<u64>) -> impl Future<Output = Result<bool, Stopped>>;

    /// Lets time pass.
    fn sleep(&self, nanos: u64) -> impl Future<Output = Result<(), Stopped>>;

    /// Asks for a page that is answered after so long, without waiting for it. Nothing where no service worker answers:
    /// then whoever asks lets the time pass instead.
    fn request(&self, page: u32, nanos: u64) -> Option<Request>;

    /// Lets the platform's own event loop turn once, where there is one.
    fn hop(&self) -> impl Future<Output = Result<(), Stopped>>;

    /// Counts a job as done.
    fn job_done(&self);

    /// Tells whoever sent this lane a message that its job begins now, ahead of the reply. Only processes have somebody to
    /// tell.
    fn tell_of_beginning(&self, job: u32) {
        let _ = job;
    }

    /// A further row of the timeline that is written from this lane's memory.
    fn further_row(&self, kind: LaneKind, number: u32) -> Row;

    /// Prepares a call with a stack of its own. It begins when it is told to go on.
    fn new_stack<F>(
        &self,
        body: impl FnOnce(<Self::Stack as Stack>::Inside) -> F + Send + 'static,
    ) -> Result<Self::Stack, Failure>
    where
        F: Future<Output = ()> + 'static,
    {
        drop(body);
        Err(Failure::Unavailable(Missing::StackSwitching))
    }
}

/// Where in a program an interpreter may switch threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckPoint {
    /// Between two instructions.
    Instruction,
    /// At a call.
    Call,
    /// At a jump back, the end of a loop's body.
    Jump,
}

/// About what an arithmetic instruction takes on the machines that browsers run on.
const NANOS_PER_ROUND: u64 = 1;

/// Keeps the calling thread busy for about so long, without asking a clock, which would take longer than most
/// instructions.
pub fn spin(nanos: u64) {
    let mut state = nanos | 1;
    for _ in 0..nanos / NANOS_PER_ROUND {
        state = std::hint::black_box(state.wrapping_mul(0x9E37_79B9).rotate_left(5));
    }
}

/// What a host hears of a process.
#[derive(Clone, Debug)]
pub enum Heard {
    /// It has begun this job.
    Began(u32),
    /// It has done the oldest of what it was given.
    Replied(Reply),
    /// It has ended and will say nothing more.
    Died(Failure),
}

/// What starts further lanes. Its own lane only waits for them.
pub trait Host: Clone + 'static {
    /// The lane from which the others are started.
    type Lane: Lane;
    /// A lane that shares the host's memory.
    type Thread: Lane;
    /// A thread that has been asked for.
    type Joinable;

    /// The lane from which the others are started.
    fn lane(&self) -> &Self::Lane;

    /// Whether it can start threads.
    fn shares_memory(&self) -> bool {
        true
    }

    /// Starts a thread with a row of that number, which does this and ends.
    fn start_thread<F>(
        &self,
        number: u32,
        body: impl FnOnce(Self::Thread) -> F + Send + 'static,
    ) -> impl Future<Output = Result<Self::Joinable, Failure>>
    where
        F: Future<Output = Result<Answers, Failure>> + 'static;

    /// Waits for a thread to end.
    fn join_thread(&self, thread: Self::Joinable) -> impl Future<Output = Result<Answers, Failure>>;

    /// Asks for a process with a memory of its own and this id, which does this as soon as it is there.
    fn start_process(&self, body: Body) -> impl Future<Output = Result<(), Failure>>;

    /// Gives a process something more to do, once it has done all that it was given before.
    fn ask_process(&self, body: Body) -> impl Future<Output = Result<(), Failure>>;

    /// Waits for the next that is heard of any process, and says of which. The lanes of a reply are in the log already.
    fn hear(&self) -> impl Future<Output = (u32, Heard)>;

    /// Waits for the next reply of any process, and says whose it is. A process that ends without one is a failure.
    fn hear_processes(&self) -> impl Future<Output = Result<(u32, Reply), Failure>> {
        async {
            loop {
                match self.hear().await {
                    (id, Heard::Replied(reply)) => return Ok((id, reply)),
                    (_, Heard::Died(failure)) => return Err(failure),
                    (_, Heard::Began(_)) => {}
                }
            }
        }
    }

    /// Lets a process end that has nothing left to do.
    fn end_process(&self, id: u32);

    /// Runs the jobs on a pool of as many threads, which take jobs from each other, and returns the answers by job.
    fn fork_join(
        &self,
        threads: u32,
        jobs: Arc<[Job]>,
        shared: &Shared,
    ) -> impl Future<Output = Result<Vec<u64>, Failure>>;
}
