//! Pictures of who gets the cores of a virtual machine.

use catalog::{Experiment, ModelId};
use models::virtual_time::{Costs, Machine, Policy, run_work};
use models::{Job, Work};
use trace::picture;
use workloads::{Compute, Step};

const MILLI: u64 = 1_000_000;

/// Three threads that compute for 20 ms each, of which the first waits for 10 ms before, on one core.
#[track_caller]
fn check(policy: Policy, expected: &[&str]) {
    let computing = Step::Compute(Compute::Primes { below: 200_002 });
    let jobs =
        vec![vec![Step::Wait { nanos: 10 * MILLI }, computing.clone()], vec![computing.clone()], vec![computing]];
    let work = Work {
        jobs: (0..).zip(jobs).map(|(number, steps)| Job { number, steps }).collect(),
        shared: workloads::Shared::default(),
        expected: (3 * 17_984 + 1).into(),
        may_lose_updates: false,
    };
    let costs = Costs { thread_start_nanos: 0, ..Costs::default() };
    let spec = Experiment::default().run_spec(ModelId::ThreadsFree, false);
    let finished = run_work(&spec, &work, Machine { cores: 1, policy, costs }).expect("the work has its answer");
    let picture = picture::draw(&finished.recording, 60);
    let threads: Vec<&str> = picture.lines().filter(|line| line.starts_with("thread")).map(str::trim_end).collect();
    assert_eq!(threads, expected, "\n{picture}");
}

#[test]
fn round_robin_gives_everyone_a_slice() {
    check(
        Policy::RoundRobin { slice_nanos: 5 * MILLI },
        &[
            "thread 1     wwwwwwwwwwPPPPPPCCCCCPPPPPPPPPPCCCCCPPPPPPPPPPCCCCCPPPPPCCCC",
            "thread 2     CCCCCPPPPPCCCCCPPPPPPPPPPPCCCCCPPPPPPPPPPPCCCCC",
            "thread 3     PPPPPCCCCCPPPPPPPPPPPCCCCCPPPPPPPPPPPCCCCCPPPPPPPPPPCCCC",
        ],
    );
}

#[test]
fn run_to_completion_lets_the_first_comer_finish() {
    check(
        Policy::RunToCompletion,
        &[
            "thread 1     wwwwwwwwwwPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPCCCCCCCCCCCCCCCCCCCC",
            "thread 2     CCCCCCCCCCCCCCCCCCCC",
            "thread 3     PPPPPPPPPPPPPPPPPPPPCCCCCCCCCCCCCCCCCCCC",
        ],
    );
}

#[test]
fn the_lowest_number_takes_the_core_from_another() {
    check(
        Policy::LowestNumberFirst,
        &[
            "thread 1     wwwwwwwwwwCCCCCCCCCCCCCCCCCCCC",
            "thread 2     CCCCCCCCCCPPPPPPPPPPPPPPPPPPPPCCCCCCCCCC",
            "thread 3     PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPCCCCCCCCCCCCCCCCCCCC",
        ],
    );
}
