//! Random small works of steps under every model, on random machines in virtual time: what must hold for all of them.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Experiment, ModelId, RunSpec};
use models::virtual_time::{Costs, Machine, Policy, run, run_work, with_host};
use models::{Finished, Host, Job, Shared, Work, run_on_host, work_of};
use proptest::prelude::*;
use trace::{Failure, LaneKind, Recording, State, Wait};
use workloads::{Compute, Step};

/// The models whose lanes share a memory, so that any work can run under them.
const SHARING: [ModelId; 11] = [
    ModelId::Sequential,
    ModelId::ThreadsGil,
    ModelId::ThreadsFree,
    ModelId::ThreadPool,
    ModelId::WorkStealing,
    ModelId::EventLoop,
    ModelId::TaskGroup,
    ModelId::Callbacks,
    ModelId::Generators,
    ModelId::Greenlets,
    ModelId::LoopAndExecutor,
];

/// What a job does between its beginning and its end, and what that adds to the answer.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// Looks for primes below a number below which there are so many.
    Primes { below: u32, found: u64 },
    /// Lets time pass.
    Wait { nanos: u64 },
    /// Gives others a turn.
    Yield,
    /// Adds to a cell, so often, while it holds the cell's lock.
    Add { cell: u32, amount: u64, times: u32 },
}

impl Part {
    fn steps(self) -> Vec<Step> {
        match self {
            Part::Primes { below, .. } => vec![Step::Compute(Compute::Primes { below })],
            Part::Wait { nanos } => vec![Step::Wait { nanos }],
            Part::Yield => vec![Step::Yield],
            Part::Add { cell, amount, times } => {
                let (lock, unlock) = (Step::Lock { lock: cell }, Step::Unlock { lock: cell });
                let steps =
                    vec![lock, Step::Load { cell }, Step::Call, Step::Add { amount }, Step::Store { cell }, unlock];
                vec![Step::Repeat { times, steps }]
            }
        }
    }

    fn answer(self) -> u64 {
        match self {
            Part::Primes { found, .. } => found,
            Part::Wait { .. } => 1,
            Part::Yield => 0,
            Part::Add { amount, times, .. } => amount * u64::from(times),
        }
    }
}

const CELLS: u32 = 2;

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        prop::sample::select(vec![(10, 4), (100, 25), (1_000, 168), (20_000, 2_262)])
            .prop_map(|(below, found)| Part::Primes { below, found }),
        (0u64..3_000_000).prop_map(|nanos| Part::Wait { nanos }),
        Just(Part::Yield),
        (0..CELLS, 1u64..5, 0u32..300).prop_map(|(cell, amount, times)| Part::Add { cell, amount, times }),
    ]
}

/// So many numbers are put into a queue by each of the first jobs and taken out by the last one, whatever they do besides.
fn work() -> impl Strategy<Value = Work> {
    let jobs = prop::collection::vec(prop::collection::vec(part(), 1..5), 1..7);
    (jobs, 0u32..4, 1u64..9).prop_map(|(parts, puts, amount)| {
        let producers = parts.len() as u32 - 1;
        let steps = |number: u32, parts: &[Part]| {
            // Every job computes, so that each leaves a span.
            let mut steps = Part::Primes { below: 10, found: 4 }.steps();
            steps.push(if number < producers {
                Step::Repeat { times: puts, steps: vec![Step::Add { amount }, Step::Put { queue: 0 }] }
            } else {
                Step::Repeat { times: puts * producers, steps: vec![Step::Take { queue: 0 }] }
            });
            steps.extend(parts.iter().flat_map(|part| part.steps()));
            steps
        };
        let put = amount * u64::from(puts) * u64::from(puts + 1) / 2 * u64::from(producers);
        let expected: u64 = parts.iter().flatten().map(|part| part.answer()).sum();
        Work {
            jobs: (0..).zip(&parts).map(|(number, parts)| Job { number, steps: steps(number, parts) }).collect(),
            // Room for everything: one lane after another could not empty it in between.
            shared: workloads::Shared {
                cells: CELLS,
                locks: CELLS,
                queues: vec![(puts * producers).max(1)],
                ..workloads::Shared::default()
            },
            expected: (expected + put + 4 * parts.len() as u64).into(),
            may_lose_updates: false,
        }
    })
}

