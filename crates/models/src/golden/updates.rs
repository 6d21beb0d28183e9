//! The facts about a counter that several add to.

use catalog::{Experiment, GilSettings, ModelId};
use trace::Failure;
use workloads::{Job, Step, Work};

use crate::threads::{self, Interpreters};
use crate::{EventLoop, Host, Shared};

/// `counter += 1` without a call between reading and writing.
pub const PLUS_ONE: [Step; 3] = [Step::Load { cell: 0 }, Step::Add { amount: 1 }, Step::Store { cell: 0 }];

/// The same with a call between.
pub const PLUS_ONE_WITH_A_CALL: [Step; 4] =
    [Step::Load { cell: 0 }, Step::Call, Step::Add { amount: 1 }, Step::Store { cell: 0 }];

pub(super) const PLUS_ONE_ACROSS_AN_AWAIT: [Step; 4] =
    [Step::Load { cell: 0 }, Step::Yield, Step::Add { amount: 1 }, Step::Store { cell: 0 }];

pub(super) const PLUS_ONE_UNDER_A_LOCK: [Step; 6] = [
    Step::Lock { lock: 0 },
    Step::Load { cell: 0 },
    Step::Yield,
    Step::Add { amount: 1 },
    Step::Store { cell: 0 },
    Step::Unlock { lock: 0 },
];

/// Two jobs that repeat these steps, each so often, and the cell and the lock that they share.
fn counting(times: u32, steps: &[Step]) -> Work {
    let steps = vec![Step::Repeat { times, steps: steps.to_vec() }];
    let jobs = (0..2).map(|number| Job { number, steps: steps.clone() }).collect();
    let shared = workloads::Shared { cells: 1, locks: 1, ..Default::default() };
    Work { jobs, shared, expected: u64::from(2 * times).into(), may_lose_updates: true }
}

/// What two threads under one GIL count to, beside what they should.
pub async fn thread_updates<H: Host>(
    host: &H,
    gil: GilSettings,
    times: u32,
    steps: &[Step],
) -> Result<[u64; 2], Failure> {
    let (work, spec) = (counting(times, steps), Experiment::default().run_spec(ModelId::ThreadsGil, false));
    let shared = Shared::new(&work.shared);
    threads::run(host, Interpreters::One, &catalog::RunSpec { gil, ..spec }, &work, &shared).await?;
    Ok([work.expected.answer(), shared.sum_of_cells()])
}

/// What two coroutines that do it a hundred times each count to, beside what they should.
pub(super) async fn coroutine_updates<H: Host>(host: &H, steps: &[Step]) -> Result<[u64; 2], Failure> {
    let work = counting(100, steps);
    let shared = Shared::new(&work.shared);
    EventLoop::gather(host.lane().clone(), &work.jobs, &shared).await?;
    Ok([work.expected.answer(), shared.sum_of_cells()])
}
