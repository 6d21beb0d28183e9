//! What the jobs of one run share: cells, locks and queues. They exist where their jobs share a memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use trace::Wait;

use crate::condition::{Condition, locked};
use crate::desk::Desk;
use crate::stuck;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::{Lane, Stopped};

/// Who waits for what, by job.
pub type Waits = Vec<(u32, Wait)>;

/// Shared by the lanes of one memory.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
    cells: Vec<AtomicU64>,
    locks: Vec<Lock>,
    queues: Vec<Queue>,
    /// What each job waits for, while it does.
    waits: Mutex<BTreeMap<u32, Wait>>,
    desk: Desk,
}

#[derive(Default)]
struct Lock {
    holder: Mutex<Option<u32>>,
    released: Condition,
}

struct Queue {
    capacity: usize,
    values: Mutex<VecDeque<u64>>,
    changed: Condition,
}

impl Shared {
    /// Fresh cells, locks and queues.
    pub fn new(shape: &workloads::Shared) -> Shared {
        Shared(Arc::new(Inner {
            cells: (0..shape.cells).map(|_| AtomicU64::new(0)).collect(),
            locks: (0..shape.locks).map(|_| Lock::default()).collect(),
            queues: shape
                .queues
                .iter()
                .map(|&capacity| Queue {
                    capacity: capacity.max(1) as usize,
                    values: Mutex::default(),
                    changed: Condition::default(),
                })
                .collect(),
            waits: Mutex::default(),
            desk: Desk::default(),
        }))
    }

    /// The sum of all cells.
    pub fn sum_of_cells(&self) -> u64 {
        self.0.cells.iter().map(|cell| cell.load(Ordering::Relaxed)).fold(0, u64::wrapping_add)
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

    pub(crate) async fn lock<L: Lane>(&self, lane: &L, job: u32, number: u32) -> Result<(), Stopped> {
        let lock = &self.0.locks[number as usize];
        let mut holder = locked(&lock.holder);
        while let Some(held_by) = *holder {
            self.note(lane, job, Wait::ForLock { lock: number, held_by });
            (holder, _) = lock.released.wait(lane, &lock.holder, holder, None).await?;
        }
        *holder = Some(job);
        locked(&self.0.waits).remove(&job);
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
        locked(&self.0.waits).remove(&job);
        for (number, lock) in (0..).zip(&self.0.locks) {
            if *locked(&lock.holder) == Some(job) {
                self.unlock(number);
            }
        }
    }

    pub(crate) async fn put<L: Lane>(&self, lane: &L, job: u32, number: u32, value: u64) -> Result<(), Stopped> {
        let queue = &self.0.queues[number as usize];
        let mut values = locked(&queue.values);
        while values.len() >= queue.capacity {
            self.note(lane, job, Wait::ForRoom { queue: number });
            (values, _) = queue.changed.wait(lane, &queue.values, values, None).await?;
        }
        locked(&self.0.waits).remove(&job);
        values.push_back(value);
        queue.changed.notify_all();
        Ok(())
    }

    pub(crate) async fn take<L: Lane>(&self, lane: &L, job: u32, number: u32) -> Result<u64, Stopped> {
        let queue = &self.0.queues[number as usize];
        let mut values = locked(&queue.values);
        loop {
            if let Some(value) = values.pop_front() {
                locked(&self.0.waits).remove(&job);
                queue.changed.notify_all();
                return Ok(value);
            }
            self.note(lane, job, Wait::ForItem { queue: number });
            (values, _) = queue.changed.wait(lane, &queue.values, values, None).await?;
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
        let others = waits.len() + done < jobs;
        let stuck = stuck::for_ever(&waits, &self.0.desk.pool(), others);
        (!stuck.is_empty()).then_some(stuck)
    }
}