fn machine() -> impl Strategy<Value = Machine> {
    let policies = vec![
        Policy::default(),
        Policy::RoundRobin { slice_nanos: 2_000_000 },
        Policy::RunToCompletion,
        Policy::LowestNumberFirst,
    ];
    (1u32..5, prop::sample::select(policies)).prop_map(|(cores, policy)| Machine {
        cores,
        policy,
        costs: Costs::default(),
    })
}

fn spec(models: &'static [ModelId]) -> impl Strategy<Value = RunSpec> {
    let gil = (prop::sample::select(vec![50, 300, 5_000]), any::<bool>());
    (prop::sample::select(models), 1u32..5, gil, any::<bool>(), 1u32..4, any::<u64>()).prop_map(
        |(model, lanes, (switch_micros, switches_anywhere), pool_has_gil, chunk, seed)| {
            let mut spec = Experiment::default().run_spec(model, false);
            spec.gil.switch_micros = switch_micros;
            spec.gil.switches_anywhere = switches_anywhere;
            RunSpec { lanes, pool_has_gil, chunk, seed, ..spec }
        },
    )
}

/// The most lanes that were computing at one instant.
fn most_computing(recording: &Recording) -> i32 {
    let spans = recording.lanes.iter().flat_map(|lane| &lane.spans).filter(|span| span.state == State::Computing);
    let mut edges: Vec<_> = spans.flat_map(|span| [(span.start_nanos, 1), (span.end_nanos, -1)]).collect();
    edges.sort_unstable();
    let running = edges.iter().scan(0, |running, (_, step)| {
        *running += step;
        Some(*running)
    });
    running.max().unwrap_or(0)
}

#[track_caller]
fn check_recording(finished: &Finished, jobs: u32, spec: &RunSpec, machine: Machine) {
    let recording = &finished.recording;
    assert_eq!((recording.dropped(), recording.dropped_lanes), (0, 0));
    let mut lanes_of = BTreeMap::<u32, BTreeSet<(LaneKind, u32)>>::new();
    for record in &recording.lanes {
        for pair in record.spans.windows(2) {
            assert!(pair[0].end_nanos <= pair[1].start_nanos, "{:?} overlaps {:?}", pair[0], pair[1]);
        }
        for span in record.spans.iter().filter(|span| matches!(span.state, State::Waiting | State::Blocked)) {
            assert!(span.wait.is_some(), "{:?} {span:?} does not say what it waits for: `Row::wait` does", record.lane);
        }
        for job in record.spans.iter().filter_map(|span| span.job) {
            lanes_of.entry(job).or_default().insert((record.lane.kind, record.lane.number));
        }
    }
    assert!(lanes_of.keys().copied().eq(0..jobs), "of {jobs} jobs these were run: {:?}", lanes_of.keys());
    // What a coroutine has others compute is on two lanes.
    let is_handed_on = spec.model == ModelId::LoopAndExecutor;
    assert!(
        is_handed_on || lanes_of.values().all(|lanes| lanes.len() == 1),
        "a job was run on two lanes: {lanes_of:?}"
    );
    let has_pool = matches!(spec.model, ModelId::ThreadPool | ModelId::LoopAndExecutor);
    let has_one_gil = spec.model == ModelId::ThreadsGil || has_pool && spec.pool_has_gil;
    let one_lane = [
        ModelId::Sequential,
        ModelId::EventLoop,
        ModelId::TaskGroup,
        ModelId::Callbacks,
        ModelId::Generators,
        ModelId::Greenlets,
    ];
    let is_one_lane = one_lane.contains(&spec.model);
    // A coroutine does not see that its loop waits for a core.
    let unseen = i32::from(is_handed_on);
    let limit = if has_one_gil || is_one_lane { 1 } else { machine.cores as i32 + unseen };
    assert!(most_computing(recording) <= limit, "{} lanes compute on {limit} cores", most_computing(recording));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_work_has_its_answer_under_every_model(work in work(), spec in spec(&SHARING), machine in machine()) {
        let finished = run_work(&spec, &work, machine).map_err(|failure| TestCaseError::fail(failure.to_string()))?;
        prop_assert_eq!(finished.answer, work.expected.answer());
        check_recording(&finished, work.jobs.len() as u32, &spec, machine);
    }

    #[test]
    fn the_same_machine_and_seed_give_the_same_recording(work in work(), spec in spec(&SHARING), machine in machine()) {
        prop_assert_eq!(run_work(&spec, &work, machine), run_work(&spec, &work, machine));
    }
}

