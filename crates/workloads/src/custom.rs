//! Jobs that somebody else has put together, and what must become of them.
//!
//! What they come to is reckoned job by job, without lanes, and as far as it does not depend on who comes first:
//!
//! - Computing, waiting and fetching always come to the same.
//! - A cell to which every job only adds (load, add, store) ends with the sum of all that is added. Where one lock is held
//!   from each load to its store, or only one job uses the cell, that is exact; elsewhere updates may get lost.
//! - A queue whose values are known when they are put gives what was put, if everything is taken or all values are equal.
//!
//! Other cells and queues are not checked: what they come to is a matter of order.

use std::collections::BTreeMap;

use crate::{Compute, Job, Known, Shared, Step, Unchecked, Work, pages, primes};

/// Jobs of any steps together with what is known of their answer.
pub fn custom(jobs: Vec<Job>, shared: Shared) -> Work {
    let mut reckoning = Reckoning::new(&jobs, &shared);
    for job in &jobs {
        reckoning.follow(job);
    }
    let (known, may_lose_updates, unchecked) = reckoning.result();
    let parts = reckoning.primes.into_iter().map(|(below, times)| times * primes::by_sieve(below));
    let expected = Known::in_parts(parts.chain(std::iter::once(known)));
    Work { jobs, shared: Shared { unchecked, ..shared }, expected, may_lose_updates }
}

/// What is known of the value in a register.
#[derive(Clone, Copy, PartialEq)]
enum Value {
    /// All.
    Known(u64),
    /// It is what was loaded from a cell and something more. `guards` are the locks held ever since.
    Loaded { cell: u32, more: u64, guards: u64 },
}

/// What is known of a cell.
#[derive(Clone, Copy)]
struct Cell {
    /// Its value, if only one job uses it.
    own: Option<u64>,
    /// What is added to it in all.
    added: u64,
    /// The locks that are held during each of its updates.
    guards: u64,
    /// Whether only one job stores into it, so that nothing it has added can be overwritten.
    has_one_writer: bool,
    /// Something else than an update is stored in it.
    is_overwritten: bool,
}

/// What is known of a queue.
#[derive(Clone, Copy, Default)]
struct Queue {
    puts: u64,
    takes: u64,
    sum: u64,
    /// The value of every put so far; absent before the first.
    value: Option<u64>,
    /// Two values differ.
    has_different: bool,
    /// A value is put that is not known.
    has_unknown: bool,
}

struct Reckoning {
    answer: u64,
    /// How often primes are counted, by the number below which they are.
    primes: BTreeMap<u32, u64>,
    cells: Vec<Cell>,
    queues: Vec<Queue>,
    /// Locks that some job gives back without having them, so that they guard nothing.
    given_away: u64,
}

/// Locks as bits; those beyond the last bit guard nothing.
fn bit(lock: u32) -> u64 {
    1u64.checked_shl(lock).unwrap_or(0)
}

/// Whether some of the steps, or of those that they repeat, are such.
fn any(steps: &[Step], is_such: &dyn Fn(&Step) -> bool) -> bool {
    steps.iter().any(|step| match step {
        Step::Repeat { steps, .. } => any(steps, is_such),
        step => is_such(step),
    })
}

impl Reckoning {
    fn new(jobs: &[Job], shared: &Shared) -> Reckoning {
        let cell = |number: u32| {
            let jobs_that =
                |is_such: &dyn Fn(&Step) -> bool| jobs.iter().filter(|job| any(&job.steps, is_such)).count();
            let writers = jobs_that(&|step| matches!(step, Step::Store { cell } if *cell == number));
            let users =
                jobs_that(&|step| matches!(step, Step::Load { cell } | Step::Store { cell } if *cell == number));
            let own = (users <= 1).then_some(0);
            Cell { own, added: 0, guards: u64::MAX, has_one_writer: writers <= 1, is_overwritten: false }
        };
        Reckoning {
            answer: 0,
            primes: BTreeMap::new(),
            cells: (0..shared.cells).map(cell).collect(),
            queues: vec![Queue::default(); shared.queues.len()],
            given_away: 0,
        }
    }

