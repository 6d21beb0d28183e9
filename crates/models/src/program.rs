//! A job's steps as a list with jumps, and how far it has come: what the drivers of jobs have in common, whether they
//! wait by `await` or by callbacks.

use catalog::STEP_NANOS;
use workloads::{Compute, Job, Kernel, Page, Step};

use crate::{CheckPoint, Shared};

/// A job's steps with their repetitions unrolled into jumps, its register, and what it has come to.
pub(crate) struct Program {
    operations: Vec<Operation>,
    at: usize,
    /// How often each repetition around the next operation is still to be done, the innermost last.
    left: Vec<u32>,
    /// The driver knows that the next step is one of the job's own list.
    is_announced: bool,
    register: u64,
    answer: u64,
    /// The page that was fetched last.
    page: Option<Page>,
}

enum Operation {
    Do(Step),
    /// Begins what ends before `behind`.
    Repeat {
        times: u32,
        behind: usize,
    },
    /// Goes back to `first` unless that has been done often enough.
    Again {
        first: usize,
    },
}

/// What a program needs its driver to do before it can go on.
pub(crate) enum Next {
    /// Compute, and tell the answer. Where the step says it all, so that others could begin it anew, it comes along.
    Compute(Kernel, Option<Compute>),
    /// Fetch the page, which is answered after so long, and hand it over.
    Fetch(u32, u64),
    /// Let so much time pass.
    Wait(u64),
    /// Give others a turn.
    Yield,
    /// Nothing but what an instruction costs: it is done already.
    Instruction(CheckPoint),
    /// Take the lock; then an instruction's cost.
    Lock(u32),
    /// Put the number into the queue; then an instruction's cost.
    Put(u32, u64),
    /// Take a number out of the queue and tell it; then an instruction's cost.
    Take(u32),
    /// Hand in a further job and tell its answer; then an instruction's cost.
    HandIn(Box<Job>),
    /// Nothing: one step of the job's own list is done, and another follows.
    Between,
    /// Nothing: the job is over.
    End,
}

impl Program {
    pub(crate) fn of(job: &Job) -> Program {
        let mut operations = Vec::with_capacity(job.steps.len());
        unroll(&job.steps, &mut operations);
        Program { operations, at: 0, left: Vec::new(), is_announced: false, register: 0, answer: 0, page: None }
    }

    /// Goes on to where the driver has to do something.
    pub(crate) fn next(&mut self, shared: &Shared) -> Next {
        loop {
            let Some(operation) = self.operations.get(self.at) else { return Next::End };
            if self.left.is_empty() && self.at > 0 && !std::mem::replace(&mut self.is_announced, true) {
                return Next::Between;
            }
            self.is_announced = false;
            self.at += 1;
            match operation {
                Operation::Repeat { times: 0, behind } => self.at = *behind,
                Operation::Repeat { times, .. } => self.left.push(*times),
                Operation::Again { first } => match self.left.last_mut() {
                    Some(left) if *left > 1 => {
                        *left -= 1;
                        self.at = *first;
                        return Next::Instruction(CheckPoint::Jump);
                    }
                    _ => {
                        self.left.pop();
                    }
                },
                Operation::Do(step) => return do_step(step, &mut self.register, self.page.as_ref(), shared),
            }
        }
    }

    /// Adds what a step has come to.
    pub(crate) fn earn(&mut self, answer: u64) {
        self.answer = self.answer.wrapping_add(answer);
    }

    /// Takes a page that has been fetched; what stands on it is the step's answer.
    pub(crate) fn receive(&mut self, page: Page) {
        self.earn(page.sum());
        self.page = Some(page);
    }

    pub(crate) fn answer(&self) -> u64 {
        self.answer
    }
}

fn do_step(step: &Step, register: &mut u64, page: Option<&Page>, shared: &Shared) -> Next {
    match *step {
        Step::Compute(what) => Next::Compute(what.kernel(), Some(what)),
        Step::Fetch { page, nanos } => Next::Fetch(page, nanos),
        // Without a page there is nothing to read.
        Step::Read { times } => {
            page.map_or(Next::Instruction(CheckPoint::Call), |page| Next::Compute(page.reading(times), None))
        }
        Step::Wait { nanos } => Next::Wait(nanos),
        Step::Yield => Next::Yield,
        Step::Load { cell } => {
            *register = shared.load(cell);
            Next::Instruction(CheckPoint::Instruction)
        }
        Step::Add { amount } => {
            *register = register.wrapping_add(amount);
            Next::Instruction(CheckPoint::Instruction)
        }
        Step::Store { cell } => {
            shared.store(cell, *register);
            Next::Instruction(CheckPoint::Instruction)
        }
        Step::Call => Next::Instruction(CheckPoint::Call),
        Step::Lock { lock } => Next::Lock(lock),
        Step::Unlock { lock } => {
            shared.unlock(lock);
            Next::Instruction(CheckPoint::Call)
        }
        Step::Put { queue } => Next::Put(queue, *register),
        Step::Take { queue } => Next::Take(queue),
        Step::HandIn { ref job } => Next::HandIn(job.clone()),
        Step::Repeat { .. } => unreachable!("`unroll` leaves none"),
    }
}

fn unroll(steps: &[Step], operations: &mut Vec<Operation>) {
    for step in steps {
        if let Step::Repeat { times, steps } = step {
            let start = operations.len();
            operations.push(Operation::Repeat { times: *times, behind: start });
            unroll(steps, operations);
            operations.push(Operation::Again { first: start + 1 });
            operations[start] = Operation::Repeat { times: *times, behind: operations.len() };
        } else {
            operations.push(Operation::Do(step.clone()));
        }
    }
}

/// What a job owes its lane for the instructions since the last quantum, by statement.
pub(crate) struct Debt {
    owed_nanos: u64,
    /// How much may be owed.
    limit_nanos: u64,
    longest_nanos: u64,
    /// Where the limits come from.
    dice: u64,
}

impl Debt {
    pub(crate) fn new(quantum_nanos: u64, job: u32) -> Debt {
        Debt { owed_nanos: 0, limit_nanos: quantum_nanos, longest_nanos: quantum_nanos, dice: u64::from(job) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.owed_nanos == 0
    }

    /// Owes for one more instruction. Whether it is time to pay.
    pub(crate) fn grow(&mut self) -> bool {
        self.owed_nanos += STEP_NANOS;
        self.owed_nanos >= self.limit_nanos
    }

    /// What is owed, and no longer is. The next limit is something between a half and a whole quantum: if all were as long
    /// as some number of a loop's rounds, they would all end at the same step; virtual time passes only there, and a request
    /// to switch would never be seen at any other step.
    pub(crate) fn pay(&mut self) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.limit_nanos = self.longest_nanos - (self.dice >> 33) % (self.longest_nanos / 2).max(1);
        std::mem::take(&mut self.owed_nanos)
    }
}