const APART: [ModelId; 4] = [ModelId::Processes, ModelId::ProcessPool, ModelId::Subinterpreters, ModelId::MessageQueue];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_number_of_jobs_is_run_in_memories_apart(
        spec in spec(&APART), jobs in 1u64..9, below in 1_000u64..3_000, machine in machine(),
    ) {
        let spec = RunSpec { values: vec![jobs, below], ..spec };
        let finished = run(&spec, machine).map_err(|failure| TestCaseError::fail(failure.to_string()))?;
        check_recording(&finished, jobs as u32, &spec, machine);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_loop_hands_computing_to_processes_where_memory_is_not_shared(
        spec in spec(&[ModelId::LoopAndExecutor]), jobs in 1u64..9, below in 1_000u64..3_000, machine in machine(),
    ) {
        let spec = RunSpec { values: vec![jobs, below], ..spec };
        let work = work_of(&spec).map_err(|failure| TestCaseError::fail(failure.to_string()))?;
        let (expected, shared) = (work.expected.answer(), Shared::new(&work.shared));
        let (lanes, seed) = (spec.lanes, spec.seed);
        let (outcome, processes) = with_host(machine, seed, move |host| async move {
            let outcome = run_on_host(&host.clone().apart(), &spec, &work, &shared).await;
            let (rows, _) = host.lane().log().take(u64::MAX);
            (outcome, rows.iter().filter(|row| row.lane.kind == LaneKind::Process).count())
        })
        .map_err(|standstill| TestCaseError::fail(standstill.to_string()))?;
        let outcome = outcome.map_err(|failure| TestCaseError::fail(failure.to_string()))?;
        prop_assert_eq!(outcome.answers.iter().sum::<u64>(), expected);
        prop_assert_eq!(processes, lanes.min(jobs as u32) as usize);
    }
}

const LOCKS: u32 = 3;

/// Jobs that take some locks, each in its own order, thinking before each, and then give them all back.
fn nested_locks() -> impl Strategy<Value = Vec<Vec<(u32, u64)>>> {
    let order = Just((0..LOCKS).collect::<Vec<u32>>()).prop_shuffle();
    let thoughts = prop::collection::vec(0u64..2_000_000, 1..=LOCKS as usize);
    let nest = (order, thoughts).prop_map(|(order, thoughts)| order.into_iter().zip(thoughts).collect());
    prop::collection::vec(nest, 1..6)
}

fn work_of_locks(nests: &[Vec<(u32, u64)>]) -> Work {
    let steps = |nest: &[(u32, u64)]| {
        let taking = nest.iter().flat_map(|&(lock, nanos)| [Step::Wait { nanos }, Step::Lock { lock }]);
        let giving = nest.iter().rev().map(|&(lock, _)| Step::Unlock { lock });
        taking.chain(giving).collect()
    };
    Work {
        jobs: (0..).zip(nests).map(|(number, nest)| Job { number, steps: steps(nest) }).collect(),
        shared: workloads::Shared { locks: LOCKS, ..workloads::Shared::default() },
        expected: nests.iter().map(|nest| nest.len() as u64).sum::<u64>().into(),
        may_lose_updates: false,
    }
}

