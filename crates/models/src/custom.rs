//! The reader's own jobs: from what he has written to what lanes run.

use catalog::{Script, ScriptStep};
use workloads::{Compute, Job, Shared, Step, Work};

const NANOS_PER_MILLI: u64 = 1_000_000;

/// Pages of different jobs differ: each job has so many numbers for its own.
const PAGES_OF_A_JOB: u32 = 1_000;

/// The work that a script stands for.
pub(crate) fn work(script: &Script) -> Work {
    let mut jobs = Vec::new();
    for line in &script.lines {
        for _ in 0..line.jobs {
            let number = jobs.len() as u32;
            let mut next_page = number * PAGES_OF_A_JOB;
            jobs.push(Job { number, steps: steps(&line.steps, &mut next_page) });
        }
    }
    let queues = script.queues.iter().map(|(_, capacity)| *capacity).collect();
    let (cells, locks) = (script.cells.len() as u32, script.locks.len() as u32);
    workloads::custom(jobs, Shared { cells, locks, queues, ..Shared::default() })
}

fn steps(written: &[ScriptStep], next_page: &mut u32) -> Vec<Step> {
    written.iter().map(|step| self::step(step, next_page)).collect()
}

fn step(written: &ScriptStep, next_page: &mut u32) -> Step {
    match *written {
        ScriptStep::Compute(below) => Step::Compute(Compute::Primes { below }),
        ScriptStep::Wait(millis) => Step::Wait { nanos: u64::from(millis) * NANOS_PER_MILLI },
        ScriptStep::Fetch(millis) => {
            let page = *next_page;
            *next_page += 1;
            Step::Fetch { page, nanos: u64::from(millis) * NANOS_PER_MILLI }
        }
        ScriptStep::Yield => Step::Yield,
        ScriptStep::Call => Step::Call,
        ScriptStep::Load(cell) => Step::Load { cell },
        ScriptStep::Add(amount) => Step::Add { amount: amount.into() },
        ScriptStep::Store(cell) => Step::Store { cell },
        ScriptStep::Lock(lock) => Step::Lock { lock },
        ScriptStep::Unlock(lock) => Step::Unlock { lock },
        ScriptStep::Put(queue) => Step::Put { queue },
        ScriptStep::Take(queue) => Step::Take { queue },
        ScriptStep::Repeat(times, ref written) => Step::Repeat { times, steps: steps(written, next_page) },
    }
}
