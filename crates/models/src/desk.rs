//! Where jobs hand in further jobs, for whoever can start them.
//!
//! ```text
//!   job 1 ── slip ──▶ desk ──▶ the model's main lane starts a thread for job 5, or gives it to its pool
//!     └── waits for the ticket ◀────────────────────────────── job 5 is over ──┘
//! ```
//!
//! Lanes cannot start lanes themselves: a worker that blocks starts no other. Where nobody stands behind the desk (one
//! lane after another, coroutines, a pool whose threads run what they wait for themselves) a job simply runs what it hands
//! in, as a call does.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::pin::Pin;

use trace::{Failure, Wait};
use workloads::Job;

use crate::condition::{Condition, locked};
use crate::sync::Mutex;
use crate::{Lane, Shared, Stopped, Ticket, TicketError, caught, run_job};

/// What lies on the desk.
enum Slip {
    /// A job that is to be started, and the ticket that is to say what came of it.
    Job(Job, Ticket),
    /// One of the work's own jobs is over.
    Over,
}

/// Who takes what is handed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Keeper {
    /// Nobody.
    #[default]
    Nobody,
    /// Somebody who starts a thread for each job.
    Threads,
    /// A pool, in whose queue it may have to wait.
    Pool,
}

#[derive(Default)]
pub(crate) struct Desk {
    keeper: Mutex<Keeper>,
    slips: Mutex<VecDeque<Slip>>,
    changed: Condition,
}

impl Desk {
    /// From now on somebody starts what is handed in.
    pub(crate) fn open(&self, keeper: Keeper) {
        *locked(&self.keeper) = keeper;
    }

    fn put(&self, slip: Slip) {
        locked(&self.slips).push_back(slip);
        self.changed.notify_one();
    }

    /// Starts what is handed in until so many jobs of the work's own are over.
    pub(crate) async fn keep<L: Lane>(
        &self,
        lane: &L,
        jobs: usize,
        mut start: impl AsyncFnMut(Job, Asker),
    ) -> Result<(), Stopped> {
        let mut left = jobs;
        while left > 0 {
            match self.next(lane).await? {
                Slip::Job(job, ticket) => start(job, Asker::Job(ticket)).await,
                Slip::Over => left -= 1,
            }
        }
        Ok(())
    }

    /// Waits for the next slip.
    async fn next<L: Lane>(&self, lane: &L) -> Result<Slip, Stopped> {
        let mut slips = locked(&self.slips);
        loop {
            if let Some(slip) = slips.pop_front() {
                return Ok(slip);
            }
            (slips, _) = self.changed.wait(lane, &self.slips, slips, None).await?;
        }
    }
}

/// Whom the end of a job concerns.
#[derive(Clone)]
pub(crate) enum Asker {
    /// The main lane.
    MainLane,
    /// The job that has handed it in.
    Job(Ticket),
}

impl Shared {
    /// Hands a further job in and waits for its answer. If it fails, so does the one who handed it in.
    pub(crate) async fn hand_in<L: Lane>(&self, lane: &L, by: u32, job: &Job) -> Result<u64, Stopped> {
        if *locked(&self.desk().keeper) == Keeper::Nobody {
            self.remember(by, Wait::ForJob { job: job.number });
            let running: Pin<Box<dyn Future<Output = Result<u64, Stopped>> + '_>> = Box::pin(run_job(lane, job, self));
            let answer = running.await?;
            self.forget(by);
            return Ok(answer);
        }
        let ticket = Ticket::default();
        self.queue(job.number);
        self.note(lane, by, Wait::ForJob { job: job.number });
        self.desk().put(Slip::Job(job.clone(), ticket.clone()));
        let result = ticket.result(lane).await?;
        self.forget(by);
        match result {
            Ok(answer) => Ok(answer),
            Err(TicketError::Failed(Failure::Stopped) | TicketError::Cancelled) => Err(Stopped),
            // The hook that reports panics has seen this one already.
            Err(TicketError::Failed(Failure::Panicked { message })) => resume_unwind(Box::new(message)),
            Err(TicketError::Failed(failure)) => resume_unwind(Box::new(failure.to_string())),
        }
    }

    /// A job waits for a thread of the pool, if the lanes are one.
    pub(crate) fn queue(&self, job: u32) {
        if matches!(*locked(&self.desk().keeper), Keeper::Pool) {
            self.remember(job, Wait::ForThread);
        }
    }

    /// Runs a job on a lane of a model that stands behind the desk, and tells whom it concerns.
    pub(crate) async fn attend<L: Lane>(&self, lane: &L, job: &Job, asker: &Asker) -> Result<u64, Failure> {
        let result = caught::run(async { Ok(run_job(lane, job, self).await?) }).await;
        self.tell(asker, result.clone());
        result
    }

    /// A job is over, or could not be started.
    pub(crate) fn tell(&self, asker: &Asker, result: Result<u64, Failure>) {
        match asker {
            Asker::MainLane => self.desk().put(Slip::Over),
            Asker::Job(ticket) => ticket.end(result),
        }
    }
}
