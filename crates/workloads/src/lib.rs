//! The work itself: pure, resumable, with known answers.
//!
//! A workload is jobs, a job is steps, and a computing step is a [`Kernel`] that runs piece by piece: `advance` does so
//! many units and returns, so that whoever drives it can pause, switch or stop without touching the arithmetic.

mod primes;

/// One piece of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Counted from zero.
    pub number: u32,
    /// What it does, in order.
    pub steps: Vec<Step>,
}

/// One part of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Keep a processor busy. Its answer is the kernel's.
    Compute(Compute),
    /// Let time pass. Its answer is one.
    Wait {
        /// How long.
        nanos: u64,
    },
}

/// What a computing step computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compute {
    /// The number of primes below a number.
    Primes {
        /// The first number that is not looked at.
        below: u32,
    },
}

impl Compute {
    /// The computation, not begun.
    pub fn kernel(self) -> Kernel {
        match self {
            Compute::Primes { below } => Kernel::Primes(primes::TrialDivision::new(below)),
        }
    }
}

/// A computation that can be left and taken up again.
pub enum Kernel {
    /// Counts primes.
    Primes(primes::TrialDivision),
}

impl Kernel {
    /// Does at most `units` more and says whether there is nothing left to do. A unit takes well under ten microseconds.
    pub fn advance(&mut self, units: u64) -> bool {
        match self {
            Kernel::Primes(primes) => primes.advance(units),
        }
    }

    /// The answer, once `advance` has said that nothing is left to do.
    pub fn answer(&self) -> u64 {
        match self {
            Kernel::Primes(primes) => primes.found(),
        }
    }

    /// What a unit costs by statement: the price in virtual time, and the first guess in real time.
    pub fn unit_nanos(&self) -> u64 {
        match self {
            Kernel::Primes(_) => 100,
        }
    }
}

/// The jobs of a workload together with their known answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The jobs, by number.
    pub jobs: Vec<Job>,
    /// The sum of all answers, found in another way than the jobs find it.
    pub expected: u64,
}

fn identical(count: u32, step: &Step) -> Vec<Job> {
    (0..count).map(|number| Job { number, steps: vec![step.clone()] }).collect()
}

/// Every job counts the primes below `below`.
pub fn primes(jobs: u32, below: u32) -> Work {
    Work {
        jobs: identical(jobs, &Step::Compute(Compute::Primes { below })),
        expected: u64::from(jobs) * primes::by_sieve(below),
    }
}

/// Every job sleeps for `nanos`.
pub fn sleeping(jobs: u32, nanos: u64) -> Work {
    Work { jobs: identical(jobs, &Step::Wait { nanos }), expected: u64::from(jobs) }
}
