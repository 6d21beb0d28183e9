//! `concurrent.futures.ThreadPoolExecutor`: a queue, threads that start when they are needed, and a ticket for each
//! piece of work that was handed in.
//!
//! ```text
//!   submit ──▶ pending ──▶ running ──▶ done (a value or a failure)
//!                 └── cancel ──▶ cancelled
//! ```

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use trace::{Failure, MarkKind, State};

use crate::condition::{Condition, Woken, locked};
use crate::sync::Mutex;
use crate::{Answers, Gil, GilLane, Host, Lane, Stopped, caught};

/// A piece of work: it gets the lane of the thread that runs it.
type Work<L> = Box<dyn FnOnce(&GilLane<L>) -> Pin<Box<dyn Future<Output = Result<u64, Failure>>>> + Send>;

struct Item<L: Lane> {
    work: Work<L>,
    ticket: Ticket,
}

struct Queue<L: Lane> {
    items: VecDeque<Item<L>>,
    /// Threads that have found nothing to do and are not yet spoken for.
    idle: usize,
    is_shut: bool,
}

struct Inner<L: Lane> {
    queue: Mutex<Queue<L>>,
    changed: Condition,
}

/// The executor takes no more work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShutDown;

impl fmt::Display for ShutDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot schedule new futures after shutdown")
    }
}

impl std::error::Error for ShutDown {}

/// Why a ticket has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketError {
    /// It was called off before it began.
    Cancelled,
    /// Its work failed; the failure is kept until somebody asks.
    Failed(Failure),
}

enum Life {
    Pending,
    Running,
    Over(Result<u64, TicketError>),
}

/// A value that will be there: what Python calls a future.
#[derive(Clone)]
pub struct Ticket(Arc<TicketInner>);

struct TicketInner {
    life: Mutex<Life>,
    over: Condition,
    listeners: Mutex<Vec<(usize, Arc<Finishes>)>>,
}

impl Default for Ticket {
    fn default() -> Ticket {
        let life = Mutex::new(Life::Pending);
        Ticket(Arc::new(TicketInner { life, over: Condition::default(), listeners: Mutex::default() }))
    }
}

impl Ticket {
    /// Calls the work off, if it has not begun. Says whether it is called off now.
    pub fn cancel(&self) -> bool {
        let mut life = locked(&self.0.life);
        match *life {
            Life::Pending => {
                *life = Life::Over(Err(TicketError::Cancelled));
                self.tell();
                true
            }
            Life::Over(Err(TicketError::Cancelled)) => true,
            Life::Running | Life::Over(_) => false,
        }
    }

    /// Whether it was called off.
    pub fn is_cancelled(&self) -> bool {
        matches!(*locked(&self.0.life), Life::Over(Err(TicketError::Cancelled)))
    }

    /// Whether it is over, in whatever way.
    pub fn is_over(&self) -> bool {
        matches!(*locked(&self.0.life), Life::Over(_))
    }

    /// Waits until it is over.
    pub async fn result<L: Lane>(&self, lane: &L) -> Result<Result<u64, TicketError>, Stopped> {
        let mut life = locked(&self.0.life);
        loop {
            if let Life::Over(result) = &*life {
                return Ok(result.clone());
            }
            (life, _) = self.0.over.wait(lane, &self.0.life, life, None).await?;
        }
    }

    fn begin(&self) -> bool {
        let mut life = locked(&self.0.life);
        let is_pending = matches!(*life, Life::Pending);
        if is_pending {
            *life = Life::Running;
        }
        is_pending
    }

    pub(crate) fn end(&self, result: Result<u64, Failure>) {
        let mut life = locked(&self.0.life);
        *life = Life::Over(result.map_err(TicketError::Failed));
        self.tell();
    }

    /// To be called while `life` is locked: nobody may see the result, and let another ticket get over because of it,
    /// before this one has its place in the order.
    fn tell(&self) {
        for (index, finishes) in locked(&self.0.listeners).drain(..) {
            finishes.add(index);
        }
        self.0.over.notify_all();
    }
}

/// The tickets that are over, in the order in which they got so.
#[derive(Default)]
struct Finishes {
    order: Mutex<VecDeque<usize>>,
    changed: Condition,
}