/// Whether each of these jobs can really hold what another waits for, and some wait for each other in a circle.
fn is_deadlock(waits: &[(u32, Wait)], nests: &[Vec<(u32, u64)>]) -> bool {
    let place = |job: u32, lock: u32| nests[job as usize].iter().position(|&(other, _)| other == lock);
    let waits: BTreeMap<u32, (u32, u32)> = waits
        .iter()
        .map(|&(job, wait)| match wait {
            Wait::ForLock { lock, held_by } => (job, (lock, held_by)),
            other => panic!("nobody uses a queue, and yet job {job} {other}"),
        })
        .collect();
    let is_held = waits.values().all(|&(lock, holder)| {
        let waited_for = waits.get(&holder).and_then(|&(wanted, _)| place(holder, wanted));
        place(holder, lock).is_some_and(|held| waited_for.is_some_and(|waited_for| held < waited_for))
    });
    // Everybody waits for somebody who waits: following the holders must end in a circle.
    !waits.is_empty() && is_held
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn locks_in_any_order_end_in_the_answer_or_in_a_circle(
        nests in nested_locks(), spec in spec(&SHARING), machine in machine(),
    ) {
        match run_work(&spec, &work_of_locks(&nests), machine) {
            Ok(finished) => check_recording(&finished, nests.len() as u32, &spec, machine),
            Err(Failure::Deadlock { waits }) => prop_assert!(is_deadlock(&waits, &nests), "{waits:?}"),
            Err(failure) => prop_assert!(false, "{failure}"),
        }
    }

    #[test]
    fn locks_in_one_order_never_end_in_a_circle(
        nests in nested_locks(), spec in spec(&SHARING), machine in machine(),
    ) {
        let mut nests = nests;
        nests.iter_mut().for_each(|nest| nest.sort_unstable());
        let finished = run_work(&spec, &work_of_locks(&nests), machine);
        prop_assert!(finished.is_ok(), "{:?}", finished.err());
    }
}

#[test]
fn philosophers_who_all_reach_the_same_way_wait_for_each_other() {
    let together = SHARING.into_iter().filter(|model| !matches!(model, ModelId::Sequential | ModelId::WorkStealing));
    for model in together {
        for jobs in 2..8 {
            let spec = RunSpec { lanes: jobs, ..Experiment::default().run_spec(model, false) };
            let machine = Machine { cores: 2, policy: Policy::default(), costs: Costs::default() };
            let circle = (0..jobs).map(|job| {
                let next = (job + 1) % jobs;
                (job, Wait::ForLock { lock: next, held_by: next })
            });
            let failure = run_work(&spec, &workloads::philosophers(jobs, 3, false), machine).err();
            assert_eq!(failure, Some(Failure::Deadlock { waits: circle.collect() }), "{model:?}");
            let finished = run_work(&spec, &workloads::philosophers(jobs, 3, true), machine);
            assert_eq!(finished.map(|finished| finished.answer), Ok(u64::from(jobs * 3)), "{model:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_pool_gets_through_nested_jobs_if_it_has_a_thread_more(jobs in 1u32..9, lanes in 1u32..12, spec in spec(&[ModelId::ThreadPool]), machine in machine()) {
        let spec = RunSpec { lanes, ..spec };
        match run_work(&spec, &workloads::nested(jobs, 1_000), machine) {
            Ok(finished) => prop_assert_eq!((finished.answer, lanes > 1), (168 * u64::from(jobs), true)),
            Err(Failure::Deadlock { waits }) => {
                prop_assert!(lanes <= jobs, "{waits:?}");
                let waiting = |wait| waits.iter().filter(|(_, other)| wait == *other).count();
                // Each thread has a job that waits for another, and no other job of the pool is anywhere but in its queue.
                prop_assert_eq!(waiting(Wait::ForThread), jobs as usize, "{:?}", waits);
                prop_assert_eq!(waits.len(), (jobs + lanes) as usize, "{:?}", waits);
            }
            Err(failure) => prop_assert!(false, "{failure}"),
        }
    }
}
