//! The GIL, the executor and the threads that use them under `shuttle`: the same code as everywhere, on threads of which
//! one runs at a time, in one order of events after another. Whether a time is up before a signal comes is one more
//! choice of the schedule, because shuttle has no clock. Everybody waiting for ever fails the test.
//!
//! `INTERLEAVE_SCHEDULES` says how many orders of either kind each test tries.

mod host;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use catalog::{Experiment, ModelId, RunSpec};
use shuttle::rand::Rng;
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, FailurePersistence, Runner, thread};
use trace::{Failure, MarkKind};
use workloads::{Job, Known, Step, Work};

use self::host::{ScheduledHost, complete};
use crate::shared::Ended;
use crate::threads::{self, Interpreters};
use crate::{
    CheckPoint, Executor, Gil, GilLane, Host, Lane, Shared, Signal, Ticket, TicketError, as_completed, thread_pool,
};

/// Tries the body in many orders: half of them drawn at random, half of them with few changes of priority, which finds
/// what needs a thread to sleep for long (Burckhardt et al., “A randomized scheduler with probabilistic guarantees of
/// finding bugs”, 2010).
fn in_every_order(body: impl Fn() + Send + Sync + 'static) {
    let schedules = std::env::var("INTERLEAVE_SCHEDULES")
        .map_or(1_000, |count| count.parse().expect("INTERLEAVE_SCHEDULES is a whole number"));
    let body = Arc::new(body);
    let by_priority = body.clone();
    let mut config = Config::new();
    // Jobs panic on purpose, and shuttle would print the whole schedule each time.
    config.failure_persistence = FailurePersistence::None;
    // A panic that is caught and printed needs more than the 32 kB that are usual.
    config.stack_size = 512 * 1024;
    Runner::new(RandomScheduler::new_from_seed(1, schedules), config.clone()).run(move || body());
    Runner::new(PctScheduler::new_from_seed(1, 3, schedules), config).run(move || by_priority());
}

/// Who is between taking and giving, and how often somebody has been.
#[derive(Default)]
struct Witness {
    inside: AtomicU64,
    turns: AtomicUsize,
}

impl Witness {
    /// Runs for a while; nobody else may.
    fn run_alone(&self) {
        assert_eq!(self.inside.fetch_add(1, Ordering::Relaxed), 0, "two lanes run under one GIL");
        self.turns.fetch_add(1, Ordering::Relaxed);
        thread::yield_now();
        self.inside.fetch_sub(1, Ordering::Relaxed);
    }

    fn turns(&self) -> usize {
        self.turns.load(Ordering::Relaxed)
    }
}

