//! Continuation passing: each job is a chain of callbacks on one event loop, of which each asks for the next. No coroutine
//! is anywhere; where one would wait, a callback returns, and what comes after the wait is another callback.
//!
//! ```text
//!   call_soon ──▶ ▢ ── waits for time ──▶ call_later ──▶ ▢ ── waits for a lock ──▶ call_when ──▶ ▢ ──▶ over
//! ```
//!
//! A callback runs until its job has to wait, and holds the loop while it computes, as a coroutine does. It differs where
//! something goes wrong: a callback that fails has nobody to raise to, because whoever asked for it has returned long ago.
//! The loop's exception handler is told, and it ends the run.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use catalog::STEP_NANOS;
use trace::{Failure, LaneKind, MarkKind, State, Wait};
use workloads::{Advance, Job, Kernel, page_text};

use crate::compute::Quantum;
use crate::program::{Debt, Next, Program};
use crate::request::{Arrived, PATIENCE_NANOS, read};
use crate::shared::Obstructed;
use crate::{EventLoop, Lane, Row, Shared};

/// What the chains of a run have in common.
struct All {
    answers: RefCell<Vec<u64>>,
    left: Cell<usize>,
    failure: RefCell<Option<Failure>>,
}

/// Called back with an answer.
type Over = Box<dyn FnOnce(u64)>;

/// One job.
struct Chain<L: Lane> {
    lane: L,
    event_loop: EventLoop<L>,
    row: Row,
    shared: Shared,
    job: u32,
    program: RefCell<Program>,
    debt: RefCell<Debt>,
    /// Called back with the answer.
    over: Cell<Option<Over>>,
}

pub(crate) async fn run<L: Lane>(lane: &L, jobs: &[Job], shared: &Shared) -> Result<Vec<u64>, Failure> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let event_loop = EventLoop::new(lane.clone());
    let all = Rc::new(All {
        answers: RefCell::new(vec![0; jobs.len()]),
        left: Cell::new(jobs.len()),
        failure: RefCell::default(),
    });
    let (told, stopping) = (all.clone(), event_loop.clone());
    event_loop.set_exception_handler(move |failure| {
        let message = failure.to_string();
        told.failure.borrow_mut().get_or_insert(Failure::Unhandled { message });
        stopping.stop();
    });
    for (index, job) in jobs.iter().enumerate() {
        event_loop.breathe_at(index).await?;
        let row = lane.further_row(LaneKind::Chain, job.number + 1);
        let (all, stopping, own_row, own_lane) = (all.clone(), event_loop.clone(), row.clone(), lane.clone());
        let chain = Chain::of(lane, &event_loop, row, shared, job, move |answer| {
            all.answers.borrow_mut()[index] = answer;
            all.left.set(all.left.get() - 1);
            own_row.leave(own_lane.now_nanos());
            if all.left.get() == 0 {
                stopping.stop();
            }
        });
        event_loop.call_soon(move || chain.go_on());
    }
    let ended = event_loop.run_forever().await;
    event_loop.close();
    ended?;
    match all.failure.take() {
        Some(failure) => Err(failure),
        None => Ok(all.answers.take()),
    }
}

impl<L: Lane> Chain<L> {
    fn of(
        lane: &L,
        event_loop: &EventLoop<L>,
        row: Row,
        shared: &Shared,
        job: &Job,
        over: impl FnOnce(u64) + 'static,
    ) -> Rc<Chain<L>> {
        Rc::new(Chain {
            lane: lane.clone(),
            event_loop: event_loop.clone(),
            row,
            shared: shared.clone(),
            job: job.number,
            program: RefCell::new(Program::of(job)),
            debt: RefCell::new(Debt::new(lane.quantum_nanos(), job.number)),
            over: Cell::new(Some(Box::new(over))),
        })
    }

    /// Runs until the job has to wait, and asks for what comes then.
    fn go_on(self: Rc<Self>) {
        loop {
            let next = self.program.borrow_mut().next(&self.shared);
            match next {
                Next::Between => {}
                Next::Instruction(_) => {
                    if self.owes_for_an_instruction() {
                        return self.pay(Chain::go_on);
                    }
                }
                Next::Compute(kernel, _) => return self.pay(move |chain| chain.compute(kernel)),
                Next::Fetch(page, nanos) => return self.pay(move |chain| chain.fetch(page, nanos)),
                Next::Wait(nanos) => return self.pay(move |chain| chain.sleep(nanos)),
                Next::Yield => return self.pay(Chain::give_way),
                Next::Lock(lock) if self.shared.try_lock(self.job, lock) => {
                    if self.owes_for_an_instruction() {
                        return self.pay(Chain::go_on);
                    }
                }
                Next::Lock(lock) => return self.pay(move |chain| chain.lock(lock)),
                Next::Put(queue, value) => return self.pay(move |chain| chain.put(queue, value)),
                Next::Take(queue) => return self.pay(move |chain| chain.take(queue)),
                Next::HandIn(job) => return self.pay(move |chain| chain.hand_in(&job)),
                Next::End => return self.pay(|chain| chain.end()),
            }
        }
    }

    fn enter(&self, state: State) {
        self.row.enter(state, Some(self.job), self.lane.now_nanos());
    }

    /// Whether it is time to pay.
    fn owes_for_an_instruction(&self) -> bool {
        let mut debt = self.debt.borrow_mut();
        if debt.is_empty() {
            self.enter(State::Computing);
        }
        self.lane.spend(STEP_NANOS);
        debt.grow()
    }

