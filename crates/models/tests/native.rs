//! Every model on real threads: right answers, whole recordings, and stopping.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use catalog::{Experiment, MODELS, ModelId};
use models::{Host, Stop, Stopped, Work, find_known_answer, measure_loop, native};
use proptest::prelude::*;
use trace::{Failure, LaneKind, Recording, State, Wait};
use workloads::{Known, Step};

fn run(link: &str, model: ModelId) -> Result<(u64, Recording), Failure> {
    let experiment = Experiment::from_link(link).expect("the test's link is right");
    let finished = native::run(&experiment.run_spec(model, false), &Stop::new())?;
    Ok((finished.answer, finished.recording))
}

fn check_spans(recording: &Recording) {
    for record in &recording.lanes {
        for pair in record.spans.windows(2) {
            assert!(pair[0].end_nanos <= pair[1].start_nanos, "{:?} overlaps {:?}", pair[0], pair[1]);
        }
    }
}

#[test]
fn every_model_gives_the_known_answer() {
    for model in MODELS {
        let (primes, recording) = run("work=primes&jobs=4&size=20000&lanes=2", model.id).expect(model.slug);
        assert_eq!(primes, 4 * 2262, "{}", model.slug);
        check_spans(&recording);
        let (slept, recording) = run("work=sleeping&jobs=4&millis=5", model.id).expect(model.slug);
        assert_eq!(slept, 4, "{}", model.slug);
        check_spans(&recording);
    }
}

#[test]
fn waits_overlap_on_the_loop_and_not_in_sequence() {
    let link = "work=sleeping&jobs=20&millis=10";
    let (_, one_by_one) = run(link, ModelId::Sequential).unwrap();
    let (_, together) = run(link, ModelId::EventLoop).unwrap();
    assert!(one_by_one.nanos() >= 200_000_000, "{}", one_by_one.nanos());
    let last_to_begin = together.lanes.iter().flat_map(|lane| &lane.spans).filter(|span| span.state == State::Waiting);
    let (begin, end) = last_to_begin.fold((0, u64::MAX), |(begin, end), span| {
        if span.job.is_some() { (begin.max(span.start_nanos), end.min(span.end_nanos)) } else { (begin, end) }
    });
    assert!(begin < end, "some coroutine began to wait only after another had stopped");
}

#[test]
fn a_pool_has_as_many_lanes_as_asked() {
    let (_, recording) = run("work=primes&jobs=8&size=20000&lanes=3", ModelId::WorkStealing).unwrap();
    assert_eq!(recording.lanes.iter().filter(|record| record.lane.kind == LaneKind::Thread).count(), 3);
}

#[test]
fn every_process_has_a_row_that_begins_with_starting() {
    let (_, recording) = run("work=primes&jobs=3&size=20000", ModelId::Processes).unwrap();
    let processes: Vec<_> = recording.lanes.iter().filter(|record| record.lane.kind == LaneKind::Process).collect();
    assert_eq!(processes.len(), 3);
    assert!(processes.iter().all(|record| record.spans[0].state == State::Starting));
}

#[test]
fn a_sleeping_run_stops_at_once() {
    for model in MODELS {
        let spec = Experiment::from_link("work=sleeping&jobs=4&millis=10000").unwrap().run_spec(model.id, false);
        let (stop, start) = (Stop::new(), Instant::now());
        let ring = stop.clone();
        let bell = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            ring.stop();
        });
        assert_eq!(native::run(&spec, &stop), Err(Failure::Stopped), "{}", model.slug);
        assert!(start.elapsed() < Duration::from_secs(5), "{}", model.slug);
        bell.join().unwrap();
    }
}

#[test]
fn the_search_for_the_known_answer_can_be_stopped() {
    let stop = Stop::new();
    let ring = stop.clone();
    let endless = std::iter::repeat_with(move || {
        ring.stop();
        0
    });
    let shared = workloads::Shared::default();
    let work = Work { jobs: Vec::new(), shared, expected: Known::in_parts(endless), may_lose_updates: false };
    let host = native::NativeHost::new(&stop, LaneKind::Conductor);
    let found = pin!(find_known_answer(host.lane(), &work)).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(found, Poll::Ready(Err(Stopped)));
}

