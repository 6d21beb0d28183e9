//! Driving jobs and kernels.

use catalog::STEP_NANOS;
use trace::{State, Wait};
use workloads::{Advance, Job, Kernel, Page, Step, Work};

use crate::program::{Debt, Next, Program};
use crate::request::fetch;
use crate::shared::Ended;
use crate::{CheckPoint, Lane, Shared, Stopped};

/// How many units make up a quantum. Corrected after each by at most a factor of two either way, so that one
/// interruption by the system does not spoil the next ones.
pub(crate) struct Quantum {
    /// How many units the next one is to have.
    pub(crate) units: u64,
    nanos: u64,
}

impl Quantum {
    pub(crate) fn new(nanos: u64, unit_nanos: u64) -> Quantum {
        Quantum { units: (nanos / unit_nanos.max(1)).max(1), nanos }
    }

    pub(crate) fn correct(&mut self, took_nanos: u64) {
        let right = self.units.saturating_mul(self.nanos) / took_nanos.max(1);
        self.units = right.clamp(self.units / 2, self.units.saturating_mul(2)).max(1);
    }
}

/// Computes on this very lane, piece by piece.
pub(crate) async fn compute<L: Lane>(lane: &L, mut kernel: Kernel) -> Result<u64, Stopped> {
    let unit_nanos = kernel.unit_nanos();
    let mut quantum = Quantum::new(lane.quantum_nanos(), unit_nanos);
    let mut before = lane.now_nanos();
    loop {
        let Advance { units, is_done } = kernel.advance(quantum.units);
        lane.end_quantum(units * unit_nanos).await?;
        let after = lane.now_nanos();
        quantum.correct(after.saturating_sub(before));
        lane.check_point(CheckPoint::Jump).await?;
        if is_done {
            return Ok(kernel.answer());
        }
        before = lane.now_nanos();
    }
}

/// What steps that share nothing answer, worked out apart from any run: nothing is recorded, and the lane looks up from it
/// every few milliseconds.
pub(crate) async fn reckon<L: Lane>(lane: &L, steps: &[Step]) -> Result<u64, Stopped> {
    let mut answer = 0u64;
    for step in steps {
        answer = answer.wrapping_add(match step {
            Step::Compute(what) => {
                let mut kernel = what.kernel();
                let units = Quantum::new(8 * lane.quantum_nanos(), kernel.unit_nanos()).units;
                while !kernel.advance(units).is_done {
                    lane.hop().await?;
                }
                kernel.answer()
            }
            Step::Wait { .. } => 1,
            Step::HandIn { job } => Box::pin(reckon(lane, &job.steps)).await?,
            Step::Repeat { times, steps } => Box::pin(reckon(lane, steps)).await?.wrapping_mul(u64::from(*times)),
            _ => 0,
        });
    }
    Ok(answer)
}

/// The least that warming up takes. Browsers replace quickly compiled code by well compiled code after about that long; a
/// kernel that has run for less is up to two and a half times slower than it will be.
const WARM_UP_NANOS: u64 = 250_000_000;
/// The most, on a machine so busy that the better code is long in coming.
const WARM_UP_MOST_NANOS: u64 = 1_000_000_000;
/// Pace is compared between stretches of this length.
const STRETCH_NANOS: u64 = 50_000_000;

/// Computes what the work computes until the browser has compiled it well: for a while, and then until a stretch is no
/// longer clearly faster than every one before. Work that only waits needs none.
pub async fn warm_up<L: Lane>(lane: &L, work: &Work) -> Result<(), Stopped> {
    let Some(new_kernel) = work.jobs.iter().find_map(|job| first_kernel(&job.steps)) else { return Ok(()) };
    let mut kernel = new_kernel();
    let units = Quantum::new(lane.quantum_nanos(), kernel.unit_nanos()).units;
    let (start, mut best_pace) = (lane.now_nanos(), 0);
    loop {
        let (began, mut quanta, mut now) = (lane.now_nanos(), 0, lane.now_nanos());
        while now < began + STRETCH_NANOS {
            if kernel.advance(units).is_done {
                kernel = new_kernel();
            }
            lane.end_quantum(lane.quantum_nanos()).await?;
            quanta += 1;
            now = lane.now_nanos();
        }
        // Quanta per second, to which a twentieth more is a clear gain.
        let pace = quanta * 1_000_000_000 / (now - began).max(1);
        let has_settled = pace < best_pace + best_pace / 20;
        best_pace = best_pace.max(pace);
        let passed = now - start;
        if passed >= WARM_UP_MOST_NANOS || (passed >= WARM_UP_NANOS && has_settled) {
            return Ok(());
        }
    }
}

