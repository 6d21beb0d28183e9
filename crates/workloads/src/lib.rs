//! The work itself: pure, resumable, with known answers.
//!
//! A workload is jobs, a job is steps, and a computing step is a [`Kernel`] that runs piece by piece: `advance` does so
//! many units and returns, so that whoever drives it can pause, switch or stop without touching the arithmetic.

mod arithmetic;
mod coordination;
mod custom;
mod integral;
mod kernel;
mod known;
mod mandelbrot;
mod matrix;
mod monte_carlo;
mod pages;
mod primes;
mod queens;
mod random;
mod sha256;
mod sorting;

pub use arithmetic::arithmetic_loop;
pub use coordination::{Between, buffer, counter, echoes, nested, philosophers};
pub use custom::custom;
pub use integral::integral;
pub use kernel::{Advance, Compute, Kernel};
pub use known::Known;
pub use mandelbrot::{Band, mandelbrot};
pub use matrix::matrix;
pub use monte_carlo::monte_carlo_pi;
pub use pages::{Page, fetching, fetching_and_reading, page_text};
pub use primes::primes;
pub use queens::queens;
pub use sha256::sha256;
pub use sorting::sorting;

/// One piece of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Counted from zero.
    pub number: u32,
    /// What it does, in order.
    pub steps: Vec<Step>,
}

impl Job {
    /// What its steps, and those of jobs that it hands in, compute, in order and without repetition.
    pub fn computations(&self) -> Vec<Compute> {
        fn collect(steps: &[Step], found: &mut Vec<Compute>) {
            for step in steps {
                match step {
                    Step::Compute(what) if !found.contains(what) => found.push(*what),
                    Step::Repeat { steps, .. } => collect(steps, found),
                    Step::HandIn { job } => collect(&job.steps, found),
                    _ => {}
                }
            }
        }
        let mut found = Vec::new();
        collect(&self.steps, &mut found);
        found
    }
}

/// One part of a job. A job has one register, which begins at zero; the job's answer is the sum of the answers of its
/// steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Keep a processor busy. Its answer is the kernel's.
    Compute(Compute),
    /// Let time pass. Its answer is one.
    Wait {
        /// How long.
        nanos: u64,
    },
    /// Ask for a page and wait until it is there. Its answer is what everything on the page costs.
    Fetch {
        /// Which page.
        page: u32,
        /// How long the answer takes.
        nanos: u64,
    },
    /// Keep a processor busy with the page that was fetched last. Its answer is what everything on it costs, each time.
    Read {
        /// How often it is read.
        times: u32,
    },
    /// Give others a turn: `await sleep(0)` in a coroutine, nothing in a thread.
    Yield,
    /// Copy a shared cell into the register.
    Load {
        /// Which cell.
        cell: u32,
    },
    /// Add to the register.
    Add {
        /// How much.
        amount: u64,
    },
    /// Copy the register into a shared cell.
    Store {
        /// Which cell.
        cell: u32,
    },
    /// Call a function that does nothing: a place where an interpreter may switch threads.
    Call,
    /// Wait until nobody has the lock and take it.
    Lock {
        /// Which lock.
        lock: u32,
    },
    /// Give the lock back.
    Unlock {
        /// Which lock.
        lock: u32,
    },
    /// Wait until the queue has room and put the register into it.
    Put {
        /// Which queue.
        queue: u32,
    },
    /// Wait until there is something in the queue and take it. Its answer is what it took.
    Take {
        /// Which queue.
        queue: u32,
    },
    /// Hand a further job to whoever runs this one, and wait for it. Its answer is the other job's.
    HandIn {
        /// The job; its number is beyond those of the work's own.
        job: Box<Job>,
    },
    /// Do the same again and again, with a jump back after each time.
    Repeat {
        /// How often.
        times: u32,
        /// What.
        steps: Vec<Step>,
    },
}

/// What the jobs of a workload share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// How many cells there are; each begins at zero.
    pub cells: u32,
    /// How many locks there are.
    pub locks: u32,
    /// The queues, by how much each holds.
    pub queues: Vec<u32>,
    /// How many jobs are handed in by others, who wait for their answers.
    pub further_jobs: u32,
    /// What no answer counts.
    pub unchecked: Unchecked,
}

/// What depends on who comes first, so that nobody can say what it must come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unchecked {
    /// Cells by number: what they end with is no part of the answer.
    pub cells: Vec<u32>,
    /// Queues by number: what is taken from them is no part of the answer.
    pub queues: Vec<u32>,
}

/// The jobs of a workload together with their known answer.
#[derive(Clone, Debug)]
pub struct Work {
    /// The jobs, by number.
    pub jobs: Vec<Job>,
    /// What they share; nothing, for jobs that can run in different memories.
    pub shared: Shared,
    /// The sum of all answers and of all cells at the end, found in another way than the jobs find it.
    pub expected: Known,
    /// Whether updates of cells may get lost, so that another answer is a finding and not an error.
    pub may_lose_updates: bool,
}

impl Work {
    /// All jobs, those among them that others hand in.
    pub fn all_jobs(&self) -> usize {
        self.jobs.len() + self.shared.further_jobs as usize
    }

    /// Whether jobs fetch pages.
    pub fn fetches(&self) -> bool {
        fn fetch(steps: &[Step]) -> bool {
            steps.iter().any(|step| match step {
                Step::Fetch { .. } => true,
                Step::Repeat { steps, .. } => fetch(steps),
                Step::HandIn { job } => fetch(&job.steps),
                _ => false,
            })
        }
        self.jobs.iter().any(|job| fetch(&job.steps))
    }

    /// Work whose jobs share nothing.
    fn apart(jobs: Vec<Job>, expected: impl Into<Known>) -> Work {
        Work { jobs, shared: Shared::default(), expected: expected.into(), may_lose_updates: false }
    }
}

/// A job for each number.
fn one_each(count: u32, steps: impl Fn(u32) -> Vec<Step>) -> Vec<Job> {
    (0..count).map(|number| Job { number, steps: steps(number) }).collect()
}

/// Jobs that all do the same.
fn identical(count: u32, steps: &[Step]) -> Vec<Job> {
    one_each(count, |_| steps.to_vec())
}

/// Every job sleeps for `nanos`.
pub fn sleeping(jobs: u32, nanos: u64) -> Work {
    Work::apart(identical(jobs, &[Step::Wait { nanos }]), u64::from(jobs))
}
