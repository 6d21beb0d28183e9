//! What is to run at the next turn. This is the only part of a loop that other lanes may touch.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Wake;

use crate::Signal;

/// The places (see `Slots`) of what is ready, in the order in which it got so, and how to rouse the loop.
#[derive(Default)]
pub(super) struct Ready(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    places: Vec<usize>,
    /// What the loop waits for while it rests.
    bell: Option<Signal>,
}

impl Ready {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, place: usize) {
        let bell = {
            let mut queue = self.queue();
            queue.places.push(place);
            queue.bell.take()
        };
        if let Some(bell) = bell {
            bell.set();
        }
    }

    /// Exchanges what is ready for an empty list, so that a turn locks the queue once and allocates nothing.
    pub(super) fn take(&self, batch: &mut Vec<usize>) {
        std::mem::swap(&mut self.queue().places, batch);
    }

    /// A bell that rings when something gets ready, unless something is already.
    pub(super) fn bell(&self) -> Option<Signal> {
        let mut queue = self.queue();
        queue.places.is_empty().then(|| queue.bell.insert(Signal::new()).clone())
    }
}

/// Puts one coroutine or one callback into the queue, from whichever lane.
pub(super) struct Alarm {
    place: usize,
    /// It stands in the queue already, or its place is no longer its own.
    is_queued: AtomicBool,
    ready: Arc<Ready>,
}

impl Alarm {
    pub(super) fn new(place: usize, ready: &Arc<Ready>) -> Arc<Alarm> {
        Arc::new(Alarm { place, is_queued: AtomicBool::new(false), ready: ready.clone() })
    }

    pub(super) fn ring(&self) {
        if !self.is_queued.swap(true, Ordering::AcqRel) {
            self.ready.push(self.place);
        }
    }

    /// Its place has been taken out of the queue.
    pub(super) fn reset(&self) {
        self.is_queued.store(false, Ordering::Release);
    }

    /// Never queues again. Says whether its place stands in the queue, and so cannot be given to another yet.
    pub(super) fn silence(&self) -> bool {
        self.is_queued.swap(true, Ordering::AcqRel)
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}
