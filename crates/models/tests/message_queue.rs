//! The message queue under consumers that die at random moments: what is lost and what is done twice is what the
//! acknowledgement says, and everything ends.

use std::collections::BTreeSet;

use catalog::{Experiment, ModelId, RunSpec};
use models::virtual_time::{Costs, Machine, Policy, run_with_deaths};
use models::{Finished, Stop, native};
use proptest::prelude::*;
use trace::{Failure, LaneKind, LaneRecord, Losses, MarkKind, State};

const BELOW: u64 = 2_000;
/// The primes below two thousand: each job's answer.
const PRIMES: u64 = 303;

fn spec(jobs: u64, lanes: u32) -> RunSpec {
    let spec = Experiment::default().run_spec(ModelId::MessageQueue, false);
    RunSpec { values: vec![jobs, BELOW], lanes, ..spec }
}

fn machine(cores: u32) -> Machine {
    Machine { cores, policy: Policy::default(), costs: Costs { process_start_nanos: 100_000, ..Costs::default() } }
}

fn marks(finished: &Finished, kind: MarkKind) -> usize {
    finished.recording.lanes.iter().flat_map(|lane| &lane.marks).filter(|mark| mark.kind == kind).count()
}

/// The jobs that computed, once for each row on which they did and that was not lost with its process.
fn jobs_seen(finished: &Finished) -> Vec<u32> {
    let on_a_row = |record: &LaneRecord| {
        let computing = record.spans.iter().filter(|span| span.state == State::Computing);
        computing.filter_map(|span| span.job).collect::<BTreeSet<u32>>()
    };
    finished.recording.lanes.iter().flat_map(on_a_row).collect()
}

#[track_caller]
fn check_rows(finished: &Finished) {
    for record in &finished.recording.lanes {
        for pair in record.spans.windows(2) {
            assert!(pair[0].end_nanos <= pair[1].start_nanos, "{:?} overlaps {:?}", pair[0], pair[1]);
        }
    }
    let mut lanes: Vec<_> = finished.recording.lanes.iter().map(|record| record.lane).collect();
    let rows = lanes.len();
    lanes.dedup();
    assert_eq!(lanes.len(), rows, "a process has two rows");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Deaths in a row stay below the number at which the broker gives up: the replacements of replacements live.
    #[test]
    fn nothing_is_lost_but_what_was_acknowledged(
        jobs in 1u64..25, lanes in 1u32..5, cores in 1u32..4, prefetch in 1u32..6, acknowledges_late: bool,
        dies_after in 0u32..4, deaths in prop::collection::btree_map(1u32..9, 0u64..3_000_000, 0..3),
    ) {
        let mut spec = spec(jobs, lanes);
        spec.messages = catalog::MessageSettings { prefetch, acknowledges_late, dies_after };
        let deaths: Vec<(u32, u64)> = deaths.into_iter().collect();
        // Two deaths and that of the first consumer are three: one consumer alone is given up at that.
        let fatal = deaths.len() + usize::from(dies_after > 0) >= 3 && lanes == 1;
        let finished = match run_with_deaths(&spec, machine(cores), &deaths) {
            Err(Failure::AllDied { processes, .. }) => {
                prop_assert!(fatal && processes == 3);
                return Ok(());
            }
            ended => ended.map_err(|failure| TestCaseError::fail(failure.to_string()))?,
        };
        let Losses { updates, jobs: lost, repeated } = finished.losses;
        prop_assert_eq!(updates, 0);
        prop_assert_eq!(finished.answer, PRIMES * (jobs - u64::from(lost)), "a job counts once");
        let died = deaths.len() as u32 + u32::from(dies_after > 0);
        if acknowledges_late {
            prop_assert_eq!(lost, 0, "late acknowledgement loses nothing");
            prop_assert!(repeated <= died, "a consumer works on one job at a time");
        } else {
            prop_assert_eq!(repeated, 0, "early acknowledgement repeats nothing");
            prop_assert!(lost <= died, "a consumer works on one job at a time");
        }
        // Every job that was not lost left its spans on exactly one row.
        let seen = jobs_seen(&finished);
        prop_assert_eq!(seen.len(), seen.iter().collect::<BTreeSet<_>>().len(), "a job was answered twice: {:?}", seen);
        prop_assert_eq!(seen.len() as u64, jobs - u64::from(lost));
        prop_assert_eq!(marks(&finished, MarkKind::Send) as u64, jobs, "each job is sent for the first time once");
        prop_assert_eq!(marks(&finished, MarkKind::Acknowledge) as u64, jobs - u64::from(lost));
        check_rows(&finished);
    }

    /// Where the number of held messages binds nobody, both go the same way until somebody dies: the job that he had begun
    /// and not answered is lost under the one and done again under the other, and no other job is either.
    #[test]
    fn what_one_loses_the_other_repeats(
        jobs in 1u64..25, lanes in 1u32..5, cores in 1u32..4, dies in 1u32..5, nanos in 0u64..3_000_000,
    ) {
        let losses = |acknowledges_late| {
            let mut spec = spec(jobs, lanes);
            spec.messages = catalog::MessageSettings { prefetch: 64, acknowledges_late, dies_after: 0 };
            let ended = run_with_deaths(&spec, machine(cores), &[(dies, nanos)]);
            ended.map(|finished| finished.losses).map_err(|failure| TestCaseError::fail(failure.to_string()))
        };
        let (early, late) = (losses(false)?, losses(true)?);
        prop_assert_eq!((early.jobs, early.repeated), (late.repeated, late.jobs));
    }

    #[test]
    fn the_same_deaths_give_the_same_recording(
        jobs in 1u64..12, lanes in 1u32..4, prefetch in 1u32..6, acknowledges_late: bool, nanos in 0u64..1_500_000,
    ) {
        let mut spec = spec(jobs, lanes);
        spec.messages = catalog::MessageSettings { prefetch, acknowledges_late, dies_after: 0 };
        let run = || run_with_deaths(&spec, machine(2), &[(1, nanos)]);
        prop_assert_eq!(run(), run());
    }
}

