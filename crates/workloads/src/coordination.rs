//! Jobs that share something: cells that they count in, queues between producers and consumers, forks.

use crate::{Job, Shared, Step, Work, one_each};

/// What stands between reading a shared counter and writing it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Nothing but the addition.
    Nothing,
    /// A call of a function that does nothing.
    Call,
    /// A point where a coroutine lets others run.
    Yield,
    /// Nothing, and all of it is done while a lock is held.
    Lock,
}

/// Every job adds one to the same counter, so many times.
pub fn counter(jobs: u32, times: u32, between: Between) -> Work {
    let (load, add, store) = (Step::Load { cell: 0 }, Step::Add { amount: 1 }, Step::Store { cell: 0 });
    let steps = match between {
        Between::Nothing => vec![load, add, store],
        Between::Call => vec![load, Step::Call, add, store],
        Between::Yield => vec![load, Step::Yield, add, store],
        Between::Lock => vec![Step::Lock { lock: 0 }, load, add, store, Step::Unlock { lock: 0 }],
    };
    Work {
        jobs: one_each(jobs, |_| vec![Step::Repeat { times, steps: steps.clone() }]),
        shared: Shared { cells: 1, locks: u32::from(between == Between::Lock), ..Shared::default() },
        expected: (u64::from(jobs) * u64::from(times)).into(),
        may_lose_updates: between != Between::Lock,
    }
}

/// Half of the jobs put numbers into a queue that holds `capacity`, the other half take them out.
pub fn buffer(jobs: u32, items: u32, capacity: u32) -> Work {
    let consumers = (jobs / 2).max(1);
    let producers = jobs.saturating_sub(consumers).max(1);
    // Each producer puts a share for every consumer, so that both sides come out even whatever their numbers are.
    let (puts, takes) = (items * consumers, items * producers);
    let produce = vec![Step::Add { amount: 1 }, Step::Put { queue: 0 }];
    let steps = |number| {
        if number < producers {
            vec![Step::Repeat { times: puts, steps: produce.clone() }]
        } else {
            vec![Step::Repeat { times: takes, steps: vec![Step::Take { queue: 0 }] }]
        }
    };
    let puts = u64::from(puts);
    Work {
        jobs: one_each(producers + consumers, steps),
        shared: Shared { queues: vec![capacity], ..Shared::default() },
        expected: (u64::from(producers) * (puts * (puts + 1) / 2)).into(),
        may_lose_updates: false,
    }
}

/// How long a philosopher thinks between taking one fork and the next.
const THINKING_NANOS: u64 = 2_000_000;

/// Every job takes the fork on its left, thinks, takes the one on its right, eats and puts both back. When all have
/// taken their left fork, nobody can go on; unless the last one takes its right fork first.
pub fn philosophers(jobs: u32, meals: u32, last_is_left_handed: bool) -> Work {
    let forks = jobs.max(2);
    let steps = |number: u32| {
        let (left, right) = (number, (number + 1) % forks);
        let (first, second) = if last_is_left_handed && right < left { (right, left) } else { (left, right) };
        let meal = vec![
            Step::Lock { lock: first },
            Step::Wait { nanos: THINKING_NANOS },
            Step::Lock { lock: second },
            Step::Call,
            Step::Unlock { lock: second },
            Step::Unlock { lock: first },
        ];
        vec![Step::Repeat { times: meals, steps: meal }]
    };
    let jobs: Vec<Job> = one_each(jobs, steps);
    let waits = jobs.len() as u64 * u64::from(meals);
    Work { jobs, shared: Shared { locks: forks, ..Shared::default() }, expected: waits.into(), may_lose_updates: false }
}

/// Every job hands a further one to whoever runs it, and waits until that has looked for primes below `below`.
pub fn nested(jobs: u32, below: u32) -> Work {
    let work = crate::primes(jobs, below);
    let hand_in = |job: Job| {
        let number = job.number;
        Job { number, steps: vec![Step::HandIn { job: Box::new(Job { number: jobs + number, ..job }) }] }
    };
    Work {
        jobs: work.jobs.into_iter().map(hand_in).collect(),
        shared: Shared { further_jobs: jobs, ..Shared::default() },
        expected: work.expected,
        may_lose_updates: false,
    }
}

/// Some jobs compute for as long as it takes; the others do a little and wait a little, again and again, as a server that
/// answers small questions does.
pub fn echoes(jobs: u32, round_trips: u32, below: u32) -> Work {
    let work = crate::primes(jobs, below);
    let echoing = vec![Step::Call, Step::Wait { nanos: 100_000 }];
    let mut jobs = work.jobs;
    let computing = jobs.len().saturating_sub(1) as u64;
    if let Some(first) = jobs.first_mut() {
        first.steps = vec![Step::Repeat { times: round_trips, steps: echoing }];
    }
    let expected =
        crate::Known::later(move || computing * crate::primes(1, below).expected.answer() + u64::from(round_trips));
    Work { jobs, shared: Shared::default(), expected, may_lose_updates: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_out_even() {
        for jobs in 2..9 {
            let work = buffer(jobs, 5, 3);
            let count = |wanted: &Step| -> u64 {
                let in_job = |job: &Job| match &job.steps[0] {
                    Step::Repeat { times, steps } if steps.contains(wanted) => u64::from(*times),
                    _ => 0,
                };
                work.jobs.iter().map(in_job).sum()
            };
            assert_eq!(count(&Step::Put { queue: 0 }), count(&Step::Take { queue: 0 }), "{jobs} jobs");
        }
    }

    #[test]
    fn one_philosopher_reaches_the_other_way() {
        let first_fork = |work: &Work, number: usize| match &work.jobs[number].steps[0] {
            Step::Repeat { steps, .. } => steps[0].clone(),
            _ => unreachable!("a philosopher repeats a meal"),
        };
        assert_eq!(first_fork(&philosophers(5, 1, false), 4), Step::Lock { lock: 4 });
        assert_eq!(first_fork(&philosophers(5, 1, true), 4), Step::Lock { lock: 0 });
    }
}