/// How to make the first computation among the steps.
fn first_kernel(steps: &[Step]) -> Option<Box<dyn Fn() -> Kernel>> {
    steps.iter().find_map(|step| -> Option<Box<dyn Fn() -> Kernel>> {
        match step {
            Step::Compute(what) => {
                let what = *what;
                Some(Box::new(move || what.kernel()))
            }
            Step::Read { times } => {
                let (times, page) = (*times, Page::written(0));
                Some(Box::new(move || page.reading(times)))
            }
            Step::Repeat { steps, .. } => first_kernel(steps),
            Step::HandIn { job } => first_kernel(&job.steps),
            _ => None,
        }
    })
}

/// Runs one job to its end on a lane and returns its answer. A job that cannot go on ends there, as with an exception: why
/// is in `shared`, and its answer counts for nothing.
pub async fn run_job<L: Lane>(lane: &L, job: &Job, shared: &Shared) -> Result<u64, Stopped> {
    let (program, debt) = (Program::of(job), Debt::new(lane.quantum_nanos(), job.number));
    let mut interpreter = Interpreter { lane, shared, job: job.number, program, debt };
    let leaving = Leaving { shared, job: job.number };
    shared.begin(job.number);
    match interpreter.run().await {
        Ok(()) => std::mem::forget(leaving),
        Err(Ended::Failed) => drop(leaving),
        Err(Ended::Stopped(stopped)) => return Err(stopped),
    }
    shared.end(job.number);
    lane.row().enter(State::Idle, None, lane.now_nanos());
    lane.job_done();
    Ok(interpreter.program.answer())
}

/// Gives back a job's locks if it does not come to its end: it was called off, or it panicked. In Python, that is what
/// `with lock:` is for.
struct Leaving<'a> {
    shared: &'a Shared,
    job: u32,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.shared.abandon(self.job);
    }
}

struct Interpreter<'a, L: Lane> {
    lane: &'a L,
    shared: &'a Shared,
    job: u32,
    program: Program,
    debt: Debt,
}

impl<L: Lane> Interpreter<'_, L> {
    async fn run(&mut self) -> Result<(), Ended> {
        loop {
            match self.program.next(self.shared) {
                Next::Compute(kernel, what) => {
                    self.pay().await?;
                    let answer = self.lane.compute(self.job, kernel, what).await?;
                    self.program.earn(answer);
                }
                Next::Fetch(page, nanos) => {
                    self.begin_to_wait(Wait::ForPage).await?;
                    match fetch(self.lane, page, nanos).await? {
                        Ok(page) => self.program.receive(page),
                        Err(failure) => {
                            self.shared.fail(failure);
                            return Err(Ended::Failed);
                        }
                    }
                }
                Next::Wait(nanos) => {
                    self.begin_to_wait(Wait::ForTime).await?;
                    self.lane.sleep(nanos).await?;
                    self.program.earn(1);
                }
                Next::Yield => self.give_way().await?,
                Next::Between if self.lane.gives_way() => self.give_way().await?,
                Next::Between => {}
                Next::Instruction(at) => self.instruction(at).await?,
                Next::Lock(lock) => {
                    if !self.shared.try_lock(self.job, lock) {
                        self.pay().await?;
                        self.shared.lock(self.lane, self.job, lock).await?;
                    }
                    self.instruction(CheckPoint::Call).await?;
                }
                Next::Put(queue, value) => {
                    self.pay().await?;
                    self.shared.put(self.lane, self.job, queue, value).await?;
                    self.instruction(CheckPoint::Call).await?;
                }
                Next::Take(queue) => {
                    self.pay().await?;
                    let value = self.shared.take(self.lane, self.job, queue).await?;
                    self.program.earn(value);
                    self.instruction(CheckPoint::Call).await?;
                }
                Next::HandIn(job) => {
                    self.pay().await?;
                    let answer = self.shared.hand_in(self.lane, self.job, &job).await?;
                    self.program.earn(answer);
                    self.instruction(CheckPoint::Call).await?;
                }
                Next::End => return self.pay().await,
            }
        }
    }

    fn enter(&self, state: State) {
        self.lane.row().enter(state, Some(self.job), self.lane.now_nanos());
    }

    async fn pay(&mut self) -> Result<(), Ended> {
        let owed = self.debt.pay();
        if owed > 0 { Ok(self.lane.end_quantum(owed).await?) } else { Ok(()) }
    }

    /// What every simple step does besides its own work.
    async fn instruction(&mut self, at: CheckPoint) -> Result<(), Ended> {
        if self.debt.is_empty() {
            self.enter(State::Computing);
        }
        self.lane.spend(STEP_NANOS);
        if self.debt.grow() {
            self.pay().await?;
        }
        Ok(self.lane.check_point(at).await?)
    }

    /// Waiting is no time to owe anything.
    async fn begin_to_wait(&mut self, wait: Wait) -> Result<(), Ended> {
        self.pay().await?;
        self.lane.row().wait(wait, Some(self.job), self.lane.now_nanos());
        Ok(())
    }

    async fn give_way(&mut self) -> Result<(), Ended> {
        self.begin_to_wait(Wait::ForTurn).await?;
        Ok(self.lane.hop().await?)
    }
}