    /// Pays what is owed and goes on with `then`, holding the loop.
    fn pay(self: Rc<Self>, then: impl FnOnce(Rc<Self>) + 'static) {
        let owed = self.debt.borrow_mut().pay();
        if owed == 0 {
            return then(self);
        }
        let event_loop = self.event_loop.clone();
        event_loop.go_on_holding(owed, move || then(self));
    }

    fn begin_to_wait(&self, wait: Wait) {
        self.row.wait(wait, Some(self.job), self.lane.now_nanos());
    }

    fn wake(self: Rc<Self>) {
        self.row.mark(MarkKind::Wake, self.lane.now_nanos());
        self.go_on();
    }

    fn compute(self: Rc<Self>, kernel: Kernel) {
        self.enter(State::Computing);
        let quantum = Quantum::new(self.lane.quantum_nanos(), kernel.unit_nanos());
        self.advance(kernel, quantum);
    }

    /// One quantum after another, each the end of the one before.
    fn advance(self: Rc<Self>, mut kernel: Kernel, mut quantum: Quantum) {
        let before = self.lane.now_nanos();
        let Advance { units, is_done } = kernel.advance(quantum.units);
        let (event_loop, cost) = (self.event_loop.clone(), units * kernel.unit_nanos());
        event_loop.go_on_holding(cost, move || {
            quantum.correct(self.lane.now_nanos().saturating_sub(before));
            if is_done {
                self.program.borrow_mut().earn(kernel.answer());
                self.go_on();
            } else {
                self.advance(kernel, quantum);
            }
        });
    }

    fn sleep(self: Rc<Self>, nanos: u64) {
        self.begin_to_wait(Wait::ForTime);
        let event_loop = self.event_loop.clone();
        event_loop.call_later(nanos, move || {
            self.program.borrow_mut().earn(1);
            self.wake();
        });
    }

    fn fetch(self: Rc<Self>, page: u32, nanos: u64) {
        self.begin_to_wait(Wait::ForPage);
        let event_loop = self.event_loop.clone();
        match self.lane.request(page, nanos) {
            Some(request) => {
                let late = request.clone();
                let give_up = move || late.answer(late.take());
                event_loop.call_later(nanos.saturating_add(PATIENCE_NANOS), give_up);
                let signal = request.signal().clone();
                event_loop.call_when(&signal, move || self.receive(page, request.take()));
            }
            None => {
                event_loop.call_later(nanos, move || self.receive(page, Ok(page_text(page))));
            }
        }
    }

    /// Goes on with a page that has come. Where it has not, the run is over.
    fn receive(self: Rc<Self>, page: u32, arrived: Arrived) {
        match read(page, arrived) {
            Ok(page) => {
                self.program.borrow_mut().receive(page);
                self.wake();
            }
            Err(failure) => {
                self.shared.fail(failure);
                self.event_loop.stop();
            }
        }
    }

    fn give_way(self: Rc<Self>) {
        self.begin_to_wait(Wait::ForTurn);
        let event_loop = self.event_loop.clone();
        event_loop.call_soon(move || self.go_on());
    }

    /// Tries again when something has changed.
    fn retry(self: Rc<Self>, obstructed: &Obstructed, again: impl FnOnce(Rc<Self>) + 'static) {
        self.begin_to_wait(obstructed.wait);
        let event_loop = self.event_loop.clone();
        event_loop.call_when(&obstructed.signal, move || {
            self.row.mark(MarkKind::Wake, self.lane.now_nanos());
            again(self);
        });
    }

    /// An instruction's cost after what has been waited for.
    fn go_on_after_an_instruction(self: Rc<Self>) {
        if self.owes_for_an_instruction() { self.pay(Chain::go_on) } else { self.go_on() }
    }

    fn lock(self: Rc<Self>, lock: u32) {
        match self.shared.lock_now(self.job, lock) {
            Ok(()) => self.go_on_after_an_instruction(),
            Err(obstructed) => self.retry(&obstructed, move |chain| chain.lock(lock)),
        }
    }

    fn put(self: Rc<Self>, queue: u32, value: u64) {
        match self.shared.put_now(self.job, queue, value) {
            Ok(()) => self.go_on_after_an_instruction(),
            Err(obstructed) => self.retry(&obstructed, move |chain| chain.put(queue, value)),
        }
    }

    fn take(self: Rc<Self>, queue: u32) {
        match self.shared.take_now(self.job, queue) {
            Ok(value) => {
                self.program.borrow_mut().earn(value);
                self.go_on_after_an_instruction();
            }
            Err(obstructed) => self.retry(&obstructed, move |chain| chain.take(queue)),
        }
    }

    /// A chain within the chain, on the same row, that calls back at its end.
    fn hand_in(self: Rc<Self>, job: &Job) {
        let (lane, event_loop) = (self.lane.clone(), self.event_loop.clone());
        let (row, shared) = (self.row.clone(), self.shared.clone());
        let inner = Chain::of(&lane, &event_loop, row, &shared, job, move |answer| {
            self.program.borrow_mut().earn(answer);
            self.go_on_after_an_instruction();
        });
        inner.go_on();
    }

    fn end(&self) {
        self.row.enter(State::Idle, None, self.lane.now_nanos());
        self.lane.job_done();
        let answer = self.program.borrow().answer();
        if let Some(over) = self.over.take() {
            over(answer);
        }
    }
}
