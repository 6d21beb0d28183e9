//! What the jobs of one run share: cells, locks and queues. They exist where their jobs share a memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use trace::{Failure, Wait};

use crate::condition::{Condition, locked};
use crate::desk::Desk;
use crate::stuck::{self, Lanes};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::{Lane, Signal, Stopped};

/// Who waits for what, by job.
pub type Waits = Vec<(u32, Wait)>;

/// Why a job does not go on to its last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The run is to end.
    Stopped(Stopped),
    /// A job of the run cannot go on, this one or another.
    Failed,
}

impl From<Stopped> for Ended {
    fn from(stopped: Stopped) -> Ended {
        Ended::Stopped(stopped)
    }
}

/// Shared by the lanes of one memory.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
    cells: Vec<AtomicU64>,
    /// The cells that the answer counts.
    counted: Vec<bool>,
    locks: Vec<Lock>,
    queues: Vec<Queue>,
    /// What each job waits for, while it does.
    waits: Mutex<BTreeMap<u32, Wait>>,
    desk: Desk,
    /// Why a job could not go on, the first that could not.
    failure: Mutex<Option<Failure>>,
    lanes: Mutex<Lanes>,
}

#[derive(Default)]
struct Lock {
    holder: Mutex<Option<u32>>,
    released: Condition,
}

struct Queue {
    capacity: usize,
    /// Whether the answer counts what is taken.
    counts: bool,
    values: Mutex<VecDeque<u64>>,
    changed: Condition,
}

/// What a job has to wait for before it tries again.
pub(crate) struct Obstructed {
    pub(crate) wait: Wait,
    /// Set when something has changed.
    pub(crate) signal: Signal,
}

impl Shared {
    /// Fresh cells, locks and queues.
    pub fn new(shape: &workloads::Shared) -> Shared {
        Shared(Arc::new(Inner {
            cells: (0..shape.cells).map(|_| AtomicU64::new(0)).collect(),
            counted: (0..shape.cells).map(|cell| !shape.unchecked.cells.contains(&cell)).collect(),
            locks: (0..shape.locks).map(|_| Lock::default()).collect(),
            queues: shape
                .queues
                .iter()
                .zip(0..)
                .map(|(&capacity, number)| Queue {
                    capacity: capacity.max(1) as usize,
                    counts: !shape.unchecked.queues.contains(&number),
                    values: Mutex::default(),
                    changed: Condition::default(),
                })
                .collect(),
            waits: Mutex::default(),
            desk: Desk::default(),
            failure: Mutex::default(),
            lanes: Mutex::default(),
        }))
    }

    /// The sum of all cells that the answer counts.
    pub fn sum_of_cells(&self) -> u64 {
        let counted = self.0.cells.iter().zip(&self.0.counted).filter(|(_, counted)| **counted);
        counted.map(|(cell, _)| cell.load(Ordering::Relaxed)).fold(0, u64::wrapping_add)
    }

    // Loads and stores are relaxed and apart: two lanes that add at the same time lose one of the updates, as they would
    // in any language without a lock.
    pub(crate) fn load(&self, cell: u32) -> u64 {
        self.0.cells[cell as usize].load(Ordering::Relaxed)
    }

    pub(crate) fn store(&self, cell: u32, value: u64) {
        self.0.cells[cell as usize].store(value, Ordering::Relaxed);
    }

    /// Where jobs hand in further jobs.
    pub(crate) fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// Jobs run on so many lanes, from their beginning to their end. As many as there are jobs, if nobody says so.
    pub(crate) fn run_on(&self, lanes: usize) {
        locked(&self.0.lanes).most = lanes;
    }

    /// A job begins on a lane.
    pub(crate) fn begin(&self, job: u32) {
        locked(&self.0.lanes).begun.insert(job);
        self.forget(job);
    }

    /// A job that has begun is over.
    pub(crate) fn end(&self, job: u32) {
        locked(&self.0.lanes).begun.remove(&job);
    }

    /// A job that has no lane begins to wait.
    pub(crate) fn remember(&self, job: u32, wait: Wait) {
        locked(&self.0.waits).insert(job, wait);
    }

    /// A job goes on.
    pub(crate) fn forget(&self, job: u32) {
        locked(&self.0.waits).remove(&job);
    }

    /// A job begins to wait on its lane.
    pub(crate) fn note<L: Lane>(&self, lane: &L, job: u32, wait: Wait) {
        self.remember(job, wait);
        lane.row().wait(wait, Some(job), lane.now_nanos());
    }

    /// Says what a job begins to wait for.
    fn wait_for(&self, job: u32, wait: Wait, condition: &Condition) -> Obstructed {
        self.remember(job, wait);
        Obstructed { wait, signal: condition.listen() }
    }

    /// A job cannot go on, so the run has failed: those who wait for others are told to wait no longer.
    pub(crate) fn fail(&self, failure: Failure) {
        locked(&self.0.failure).get_or_insert(failure);
        self.0.locks.iter().for_each(|lock| lock.released.notify_all());
        self.0.queues.iter().for_each(|queue| queue.changed.notify_all());
    }

