//! Chains of callbacks that fail.

use catalog::{Experiment, ModelId};
use models::virtual_time::{Costs, Machine, Policy, run_work};
use models::{Job, Work};
use trace::Failure;
use workloads::{Compute, Step};

fn run(jobs: Vec<Vec<Step>>) -> Result<u64, Failure> {
    let jobs: Vec<Job> = (0..).zip(jobs).map(|(number, steps)| Job { number, steps }).collect();
    let shared = workloads::Shared { cells: 1, locks: 1, ..workloads::Shared::default() };
    let work = Work { jobs, shared, expected: 4.into(), may_lose_updates: false };
    let spec = Experiment::default().run_spec(ModelId::Callbacks, false);
    let machine = Machine { cores: 1, policy: Policy::default(), costs: Costs::default() };
    run_work(&spec, &work, machine).map(|finished| finished.answer)
}

/// There is no cell 7.
const RAISE: Step = Step::Load { cell: 7 };
const HOUR: Step = Step::Wait { nanos: 3_600_000_000_000 };

#[test]
fn a_callback_that_fails_ends_the_run_through_the_exception_handler() {
    let raising = [
        vec![RAISE],
        vec![Step::Wait { nanos: 1 }, RAISE],
        vec![Step::Yield, RAISE],
        // In a callback that goes on after a quantum of computing.
        vec![Step::Compute(Compute::Primes { below: 100_000 }), RAISE],
    ];
    for steps in raising {
        match run(vec![vec![HOUR], steps.clone(), vec![HOUR]]) {
            Err(Failure::Unhandled { message }) => {
                assert!(message.starts_with("panicked: index out of bounds"), "{steps:?}: {message}");
            }
            other => panic!("{steps:?}: {other:?}"),
        }
    }
}

#[test]
fn repetitions_within_repetitions_are_done_as_often_as_they_say() {
    let adding = vec![Step::Load { cell: 0 }, Step::Add { amount: 1 }, Step::Store { cell: 0 }];
    let inner = Step::Repeat { times: 2, steps: adding };
    let never = Step::Repeat { times: 0, steps: vec![RAISE] };
    let steps = vec![never.clone(), Step::Repeat { times: 2, steps: vec![never, inner, Step::Call] }];
    assert_eq!(run(vec![steps]), Ok(4));
}