    fn follow(&mut self, job: &Job) {
        let (mut register, mut held) = (Value::Known(0), 0);
        self.steps(&job.steps, &mut register, &mut held);
    }

    fn steps(&mut self, steps: &[Step], register: &mut Value, held: &mut u64) {
        for step in steps {
            self.step(step, register, held);
        }
    }

    fn step(&mut self, step: &Step, register: &mut Value, held: &mut u64) {
        match step {
            Step::Compute(Compute::Primes { below }) => *self.primes.entry(*below).or_default() += 1,
            Step::Compute(other) => self.answer = self.answer.wrapping_add(all_of(*other)),
            Step::Wait { .. } => self.answer = self.answer.wrapping_add(1),
            Step::Fetch { page, .. } => self.answer = self.answer.wrapping_add(pages::by_formula(*page)),
            // A page to read is only there where one was fetched; no text of a reader's has this step.
            Step::Read { .. } | Step::Yield | Step::Call => {}
            Step::Load { cell } => {
                *register = match self.cells[*cell as usize].own {
                    Some(value) => Value::Known(value),
                    None => Value::Loaded { cell: *cell, more: 0, guards: *held },
                };
            }
            Step::Add { amount } => match register {
                Value::Known(value) => *value = value.wrapping_add(*amount),
                Value::Loaded { more, .. } => *more = more.wrapping_add(*amount),
            },
            Step::Store { cell } => *register = self.store(*cell, *register, *held),
            Step::Lock { lock } => *held |= bit(*lock),
            Step::Unlock { lock } => {
                if *held & bit(*lock) == 0 {
                    self.given_away |= bit(*lock);
                }
                *held &= !bit(*lock);
                if let Value::Loaded { guards, .. } = register {
                    *guards &= *held;
                }
            }
            Step::Put { queue } => self.put(*queue, *register),
            Step::Take { queue } => self.queues[*queue as usize].takes += 1,
            Step::HandIn { job } => self.follow(job),
            Step::Repeat { times, steps } => (0..*times).for_each(|_| self.steps(steps, register, held)),
        }
    }

    /// What the register is after it has been stored: as if it had just been loaded.
    fn store(&mut self, number: u32, register: Value, held: u64) -> Value {
        let cell = &mut self.cells[number as usize];
        match (register, cell.own) {
            (Value::Known(value), Some(_)) => {
                cell.own = Some(value);
                register
            }
            (Value::Loaded { cell: from, more, guards }, None) if from == number => {
                cell.added = cell.added.wrapping_add(more);
                cell.guards &= guards;
                Value::Loaded { cell: number, more: 0, guards: held }
            }
            _ => {
                cell.is_overwritten = true;
                register
            }
        }
    }

    fn put(&mut self, number: u32, register: Value) {
        let queue = &mut self.queues[number as usize];
        queue.puts += 1;
        match register {
            Value::Known(value) => {
                queue.sum = queue.sum.wrapping_add(value);
                queue.has_different |= queue.value.is_some_and(|before| before != value);
                queue.value = Some(value);
            }
            Value::Loaded { .. } => queue.has_unknown = true,
        }
    }

    /// What the answers come to as far as they are checked, whether updates may get lost, and what is not checked.
    fn result(&self) -> (u64, bool, Unchecked) {
        let (mut known, mut may_lose_updates, mut unchecked) = (self.answer, false, Unchecked::default());
        for (number, cell) in (0..).zip(&self.cells) {
            if cell.is_overwritten {
                unchecked.cells.push(number);
                continue;
            }
            known = known.wrapping_add(cell.own.unwrap_or(cell.added));
            may_lose_updates |= !cell.has_one_writer && cell.guards & !self.given_away == 0;
        }
        for (number, queue) in (0..).zip(&self.queues) {
            let taken = match queue.value {
                _ if queue.has_unknown => None,
                _ if queue.puts == queue.takes => Some(queue.sum),
                Some(value) if !queue.has_different => Some(value.wrapping_mul(queue.takes)),
                // Nobody puts anything, so nobody takes anything.
                None => Some(0),
                Some(_) => None,
            };
            match taken {
                Some(taken) => known = known.wrapping_add(taken),
                None => unchecked.queues.push(number),
            }
        }
        (known, may_lose_updates, unchecked)
    }
}