#[test]
fn a_spec_beyond_its_limits_is_refused() {
    let mut spec = Experiment::default().run_spec(ModelId::Sequential, false);
    spec.values = vec![4];
    let error = native::run(&spec, &Stop::new()).unwrap_err();
    assert_eq!(error.to_string(), "bad request: size = 0 is outside 1000 to 10000000");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_job_is_lost_or_run_twice(
        jobs in 1u64..40, size in 1_000u64..3_000, lanes in 1u64..5, model in 0..MODELS.len(),
    ) {
        let link = format!("work=primes&jobs={jobs}&size={size}&lanes={lanes}");
        let (_, recording) = run(&link, MODELS[model].id).unwrap();
        let mut seen: Vec<u32> = recording
            .lanes
            .iter()
            .flat_map(|record| &record.spans)
            .filter(|span| span.state == State::Computing)
            .filter_map(|span| span.job)
            .collect();
        seen.sort_unstable();
        let expected: Vec<u32> = (0..jobs as u32).collect();
        prop_assert_eq!(seen, expected);
    }
}

/// Whether some of the steps cost what the catalog says that a simple one does.
fn are_simple(steps: &[Step]) -> bool {
    steps.iter().any(|step| match step {
        Step::Compute(_) | Step::Read { .. } | Step::Wait { .. } | Step::Fetch { .. } | Step::Yield => false,
        Step::Repeat { steps, .. } => are_simple(steps),
        Step::HandIn { job } => are_simple(&job.steps),
        _ => true,
    })
}

#[test]
fn a_row_says_whether_its_jobs_share_something_and_have_simple_steps() {
    for workload in catalog::WORKLOADS {
        let spec = Experiment::of(workload.id).run_spec(ModelId::Sequential, false);
        let work = models::work_of(&spec).expect(workload.slug);
        assert_eq!(work.shared != workloads::Shared::default(), workload.shares, "{}", workload.slug);
        let simple_steps = work.jobs.iter().any(|job| are_simple(&job.steps));
        assert_eq!(simple_steps, workload.simple_steps, "{}", workload.slug);
    }
}

#[test]
fn a_pool_whose_jobs_all_wait_for_it_says_who_waits_for_whom() {
    let link = "work=nested&jobs=3&size=1000&lanes=3";
    let failure = run(link, ModelId::ThreadPool).expect_err("no thread is left for the jobs that were handed in");
    let parents = (0..3).map(|job| (job, Wait::ForJob { job: job + 3 }));
    let waits = parents.chain((3..6).map(|job| (job, Wait::ForThread))).collect();
    assert_eq!(failure, Failure::Deadlock { waits });
    let said = "; job 1 waits for job 4; job 2 waits for job 5; job 3 waits for job 6; job 4 waits for a free thread of the pool";
    assert!(failure.to_string().contains(said), "{failure}");
}

#[test]
fn a_pool_with_one_thread_more_than_jobs_that_wait_gets_through() {
    for model in MODELS.iter().filter(|model| model.shares_memory) {
        let (primes, recording) = run("work=nested&jobs=3&size=1000&lanes=4", model.id).expect(model.slug);
        assert_eq!(primes, 3 * 168, "{}", model.slug);
        check_spans(&recording);
    }
}

#[test]
fn the_bench_of_the_loop_does_what_it_counts() {
    for (what, count) in [("hops", 2_000), ("timers", 1_000), ("gather", 10), ("messages", 100)] {
        let nanos = native::with_host(|host| async move { measure_loop(host.lane().clone(), what, count).await });
        let least = [("timers", 1_000_000), ("gather", 500_000_000)].into_iter().find(|(name, _)| *name == what);
        assert!(nanos.expect(what) >= least.map_or(1, |(_, nanos)| nanos), "{what}");
    }
    let unknown = native::with_host(|host| async move { measure_loop(host.lane().clone(), "wonders", 1).await });
    assert!(unknown.is_err());
}

#[test]
fn lanes_that_are_all_taken_by_jobs_that_wait_are_a_deadlock() {
    // The producers fill the queue, and no lane is left for a consumer.
    let link = "work=buffer&jobs=4&items=20&capacity=4&lanes=2";
    for (model, waiting) in [(ModelId::Sequential, 1), (ModelId::ThreadPool, 2)] {
        let failure = run(link, model).expect_err("nobody is left who takes something out");
        let waits = (0..waiting).map(|job| (job, Wait::ForRoom { queue: 0 })).collect();
        assert_eq!(failure, Failure::Deadlock { waits }, "{model:?}");
    }
}