    /// An error if a job could not go on: the run has failed then, whatever the others came to.
    pub fn check(&self) -> Result<(), Failure> {
        locked(&self.0.failure).clone().map_or(Ok(()), Err)
    }

    /// Waits until it is worth while to try again. Those that it would wait for may have ended without doing their part; who
    /// listens before that is looked at misses nothing.
    async fn heed<L: Lane>(
        &self,
        lane: &L,
        job: u32,
        condition: &Condition,
        obstructed: &Obstructed,
    ) -> Result<(), Ended> {
        if locked(&self.0.failure).is_some() {
            self.forget(job);
            return Err(Ended::Failed);
        }
        lane.row().wait(obstructed.wait, Some(job), lane.now_nanos());
        condition.heed(lane, &obstructed.signal, None).await?;
        Ok(())
    }

    /// Takes the lock, or says what to wait for.
    pub(crate) fn lock_now(&self, job: u32, number: u32) -> Result<(), Obstructed> {
        let lock = &self.0.locks[number as usize];
        let mut holder = locked(&lock.holder);
        if let Some(held_by) = *holder {
            return Err(self.wait_for(job, Wait::ForLock { lock: number, held_by }, &lock.released));
        }
        *holder = Some(job);
        self.forget(job);
        Ok(())
    }

    pub(crate) async fn lock<L: Lane>(&self, lane: &L, job: u32, number: u32) -> Result<(), Ended> {
        while let Err(obstructed) = self.lock_now(job, number) {
            self.heed(lane, job, &self.0.locks[number as usize].released, &obstructed).await?;
        }
        Ok(())
    }

    /// Whether the lock can be taken at once.
    pub(crate) fn try_lock(&self, job: u32, number: u32) -> bool {
        let mut holder = locked(&self.0.locks[number as usize].holder);
        if holder.is_none() {
            *holder = Some(job);
            return true;
        }
        false
    }

    pub(crate) fn unlock(&self, number: u32) {
        let lock = &self.0.locks[number as usize];
        *locked(&lock.holder) = None;
        lock.released.notify_one();
    }

    /// Gives back what a job held that has ended before its time, and what it waited for is forgotten.
    pub(crate) fn abandon(&self, job: u32) {
        self.forget(job);
        self.end(job);
        for (number, lock) in (0..).zip(&self.0.locks) {
            if *locked(&lock.holder) == Some(job) {
                self.unlock(number);
            }
        }
    }

    /// Puts the value into the queue, or says what to wait for.
    pub(crate) fn put_now(&self, job: u32, number: u32, value: u64) -> Result<(), Obstructed> {
        let queue = &self.0.queues[number as usize];
        let mut values = locked(&queue.values);
        if values.len() >= queue.capacity {
            return Err(self.wait_for(job, Wait::ForRoom { queue: number }, &queue.changed));
        }
        self.forget(job);
        values.push_back(value);
        queue.changed.notify_all();
        Ok(())
    }

    pub(crate) async fn put<L: Lane>(&self, lane: &L, job: u32, number: u32, value: u64) -> Result<(), Ended> {
        while let Err(obstructed) = self.put_now(job, number, value) {
            self.heed(lane, job, &self.0.queues[number as usize].changed, &obstructed).await?;
        }
        Ok(())
    }

    /// Takes a value out of the queue, or says what to wait for. A value that the answer does not count is nought.
    pub(crate) fn take_now(&self, job: u32, number: u32) -> Result<u64, Obstructed> {
        let queue = &self.0.queues[number as usize];
        let mut values = locked(&queue.values);
        let Some(value) = values.pop_front() else {
            return Err(self.wait_for(job, Wait::ForItem { queue: number }, &queue.changed));
        };
        self.forget(job);
        queue.changed.notify_all();
        Ok(if queue.counts { value } else { 0 })
    }

    pub(crate) async fn take<L: Lane>(&self, lane: &L, job: u32, number: u32) -> Result<u64, Ended> {
        loop {
            match self.take_now(job, number) {
                Ok(value) => return Ok(value),
                Err(obstructed) => {
                    self.heed(lane, job, &self.0.queues[number as usize].changed, &obstructed).await?;
                }
            }
        }
    }

    /// Who waits for what, right now, by job.
    pub fn waits(&self) -> Waits {
        let waits = locked(&self.0.waits).clone();
        let current = |wait| match wait {
            // The lock may have gone to another since the wait began.
            Wait::ForLock { lock, held_by } => {
                let holder = *locked(&self.0.locks[lock as usize].holder);
                Wait::ForLock { lock, held_by: holder.unwrap_or(held_by) }
            }
            other => other,
        };
        waits.into_iter().map(|(job, wait)| (job, current(wait))).collect()
    }

    /// The jobs that will wait for ever, if some do. What is looked at can change meanwhile; only what is found twice, a
    /// while apart, is true.
    pub fn deadlock(&self, jobs: usize, done: usize) -> Option<Waits> {
        let waits = self.waits();
        let lanes = locked(&self.0.lanes).clone();
        let stuck = stuck::for_ever(&waits, &lanes, lanes.let_others_go_on(&waits, jobs, done));
        (!stuck.is_empty()).then_some(stuck)
    }
}