/// The answer of a computation for which there is no other way here.
fn all_of(compute: Compute) -> u64 {
    let mut kernel = compute.kernel();
    while !kernel.advance(u64::MAX).is_done {}
    kernel.answer()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: u32 = 0;

    fn add(amount: u64) -> Vec<Step> {
        vec![Step::Load { cell: CELL }, Step::Add { amount }, Step::Store { cell: CELL }]
    }

    fn locked(steps: Vec<Step>) -> Vec<Step> {
        let mut all = vec![Step::Lock { lock: 0 }];
        all.extend(steps);
        all.push(Step::Unlock { lock: 0 });
        all
    }

    /// The known answer, whether updates may get lost, and how many cells and queues are not checked.
    fn known(jobs: Vec<Vec<Step>>) -> (u64, bool, [usize; 2]) {
        let jobs = (0..).zip(jobs).map(|(number, steps)| Job { number, steps }).collect();
        let shared = Shared { cells: 1, locks: 1, queues: vec![2], ..Shared::default() };
        let work = custom(jobs, shared);
        let unchecked = &work.shared.unchecked;
        (work.expected.answer(), work.may_lose_updates, [unchecked.cells.len(), unchecked.queues.len()])
    }

    #[test]
    fn what_everybody_adds_is_known_and_may_get_lost_without_a_lock() {
        assert_eq!(known(vec![add(1), add(2)]), (3, true, [0, 0]));
        assert_eq!(known(vec![locked(add(1)), locked(add(2))]), (3, false, [0, 0]));
        assert_eq!(known(vec![locked(add(1)), add(2)]), (3, true, [0, 0]));
        // Given back and taken again between load and store.
        let interrupted = [
            locked(vec![Step::Load { cell: CELL }]),
            locked(vec![Step::Add { amount: 1 }, Step::Store { cell: CELL }]),
        ];
        assert_eq!(known(vec![interrupted.concat(), locked(add(2))]), (3, true, [0, 0]));
        // Somebody gives back a lock that he does not have.
        assert_eq!(known(vec![locked(add(1)), locked(add(2)), vec![Step::Unlock { lock: 0 }]]), (3, true, [0, 0]));
        // Storing twice after one load adds only once more.
        let twice = [add(1), vec![Step::Add { amount: 1 }, Step::Store { cell: CELL }]].concat();
        assert_eq!(known(vec![locked(twice), locked(add(1))]), (3, false, [0, 0]));
    }

    #[test]
    fn a_cell_of_one_job_is_a_variable_and_one_that_is_overwritten_is_not_checked() {
        let overwrite = vec![Step::Add { amount: 7 }, Step::Store { cell: CELL }];
        assert_eq!(known(vec![[add(5), overwrite.clone()].concat()]), (12, false, [0, 0]));
        assert_eq!(known(vec![add(5), overwrite]), (0, false, [1, 0]));
    }

    #[test]
    fn queues_give_what_was_put() {
        let put = |amount| vec![Step::Add { amount }, Step::Put { queue: 0 }];
        let take = |times| vec![Step::Repeat { times, steps: vec![Step::Take { queue: 0 }] }];
        assert_eq!(known(vec![put(3), put(4), take(2)]), (7, false, [0, 0]));
        assert_eq!(known(vec![put(3), put(4), take(1)]), (0, false, [0, 1]));
        assert_eq!(known(vec![put(3), put(3), take(1)]), (3, false, [0, 0]));
        let load = vec![Step::Load { cell: CELL }, Step::Put { queue: 0 }];
        assert_eq!(known(vec![load, add(1), take(1)]), (1, false, [0, 1]));
    }

    #[test]
    fn waits_primes_and_pages_are_always_known() {
        let steps = vec![
            Step::Repeat { times: 3, steps: vec![Step::Compute(Compute::Primes { below: 100 })] },
            Step::Wait { nanos: 5 },
            Step::Fetch { page: 1, nanos: 5 },
        ];
        let page = crate::Page::written(1).sum();
        assert_eq!(known(vec![steps.clone(), steps]), (2 * (3 * 25 + 1 + page), false, [0, 0]));
    }
}
