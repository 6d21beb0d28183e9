//! What coroutines of one loop share: a lock, an event, a semaphore and a bounded queue. All serve in the order in which
//! coroutines came, and nobody who comes later gets in between: what is released is granted to the first in line at once.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use super::line::Line;
use crate::{Coroutine, Lane, Stopped};

/// So many may go in at the same time. A clone is the same semaphore.
#[derive(Clone)]
pub struct Semaphore(Rc<Gate>);

struct Gate {
    free: Cell<usize>,
    line: Line,
}

impl Semaphore {
    /// A semaphore with so many permits.
    pub fn new(permits: usize) -> Semaphore {
        Semaphore(Rc::new(Gate { free: Cell::new(permits), line: Line::default() }))
    }

    /// Waits for a permit, which is given back when it is dropped.
    pub async fn acquire<L: Lane>(&self, coroutine: &Coroutine<L>) -> Result<Permit, Stopped> {
        self.take(coroutine).await?;
        Ok(Permit(self.clone()))
    }

    /// Whether whoever comes now has to wait.
    pub fn is_locked(&self) -> bool {
        // A permit is never free while somebody stands in line.
        self.0.free.get() == 0
    }

    async fn take<L: Lane>(&self, coroutine: &Coroutine<L>) -> Result<(), Stopped> {
        if self.try_take() { Ok(()) } else { self.0.line.stand(coroutine, || self.give()).await }
    }

    fn try_take(&self) -> bool {
        let free = self.0.free.get();
        self.0.free.set(free.saturating_sub(1));
        free > 0
    }

    fn give(&self) {
        if !self.0.line.grant_first() {
            self.0.free.set(self.0.free.get() + 1);
        }
    }
}

/// Leave to be where only so many may be. It ends when this is dropped, however the coroutine ends.
#[must_use = "what is dropped at once has been given back"]
pub struct Permit(Semaphore);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.give();
    }
}

/// One may go in at a time. A clone is the same lock.
#[derive(Clone)]
pub struct LoopLock(Semaphore);

impl Default for LoopLock {
    fn default() -> LoopLock {
        LoopLock(Semaphore::new(1))
    }
}

impl LoopLock {
    /// A lock that nobody has.
    pub fn new() -> LoopLock {
        LoopLock::default()
    }

    /// Waits until nobody has it and nobody else came earlier. It is given back when the permit is dropped.
    pub async fn acquire<L: Lane>(&self, coroutine: &Coroutine<L>) -> Result<Permit, Stopped> {
        self.0.acquire(coroutine).await
    }

    /// Whether somebody has it.
    pub fn is_locked(&self) -> bool {
        self.0.is_locked()
    }
}

/// Something that happens, for all who wait for it. A clone is the same event.
#[derive(Clone, Default)]
pub struct Event(Rc<Happening>);

#[derive(Default)]
struct Happening {
    is_set: Cell<bool>,
    line: Line,
}

impl Event {
    /// It has not happened.
    pub fn new() -> Event {
        Event::default()
    }

    /// It has happened: all who wait go on.
    pub fn set(&self) {
        self.0.is_set.set(true);
        while self.0.line.grant_first() {}
    }

    /// From now on one waits for it again.
    pub fn clear(&self) {
        self.0.is_set.set(false);
    }

    /// Whether it has happened.
    pub fn is_set(&self) -> bool {
        self.0.is_set.get()
    }

    /// Waits until it happens, if it has not. Who waited goes on even if it is cleared in the same turn.
    pub async fn wait<L: Lane>(&self, coroutine: &Coroutine<L>) -> Result<(), Stopped> {
        if self.is_set() { Ok(()) } else { self.0.line.stand(coroutine, || {}).await }
    }
}

/// First in, first out, and never more than so many. A clone is the same queue.
pub struct LoopQueue<T>(Rc<Store<T>>);

struct Store<T> {
    items: RefCell<VecDeque<T>>,
    /// A permit for each item that nobody has been promised.
    filled: Semaphore,
    /// A permit for each place that nobody has been promised; none for a queue without a limit.
    room: Option<Semaphore>,
}

impl<T> Clone for LoopQueue<T> {
    fn clone(&self) -> LoopQueue<T> {
        LoopQueue(self.0.clone())
    }
}

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueFull;

impl fmt::Display for QueueFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is full")
    }
}

impl std::error::Error for QueueFull {}

impl<T> LoopQueue<T> {
    /// An empty queue that holds so many; as in Python, none is no limit.
    pub fn new(capacity: usize) -> LoopQueue<T> {
        let room = (capacity > 0).then(|| Semaphore::new(capacity));
        LoopQueue(Rc::new(Store { items: RefCell::default(), filled: Semaphore::new(0), room }))
    }

    /// Waits until there is room and puts it in.
    pub async fn put<L: Lane>(&self, coroutine: &Coroutine<L>, item: T) -> Result<(), Stopped> {
        if let Some(room) = &self.0.room {
            room.take(coroutine).await?;
        }
        self.fill(item);
        Ok(())
    }

    /// Puts it in if there is room.
    pub fn try_put(&self, item: T) -> Result<(), QueueFull> {
        if self.0.room.as_ref().is_some_and(|room| !room.try_take()) {
            return Err(QueueFull);
        }
        self.fill(item);
        Ok(())
    }

    fn fill(&self, item: T) {
        self.0.items.borrow_mut().push_back(item);
        self.0.filled.give();
    }

    /// Waits until there is something and takes it out.
    pub async fn get<L: Lane>(&self, coroutine: &Coroutine<L>) -> Result<T, Stopped> {
        self.0.filled.take(coroutine).await?;
        Ok(self.empty().expect("whoever has a permit finds an item"))
    }

    /// Takes something out if there is something that nobody else has been promised.
    pub fn try_get(&self) -> Option<T> {
        if self.0.filled.try_take() { self.empty() } else { None }
    }

    fn empty(&self) -> Option<T> {
        let item = self.0.items.borrow_mut().pop_front();
        if let Some(room) = &self.0.room {
            room.give();
        }
        item
    }

    /// How many are in it.
    pub fn len(&self) -> usize {
        self.0.items.borrow().len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
