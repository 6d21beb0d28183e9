//! The work-stealing pool of a virtual machine.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::ops::Range;
use std::rc::Rc;
use std::task::{Poll, Waker};

use trace::State;
use workloads::Job;

use super::host::{Letterbox, VirtualLane};
use super::machine::Costs;
use crate::{Lane, Shared, Stopped, run_job};

/// A pool whose threads halve what they have until one job is left, and steal the oldest half of another's.
pub(super) struct Pool {
    queues: Vec<RefCell<VecDeque<Range<usize>>>>,
    left: Cell<usize>,
    answers: RefCell<Vec<u64>>,
    idle: RefCell<Vec<Waker>>,
    dice: Cell<u64>,
    finished: Letterbox<Result<(), Stopped>>,
}

impl Pool {
    /// A pool whose first thread has all the jobs.
    pub(super) fn of(threads: u32, jobs: usize, seed: u64) -> Rc<Pool> {
        let pool = Rc::new(Pool {
            queues: (0..threads).map(|_| RefCell::default()).collect(),
            left: Cell::new(jobs),
            answers: RefCell::new(vec![0; jobs]),
            idle: RefCell::default(),
            dice: Cell::new(seed),
            finished: Letterbox::new(),
        });
        pool.queues[0].borrow_mut().push_back(0..jobs);
        pool
    }

    /// Waits for the last job.
    pub(super) async fn answers(&self) -> Result<Vec<u64>, Stopped> {
        self.finished.clone().take().await?;
        Ok(self.answers.take())
    }

    pub(super) async fn thread(&self, number: usize, lane: &VirtualLane, jobs: &[Job], shared: &Shared, costs: Costs) {
        lane.row().enter(State::Idle, None, lane.now_nanos());
        while self.left.get() > 0 {
            let own = self.queues[number].borrow_mut().pop_back();
            let Some(mut piece) = own.or_else(|| self.steal(number)) else {
                self.rest().await;
                lane.pass(costs.steal_nanos).await;
                continue;
            };
            while piece.len() > 1 {
                let middle = piece.start + piece.len() / 2;
                self.queues[number].borrow_mut().push_back(middle..piece.end);
                piece.end = middle;
                self.idle.take().into_iter().for_each(Waker::wake);
            }
            for index in piece {
                match run_job(lane, &jobs[index], shared).await {
                    Ok(answer) => self.answers.borrow_mut()[index] = answer,
                    Err(stopped) => return self.finished.put(Err(stopped)),
                }
                self.left.set(self.left.get() - 1);
            }
        }
        self.idle.take().into_iter().for_each(Waker::wake);
        self.finished.put(Ok(()));
    }

    fn steal(&self, thief: usize) -> Option<Range<usize>> {
        let count = self.queues.len();
        let first = self.roll() as usize % count;
        (0..count)
            .map(|step| (first + step) % count)
            .filter(|&victim| victim != thief)
            .find_map(|victim| self.queues[victim].borrow_mut().pop_front())
    }

    /// Steele, Lea and Flood, “Fast splittable pseudorandom number generators” (2014): one addition, two multiplications.
    fn roll(&self) -> u64 {
        let state = self.dice.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.dice.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Waits until some thread has put something into its queue, or all is done.
    async fn rest(&self) {
        let mut asked = false;
        poll_fn(|context| {
            if asked {
                return Poll::Ready(());
            }
            asked = true;
            self.idle.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