/// The first consumer dies with its second job, in virtual time and on a real thread.
#[track_caller]
fn check_both(acknowledges_late: bool, expected: Losses) {
    let mut spec = spec(8, 2);
    spec.messages.acknowledges_late = acknowledges_late;
    spec.messages.dies_after = 2;
    for ended in [run_with_deaths(&spec, machine(2), &[]), native::run(&spec, &Stop::new())] {
        let finished = ended.expect("the run comes to its end");
        assert_eq!(finished.losses, expected);
        assert_eq!(finished.answer, PRIMES * u64::from(8 - expected.jobs));
        assert_eq!(marks(&finished, MarkKind::Die), 1);
        check_rows(&finished);
    }
}

#[test]
fn early_acknowledgement_loses_the_job_in_hand() {
    check_both(false, Losses { jobs: 1, ..Losses::default() });
}

#[test]
fn late_acknowledgement_runs_it_again() {
    check_both(true, Losses { repeated: 1, ..Losses::default() });
}

#[test]
fn a_consumer_that_dies_before_it_begins_loses_nothing() {
    let finished = run_with_deaths(&spec(8, 2), machine(2), &[(1, 1)]).expect("another takes its place");
    assert_eq!((finished.answer, finished.losses), (8 * PRIMES, Losses::default()));
    assert!(marks(&finished, MarkKind::SendAgain) > 0);
}

#[test]
fn the_broker_gives_up_when_nobody_lives() {
    let deaths: Vec<(u32, u64)> = (1..100).map(|id| (id, 1)).collect();
    let last = "process 6 died: it ended without a word".into();
    let failure = run_with_deaths(&spec(8, 2), machine(2), &deaths).err();
    assert_eq!(failure, Some(Failure::AllDied { processes: 6, last }));
}

/// While a consumer is at a long job it sits on the short ones that it was sent, and another has nothing to do.
#[test]
fn prefetched_messages_wait_for_a_consumer_that_is_busy() {
    let idle_tail = |prefetch, acknowledges_late| {
        let link = "work=echoes&jobs=8&trips=300&size=20000&lanes=2&models=message-queue";
        let mut spec = Experiment::from_link(link).expect("the link is right").run_spec(ModelId::MessageQueue, false);
        spec.messages = catalog::MessageSettings { prefetch, acknowledges_late, dies_after: 0 };
        let recording = run_with_deaths(&spec, machine(2), &[]).expect("the run comes to its end").recording;
        let ends = recording.lanes.iter().filter(|record| record.lane.kind == LaneKind::Process);
        let ends = ends.filter_map(|record| record.spans.last()).map(|span| span.end_nanos);
        recording.end_nanos - ends.min().expect("there are two consumers")
    };
    let (hoarding, one_by_one) = (idle_tail(4, false), idle_tail(1, true));
    assert!(hoarding > one_by_one, "{hoarding} ns, and {one_by_one} ns one message at a time");
}