/// Lanes that run, look up and wait so often under one GIL.
fn lanes_take_turns(lanes: u32, rounds: u32) {
    let gil = Gil::seeded(5, shuttle::rand::thread_rng().gen_range(0..u64::MAX));
    let (host, witness) = (ScheduledHost::new(), Arc::new(Witness::default()));
    let threads: Vec<_> = (1..=lanes)
        .map(|me| {
            let (gil, witness) = (gil.clone(), witness.clone());
            host.start(me, move |lane| {
                complete(async {
                    let lane = GilLane::begin(lane, Some(&gil), me, false).await?;
                    for _ in 0..rounds {
                        witness.run_alone();
                        let (is_wanted, before) = (gil.is_wanted(), witness.turns());
                        lane.check_point(CheckPoint::Jump).await?;
                        if is_wanted {
                            assert!(witness.turns() > before, "who was asked to drop the GIL was the next to have it");
                        }
                        witness.run_alone();
                        lane.sleep(1).await?;
                    }
                    witness.run_alone();
                    lane.end().await
                })
                .expect("nobody stops the lanes");
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("a lane's assertion failed");
    }
    assert_eq!(witness.turns(), (lanes * (2 * rounds + 1)) as usize);
}

#[test]
fn two_lanes_exclude_each_other_and_both_end() {
    in_every_order(|| lanes_take_turns(2, 3));
}

#[test]
fn four_lanes_exclude_each_other_and_all_end() {
    in_every_order(|| lanes_take_turns(4, 1));
}

#[test]
fn a_lane_that_waits_for_another_has_dropped_the_gil() {
    in_every_order(|| {
        let (host, gil, ring) = (ScheduledHost::new(), Gil::new(5), Signal::new());
        let threads = [true, false].map(|waits| {
            let (gil, ring) = (gil.clone(), ring.clone());
            host.start(u32::from(waits), move |lane| {
                complete(async {
                    let lane = GilLane::begin(lane, Some(&gil), u32::from(waits), false).await?;
                    if waits {
                        assert!(lane.wait_for(&ring, None).await?);
                    } else {
                        ring.set();
                    }
                    lane.end().await
                })
                .expect("nobody stops the lanes");
            })
        });
        for thread in threads {
            thread.join().expect("a lane's assertion failed");
        }
    });
}

/// `cells[cell] += 1`, so often in a loop.
fn increments(times: u32, cell: u32) -> Vec<Step> {
    vec![Step::Repeat { times, steps: vec![Step::Load { cell }, Step::Add { amount: 1 }, Step::Store { cell }] }]
}

fn work(jobs: Vec<Vec<Step>>, cells: u32) -> Work {
    let jobs = (0..).zip(jobs).map(|(number, steps)| Job { number, steps }).collect();
    let shared = workloads::Shared { cells, ..workloads::Shared::default() };
    Work { jobs, shared, expected: Known::from(0), may_lose_updates: true }
}

fn spec(switches_anywhere: bool) -> RunSpec {
    let mut spec = Experiment::default().run_spec(ModelId::ThreadsGil, false);
    spec.gil.switches_anywhere = switches_anywhere;
    spec
}

/// What the cells come to.
fn run_threads(interpreters: Interpreters, switches_anywhere: bool, work: &Work) -> (Result<Vec<u64>, Failure>, u64) {
    let shared = Shared::new(&work.shared);
    let spec = spec(switches_anywhere);
    let answers = complete(threads::run(&ScheduledHost::new(), interpreters, &spec, work, &shared));
    (answers, shared.sum_of_cells())
}

/// The sums that so many orders lead to.
fn sums(interpreters: Interpreters, switches_anywhere: bool) -> BTreeSet<u64> {
    let sums = Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let seen = sums.clone();
    in_every_order(move || {
        let (answers, sum) =
            run_threads(interpreters, switches_anywhere, &work(vec![increments(2, 0), increments(2, 0)], 1));
        answers.expect("the jobs do not fail");
        seen.lock().expect("nobody panics with it").insert(sum);
    });
    sums.lock().expect("nobody panics with it").clone()
}

#[test]
fn an_increment_is_whole_where_only_jumps_and_calls_switch() {
    assert_eq!(sums(Interpreters::One, false), BTreeSet::from([4]));
}

#[test]
fn an_increment_can_be_torn_where_any_instruction_switches() {
    assert_eq!(sums(Interpreters::One, true), BTreeSet::from([2, 3, 4]));
}

#[test]
fn an_increment_can_be_torn_without_a_gil() {
    assert_eq!(sums(Interpreters::Free, false), BTreeSet::from([2, 3, 4]));
}

#[test]
fn a_job_that_panics_does_not_keep_the_gil() {
    in_every_order(|| {
        // There is no cell 7.
        let jobs = vec![increments(1, 0), increments(1, 7), increments(1, 0)];
        let (answers, sum) = run_threads(Interpreters::One, false, &work(jobs, 1));
        assert!(matches!(answers, Err(Failure::Panicked { .. })), "{answers:?}");
        assert_eq!(sum, 2, "the others were to finish");
    });
}

#[test]
fn a_job_that_is_stopped_in_its_sleep_does_not_drop_what_another_holds() {
    in_every_order(|| {
        let jobs = vec![vec![Step::Wait { nanos: u64::MAX }], increments(2, 0), increments(2, 0)];
        let (answers, sum) = run_threads(Interpreters::One, false, &work(jobs, 1));
        assert_eq!((answers, sum), (Err(Failure::Stopped), 4));
    });
}

/// Hands in so many pieces of work, calls some off, and looks whether each ran once or not at all.
fn everything_runs_once(items: usize, threads: usize, has_gil: bool, cancels: bool, cancels_at_shutdown: bool) {
    let host = ScheduledHost::new();
    let executor = Executor::new(
        &host,
        threads,
        has_gil.then(|| Gil::seeded(5, shuttle::rand::thread_rng().gen_range(0..u64::MAX))),
        false,
    );
    let runs: Arc<Vec<AtomicUsize>> = Arc::new((0..items).map(|_| AtomicUsize::new(0)).collect());
    let tickets = RefCell::<Vec<Ticket>>::default();
    let called_off = Rc::new(RefCell::new(BTreeSet::new()));
    complete(async {
        for index in 0..items {
            let runs = runs.clone();
            let ticket = executor
                .submit(move |lane| {
                    let lane = lane.clone();
                    Box::pin(async move {
                        runs[index].fetch_add(1, Ordering::Relaxed);
                        lane.sleep(1).await?;
                        Ok(index as u64)
                    })
                })
                .await
                .expect("it has not been shut down");
            if cancels && shuttle::rand::thread_rng().gen_bool(0.5) && ticket.cancel() {
                called_off.borrow_mut().insert(index);
            }
            tickets.borrow_mut().push(ticket);
        }
        let tickets = tickets.take();
        if !cancels_at_shutdown {
            let mut order = as_completed(host.lane(), &tickets).await.expect("nobody stops it");
            order.sort_unstable();
            assert_eq!(order, (0..items).collect::<Vec<_>>(), "each ticket gets over once");
        }
        executor.shut_down(true, cancels_at_shutdown).await.expect("its threads do not fail");
        for (index, ticket) in tickets.iter().enumerate() {
            assert!(ticket.is_over(), "a ticket is left without an end");
            let result = ticket.result(host.lane()).await.expect("nobody stops it");
            let ran = runs[index].load(Ordering::Relaxed);
            match result {
                Ok(value) => assert_eq!((value, ran), (index as u64, 1)),
                Err(TicketError::Cancelled) => assert_eq!(ran, 0, "what was called off has run"),
                Err(TicketError::Failed(failure)) => panic!("{failure}"),
            }
            let is_expected = cancels_at_shutdown || called_off.borrow().contains(&index) == ticket.is_cancelled();
            assert!(is_expected, "what `cancel` said is not what happened");
        }
    });
    let lanes = host.records();
    assert!(lanes.len() <= threads + 1, "the executor has started too many threads");
    let marked = lanes.iter().flat_map(|lane| &lane.marks).filter(|mark| mark.kind == MarkKind::Cancel).count();
    assert!(cancels_at_shutdown || marked == called_off.borrow().len(), "a thread leaves a mark where it skips work");
}

#[test]
fn an_executor_runs_everything_once_and_ends() {
    in_every_order(|| everything_runs_once(4, 2, false, false, false));
}

#[test]
fn an_executor_under_a_gil_runs_everything_once_and_ends() {
    in_every_order(|| everything_runs_once(4, 2, true, false, false));
}

#[test]
fn an_executor_runs_what_is_not_called_off() {
    in_every_order(|| everything_runs_once(4, 2, true, true, false));
}

#[test]
fn an_executor_that_is_shut_down_calls_off_what_has_not_begun() {
    in_every_order(|| everything_runs_once(4, 2, true, false, true));
}

#[test]
fn work_that_panics_leaves_its_thread_to_the_next() {
    in_every_order(|| {
        let host = ScheduledHost::new();
        let executor = Executor::new(&host, 1, Some(Gil::new(5)), false);
        complete(async {
            let panics = executor.submit(|_| Box::pin(async { panic!("on purpose") })).await.expect("it is open");
            let works = executor.submit(|_| Box::pin(async { Ok(7) })).await.expect("it is open");
            assert!(matches!(panics.result(host.lane()).await, Ok(Err(TicketError::Failed(Failure::Panicked { .. })))));
            assert_eq!(works.result(host.lane()).await, Ok(Ok(7)));
            executor.shut_down(true, false).await.expect("its thread does not fail");
        });
    });
}

/// Jobs of which each hands in a further one, under threads or a pool of so many.
fn jobs_hand_in_jobs(model: ModelId, lanes: u32, panics: bool) {
    in_every_order(move || {
        let below = |number| if panics && number == 2 { increments(1, 7) } else { increments(1, 0) };
        let further = |number| Step::HandIn { job: Box::new(Job { number, steps: below(number) }) };
        let mut work = work(vec![vec![further(2)], vec![further(3)]], 1);
        work.shared.further_jobs = 2;
        let shared = Shared::new(&work.shared);
        let spec = RunSpec { lanes, ..spec(false) };
        let host = ScheduledHost::new();
        let answers = complete(async {
            match model {
                ModelId::ThreadPool => thread_pool::run(&host, &spec, &work, &shared).await,
                _ => threads::run(&host, Interpreters::One, &spec, &work, &shared).await,
            }
        });
        if panics {
            assert!(matches!(answers, Err(Failure::Panicked { .. })), "{answers:?}");
        } else {
            assert_eq!((answers, shared.sum_of_cells()), (Ok(vec![0, 0]), 2));
        }
        assert_eq!(shared.waits(), []);
    });
}

#[test]
fn a_job_that_hands_one_in_gets_its_answer() {
    jobs_hand_in_jobs(ModelId::ThreadsGil, 2, false);
    jobs_hand_in_jobs(ModelId::ThreadPool, 3, false);
}

#[test]
fn a_job_fails_with_the_one_that_it_has_handed_in() {
    jobs_hand_in_jobs(ModelId::ThreadsGil, 2, true);
    jobs_hand_in_jobs(ModelId::ThreadPool, 3, true);
}

#[test]
fn who_waits_for_a_job_that_failed_waits_no_longer() {
    in_every_order(|| {
        let shape = workloads::Shared { locks: 1, queues: vec![1], ..workloads::Shared::default() };
        let (host, shared) = (ScheduledHost::new(), Shared::new(&shape));
        let failure = Failure::PageNotFetched { page: 3, message: "the network is gone".into() };
        // The holder of the lock, who was to fill the queue too, cannot go on.
        assert!(shared.try_lock(0, 0));
        let waiting = [1, 2].map(|job| {
            let shared = shared.clone();
            host.start(job, move |lane| {
                let ended = match job {
                    1 => complete(shared.lock(&lane, job, 0)),
                    _ => complete(shared.take(&lane, job, 0)).map(drop),
                };
                assert_eq!(ended, Err(Ended::Failed));
            })
        });
        shared.fail(failure.clone());
        for thread in waiting {
            thread.join().expect("a lane's assertion failed");
        }
        assert_eq!((shared.waits(), shared.check()), (Vec::new(), Err(failure)));
    });
}