impl Finishes {
    fn of(tickets: &[Ticket]) -> Arc<Finishes> {
        let finishes = Arc::new(Finishes::default());
        for (index, ticket) in tickets.iter().enumerate() {
            let life = locked(&ticket.0.life);
            match &*life {
                Life::Over(_) => finishes.add(index),
                Life::Pending | Life::Running => locked(&ticket.0.listeners).push((index, finishes.clone())),
            }
        }
        finishes
    }

    fn add(&self, index: usize) {
        locked(&self.order).push_back(index);
        self.changed.notify_all();
    }

    /// The next one to be over, unless the time is up first.
    async fn next<L: Lane>(&self, lane: &L, due_nanos: Option<u64>) -> Result<Option<usize>, Stopped> {
        let mut order = locked(&self.order);
        loop {
            if let Some(index) = order.pop_front() {
                return Ok(Some(index));
            }
            let left = due_nanos.map(|due| due.saturating_sub(lane.now_nanos()));
            let woken;
            (order, woken) = self.changed.wait(lane, &self.order, order, left).await?;
            if woken == Woken::ByTime && order.is_empty() {
                return Ok(None);
            }
        }
    }
}

/// The tickets' places in the order in which they get over.
pub async fn as_completed<L: Lane>(lane: &L, tickets: &[Ticket]) -> Result<Vec<usize>, Stopped> {
    let finishes = Finishes::of(tickets);
    let mut order = Vec::with_capacity(tickets.len());
    while order.len() < tickets.len() {
        order.extend(finishes.next(lane, None).await?);
    }
    Ok(order)
}

/// Waits until all are over or the time is up; which ones are and which are not. Calls nothing off.
pub async fn wait<L: Lane>(
    lane: &L,
    tickets: &[Ticket],
    timeout_nanos: u64,
) -> Result<(Vec<usize>, Vec<usize>), Stopped> {
    let finishes = Finishes::of(tickets);
    let due = lane.now_nanos().saturating_add(timeout_nanos);
    let mut seen = 0;
    while seen < tickets.len() && finishes.next(lane, Some(due)).await?.is_some() {
        seen += 1;
    }
    Ok((0..tickets.len()).partition(|&index| tickets[index].is_over()))
}

/// What [`Executor::map`] comes to, one result after another in the order of its items.
pub struct Results(VecDeque<Ticket>);

impl Results {
    /// Waits for the next one. A failure is the last: what has not begun by then is called off.
    pub async fn next<L: Lane>(&mut self, lane: &L) -> Result<Option<Result<u64, TicketError>>, Stopped> {
        let Some(ticket) = self.0.pop_front() else { return Ok(None) };
        let result = ticket.result(lane).await?;
        if result.is_err() {
            self.0.drain(..).for_each(|rest| {
                rest.cancel();
            });
        }
        Ok(Some(result))
    }
}

/// Threads that take work from one queue.
pub struct Executor<H: Host> {
    host: H,
    max_workers: usize,
    gil: Option<Gil>,
    switches_anywhere: bool,
    inner: Arc<Inner<H::Thread>>,
    threads: RefCell<Vec<H::Joinable>>,
    started: Cell<u32>,
}

impl<H: Host> Executor<H> {
    /// An executor that has no thread yet.
    pub fn new(host: &H, max_workers: usize, gil: Option<Gil>, switches_anywhere: bool) -> Executor<H> {
        let queue = Mutex::new(Queue { items: VecDeque::new(), idle: 0, is_shut: false });
        Executor {
            host: host.clone(),
            max_workers: max_workers.max(1),
            gil,
            switches_anywhere,
            inner: Arc::new(Inner { queue, changed: Condition::default() }),
            threads: RefCell::default(),
            started: Cell::new(0),
        }
    }

    /// Hands work in. A thread is started for it if none is idle and there are fewer than the most.
    pub async fn submit(
        &self,
        work: impl FnOnce(&GilLane<H::Thread>) -> Pin<Box<dyn Future<Output = Result<u64, Failure>>>> + Send + 'static,
    ) -> Result<Ticket, ShutDown> {
        self.hand_in(Box::new(work)).await
    }

