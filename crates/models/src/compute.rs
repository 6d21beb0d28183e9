//! Driving jobs and kernels.

use trace::State;
use workloads::{Compute, Job, Step, Work};

use crate::{Lane, Stopped};

/// How long a kernel runs between two looks at the world. Long against the cost of a look (a clock read, a quarter of a
/// microsecond in browsers), short against everything a reader could notice.
const QUANTUM_NANOS: u64 = 500_000;

/// How many units make up a quantum. Corrected after each by at most a factor of two either way, so that one
/// interruption by the system does not spoil the next ones.
struct Quantum {
    units: u64,
}

impl Quantum {
    fn new(unit_nanos: u64) -> Quantum {
        Quantum { units: (QUANTUM_NANOS / unit_nanos.max(1)).max(1) }
    }

    fn correct(&mut self, took_nanos: u64) {
        let right = self.units.saturating_mul(QUANTUM_NANOS) / took_nanos.max(1);
        self.units = right.clamp(self.units / 2, self.units.saturating_mul(2)).max(1);
    }
}

async fn compute<L: Lane>(lane: &L, compute: Compute) -> Result<u64, Stopped> {
    let mut kernel = compute.kernel();
    let unit_nanos = kernel.unit_nanos();
    let mut quantum = Quantum::new(unit_nanos);
    let mut before = lane.now_nanos();
    loop {
        let done = kernel.advance(quantum.units);
        lane.end_quantum(quantum.units * unit_nanos).await?;
        if done {
            return Ok(kernel.answer());
        }
        let after = lane.now_nanos();
        quantum.correct(after.saturating_sub(before));
        before = after;
    }
}

/// How long a browser may take to replace quickly compiled code by well compiled code. A kernel that has run for less is
/// up to two and a half times slower than it will be.
const WARM_UP_NANOS: u64 = 250_000_000;

/// Computes what the work computes until the browser has compiled it well. Work that only waits needs none.
pub async fn warm_up<L: Lane>(lane: &L, work: &Work) -> Result<(), Stopped> {
    let computing = work.jobs.iter().flat_map(|job| &job.steps).find_map(|step| match step {
        Step::Compute(what) => Some(*what),
        Step::Wait { .. } => None,
    });
    let Some(what) = computing else { return Ok(()) };
    let end = lane.now_nanos() + WARM_UP_NANOS;
    while lane.now_nanos() < end {
        let mut kernel = what.kernel();
        let quantum = Quantum::new(kernel.unit_nanos());
        while lane.now_nanos() < end && !kernel.advance(quantum.units) {
            lane.end_quantum(QUANTUM_NANOS).await?;
        }
    }
    Ok(())
}

/// Runs one job to its end on a lane and returns its answer.
pub async fn run_job<L: Lane>(lane: &L, job: &Job) -> Result<u64, Stopped> {
    let mut answer = 0;
    for step in &job.steps {
        answer += match *step {
            Step::Compute(what) => {
                lane.row().enter(State::Computing, Some(job.number), lane.now_nanos());
                compute(lane, what).await?
            }
            Step::Wait { nanos } => {
                lane.row().enter(State::Waiting, Some(job.number), lane.now_nanos());
                lane.sleep(nanos).await?;
                1
            }
        };
    }
    lane.row().enter(State::Idle, None, lane.now_nanos());
    lane.job_done();
    Ok(answer)
}
