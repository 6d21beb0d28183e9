//! A group whose children fail, on a virtual machine and on real threads.

use std::cell::RefCell;
use std::rc::Rc;

use catalog::{Experiment, ModelId};
use models::virtual_time::{self, Costs, Machine, Policy, run_work};
use models::{Coroutine, Event, EventLoop, GroupError, Host, Job, Lane, Work, native};
use trace::Failure;
use workloads::Step;

const MILLI: u64 = 1_000_000;

fn machine() -> Machine {
    Machine { cores: 1, policy: Policy::default(), costs: Costs::default() }
}

/// A job that waits and then reaches for a cell that is not there.
fn failing(number: u32, nanos: u64) -> Job {
    Job { number, steps: vec![Step::Wait { nanos }, Step::Load { cell: 7 }] }
}

fn sleeping(number: u32, nanos: u64) -> Job {
    Job { number, steps: vec![Step::Wait { nanos }] }
}

fn run(jobs: Vec<Job>) -> Result<u64, Failure> {
    let shared = workloads::Shared { cells: 1, locks: 1, ..workloads::Shared::default() };
    let expected = jobs.len() as u64;
    let work = Work { jobs, shared, expected: expected.into(), may_lose_updates: false };
    let spec = Experiment::default().run_spec(ModelId::TaskGroup, false);
    run_work(&spec, &work, machine()).map(|finished| finished.answer)
}

#[test]
fn a_group_whose_children_do_not_fail_has_their_answers() {
    assert_eq!(run((0..3).map(|number| sleeping(number, MILLI)).collect()), Ok(3));
}

#[test]
fn the_first_failure_calls_off_the_siblings_that_are_left() {
    let jobs = vec![sleeping(0, MILLI), failing(1, 2 * MILLI), sleeping(2, 3 * MILLI), sleeping(3, 4 * MILLI)];
    match run(jobs) {
        Err(Failure::ChildFailed { cause, failed: 1, called_off: 2 }) => {
            assert!(cause.starts_with("panicked: index out of bounds"), "{cause}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn children_that_fail_in_the_same_turn_are_counted_together() {
    let failure = run(vec![failing(0, MILLI), failing(1, MILLI), sleeping(2, 2 * MILLI)]).expect_err("two fail");
    assert!(matches!(failure, Failure::ChildFailed { failed: 2, called_off: 1, .. }), "{failure}");
}

/// A sibling that is called off while it holds a lock gives it back, and one that is called off while it waits for the
/// lock takes nothing with it: the run ends at once instead of in a deadlock.
#[test]
fn siblings_give_their_locks_back() {
    let holding = |number, nanos| {
        let steps = vec![Step::Lock { lock: 0 }, Step::Wait { nanos }, Step::Unlock { lock: 0 }];
        Job { number, steps }
    };
    let failure = run(vec![holding(0, 5 * MILLI), holding(1, 1), failing(2, MILLI)]).expect_err("one fails");
    assert!(matches!(failure, Failure::ChildFailed { failed: 1, called_off: 2, .. }), "{failure}");
}

fn on_every_host<T: Clone + PartialEq + std::fmt::Debug + 'static>(
    expected: &T,
    main: impl AsyncMain<T> + Copy + 'static,
) {
    let found = virtual_time::with_host(machine(), 1, move |host| async move { main.run(host.lane().clone()).await });
    assert_eq!(found.expect("the loop does not stand still").as_ref(), Ok(expected), "in virtual time");
    let found = native::with_host(move |host| async move { main.run(host.lane().clone()).await });
    assert_eq!(found.as_ref(), Ok(expected), "natively");
}

/// A main coroutine for any lane.
trait AsyncMain<T> {
    async fn run<L: Lane>(self, lane: L) -> Result<T, Failure>;
}

#[derive(Clone, Copy)]
struct CalledOffFromOutside;

impl AsyncMain<(bool, Vec<&'static str>)> for CalledOffFromOutside {
    async fn run<L: Lane>(self, lane: L) -> Result<(bool, Vec<&'static str>), Failure> {
        EventLoop::run(lane, |main: Coroutine<L>| async move {
            let (seen, waiting) = (Rc::new(RefCell::new(Vec::new())), Event::new());
            let (own, ready) = (seen.clone(), waiting.clone());
            let scope = main.event_loop().start(move |scope: Coroutine<L>| async move {
                let inside = own.clone();
                let grouped = scope
                    .group(|group| async move {
                        group.start(move |child: Coroutine<L>| async move {
                            ready.set();
                            let slept = child.sleep(u64::MAX / 2).await;
                            inside.borrow_mut().push("child");
                            Ok(slept?)
                        });
                        Ok(())
                    })
                    .await;
                own.borrow_mut().push(if grouped == Err(GroupError::Cancelled) { "scope" } else { "something else" });
                Err::<(), _>(Failure::Stopped)
            });
            waiting.wait(&main).await?;
            scope.cancel();
            let is_cancelled = scope.result(&main).await?.is_err() && scope.is_cancelled();
            Ok((is_cancelled, seen.take()))
        })
        .await
    }
}

#[test]
fn a_scope_that_is_called_off_takes_its_children_along_and_waits_for_them() {
    on_every_host(&(true, vec!["child", "scope"]), CalledOffFromOutside);
}

#[derive(Clone, Copy)]
struct FailingBody;

impl AsyncMain<(usize, usize)> for FailingBody {
    async fn run<L: Lane>(self, lane: L) -> Result<(usize, usize), Failure> {
        EventLoop::run(lane, |main: Coroutine<L>| async move {
            let grouped = main
                .group(|group| async move {
                    for _ in 0..3 {
                        group.start(|child: Coroutine<L>| async move { Ok(child.sleep(u64::MAX / 2).await?) });
                    }
                    Err::<(), _>(Failure::BadRequest { message: "the body".into() })
                })
                .await;
            match grouped {
                Err(GroupError::Failed { failures, called_off }) => Ok((failures.len(), called_off)),
                other => Err(Failure::BadRequest { message: format!("{other:?}") }),
            }
        })
        .await
    }
}

#[test]
fn a_body_that_fails_is_one_of_the_failures() {
    on_every_host(&(1, 3), FailingBody);
}
