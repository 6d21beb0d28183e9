//! Where coroutines and callbacks stand while they wait for their turn: places with numbers, which are given out again.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use super::calls::Call;
use super::life::Life;

pub(super) type Body = Pin<Box<dyn Future<Output = ()>>>;

/// What stands at a place.
pub(super) enum Slot {
    /// Nothing, or something that is running now.
    Empty,
    /// A coroutine that has been started.
    Coroutine(Body, Rc<Life>),
    /// A callback.
    Call(Rc<Call>),
    /// Nothing any more; but the queue still names the place.
    Left,
}

#[derive(Default)]
pub(super) struct Slots(RefCell<Places>);

#[derive(Default)]
struct Places {
    slots: Vec<Slot>,
    free: Vec<usize>,
}

impl Slots {
    /// A place where something will be put.
    pub(super) fn reserve(&self) -> usize {
        let mut places = self.0.borrow_mut();
        places.free.pop().unwrap_or_else(|| {
            places.slots.push(Slot::Empty);
            places.slots.len() - 1
        })
    }

    pub(super) fn put(&self, place: usize, slot: Slot) {
        // Only `close` shortens the list.
        if let Some(there) = self.0.borrow_mut().slots.get_mut(place) {
            *there = slot;
        }
    }

    pub(super) fn take(&self, place: usize) -> Slot {
        self.0.borrow_mut().slots.get_mut(place).map_or(Slot::Empty, |slot| std::mem::replace(slot, Slot::Empty))
    }

    pub(super) fn free(&self, place: usize) {
        self.0.borrow_mut().free.push(place);
    }

    /// The coroutines that have been started and are not over.
    pub(super) fn lives(&self) -> Vec<Rc<Life>> {
        let places = self.0.borrow();
        let lives = places.slots.iter().filter_map(|slot| match slot {
            Slot::Coroutine(_, life) => Some(life.clone()),
            _ => None,
        });
        lives.collect()
    }

    /// Lets go of everything. What is let go of may itself touch the places: they are empty by then.
    pub(super) fn clear(&self) {
        let places = self.0.take();
        drop(places);
    }
}