    /// Apart from `submit`, so that there is one of it and not one for each kind of work.
    async fn hand_in(&self, work: Work<H::Thread>) -> Result<Ticket, ShutDown> {
        let ticket = Ticket::default();
        let needs_a_thread = {
            let mut queue = locked(&self.inner.queue);
            if queue.is_shut {
                return Err(ShutDown);
            }
            queue.items.push_back(Item { work, ticket: ticket.clone() });
            let is_idle = queue.idle > 0;
            queue.idle -= usize::from(is_idle);
            !is_idle && (self.started.get() as usize) < self.max_workers
        };
        self.inner.changed.notify_one();
        if needs_a_thread {
            let number = self.started.get() + 1;
            self.started.set(number);
            let (inner, gil, anywhere) = (self.inner.clone(), self.gil.clone(), self.switches_anywhere);
            let started = self.host.start_thread(number, move |lane| worker(lane, number, inner, gil, anywhere)).await;
            match started {
                Ok(thread) => self.threads.borrow_mut().push(thread),
                // The first thread's failure is the work's; later ones leave it to the threads that there are.
                Err(failure) if number == 1 => ticket.end(Err(failure)),
                Err(_) => self.started.set(number - 1),
            }
        }
        Ok(ticket)
    }

    /// Whether there is a thread that takes work.
    pub(crate) fn has_threads(&self) -> bool {
        !self.threads.borrow().is_empty()
    }

    /// Hands in the function for every item before it waits for any of them.
    pub async fn map<T, F>(
        &self,
        items: impl IntoIterator<Item = T>,
        function: impl Fn(GilLane<H::Thread>, T) -> F + Clone + Send + 'static,
    ) -> Result<Results, ShutDown>
    where
        T: Send + 'static,
        F: Future<Output = Result<u64, Failure>> + 'static,
    {
        let mut tickets = VecDeque::new();
        for item in items {
            let function = function.clone();
            let work = move |lane: &GilLane<H::Thread>| Box::pin(function(lane.clone(), item)) as _;
            tickets.push_back(self.submit(work).await?);
        }
        Ok(Results(tickets))
    }

    /// Takes no more work; calls off what has not begun if asked to; waits for the threads to end if asked to.
    pub async fn shut_down(&self, wait: bool, cancel_pending: bool) -> Result<(), Failure> {
        let pending = {
            let mut queue = locked(&self.inner.queue);
            queue.is_shut = true;
            if cancel_pending { std::mem::take(&mut queue.items) } else { VecDeque::new() }
        };
        pending.iter().for_each(|item| {
            item.ticket.cancel();
        });
        self.inner.changed.notify_all();
        if wait {
            for thread in self.threads.take() {
                self.host.join_thread(thread).await?;
            }
        }
        Ok(())
    }
}

async fn worker<L: Lane>(
    lane: L,
    number: u32,
    inner: Arc<Inner<L>>,
    gil: Option<Gil>,
    switches_anywhere: bool,
) -> Result<Answers, Failure> {
    let lane = GilLane::begin(lane, gil.as_ref(), number, switches_anywhere).await?;
    while let Some(Item { work, ticket }) = next_item(&lane, &inner).await? {
        if ticket.begin() {
            let result = caught::run(work(&lane)).await;
            let was_stopped = result == Err(Failure::Stopped);
            ticket.end(result);
            if was_stopped {
                return Err(Failure::Stopped);
            }
        } else {
            lane.row().mark(MarkKind::Cancel, lane.now_nanos());
        }
    }
    lane.end().await?;
    Ok(Vec::new())
}

/// Waits for work; none if there will be no more.
async fn next_item<L: Lane>(lane: &GilLane<L>, inner: &Inner<L>) -> Result<Option<Item<L>>, Stopped> {
    let mut queue = locked(&inner.queue);
    let mut is_counted = false;
    loop {
        if let Some(item) = queue.items.pop_front() {
            return Ok(Some(item));
        }
        if queue.is_shut {
            return Ok(None);
        }
        if !is_counted {
            queue.idle += 1;
            is_counted = true;
        }
        lane.row().enter(State::Idle, None, lane.now_nanos());
        (queue, _) = inner.changed.wait(lane, &inner.queue, queue, None).await?;
    }
}
