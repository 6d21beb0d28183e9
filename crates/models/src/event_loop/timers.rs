//! Who is to be woken when: a heap, ordered by time and then by the order in which the timers were set.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::rc::Rc;

use super::calls::Call;
use super::life::Life;

/// Called-off timers stay in the heap until they are due, or until they are more than this and more than half of it.
const STALE: usize = 100;

pub(super) enum Target {
    Coroutine(Rc<Life>),
    Call(Rc<Call>),
}

struct Timer {
    due_nanos: u64,
    order: u64,
    target: Target,
}

impl Timer {
    fn is_live(&self) -> bool {
        match &self.target {
            Target::Coroutine(life) => life.timer.get() == Some(self.order),
            Target::Call(call) => !call.is_cancelled(),
        }
    }

    fn key(&self) -> (u64, u64) {
        (self.due_nanos, self.order)
    }
}

impl PartialEq for Timer {
    fn eq(&self, other: &Timer) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Timer {}

impl PartialOrd for Timer {
    fn partial_cmp(&self, other: &Timer) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timer {
    fn cmp(&self, other: &Timer) -> Ordering {
        self.key().cmp(&other.key())
    }
}

#[derive(Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<Timer>>,
    set: u64,
    stale: usize,
}

impl Timers {
    /// Sets a timer and returns its number.
    pub(super) fn set(&mut self, due_nanos: u64, target: Target) -> u64 {
        let order = self.set;
        self.set += 1;
        self.heap.push(Reverse(Timer { due_nanos, order, target }));
        order
    }

    /// A timer has been called off.
    pub(super) fn call_off(&mut self) {
        self.stale += 1;
        if self.stale > STALE && self.stale > self.heap.len() / 2 {
            self.heap.retain(|Reverse(timer)| timer.is_live());
            self.stale = 0;
        }
    }

    /// When the next one is due.
    pub(super) fn next_due(&mut self) -> Option<u64> {
        while let Some(Reverse(timer)) = self.heap.peek() {
            if timer.is_live() {
                return Some(timer.due_nanos);
            }
            self.heap.pop();
            self.stale = self.stale.saturating_sub(1);
        }
        None
    }

    /// Takes out the next one that is due, if it is by now.
    pub(super) fn pop_due(&mut self, now_nanos: u64) -> Option<Target> {
        let due = self.next_due()?;
        if due > now_nanos {
            return None;
        }
        self.heap.pop().map(|Reverse(timer)| timer.target)
    }
}
