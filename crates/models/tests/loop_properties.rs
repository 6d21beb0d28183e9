//! Random trees of coroutines in virtual time: they sleep, gather, group, limit, lock and call each other off. Whatever they
//! do, nobody is lost, nobody runs twice, everybody is over at the end, and who was called off did not come to a value.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use models::virtual_time::{self, Costs, Machine, Policy, VirtualLane};
use models::{
    Coroutine, EventLoop, GroupError, Handle, Host, Lane, LoopLock, LoopQueue, TicketError, TimeoutError, Until,
};
use proptest::prelude::*;
use trace::Failure;

const LOCKS: usize = 2;
const MICRO: u64 = 1_000;

type Own = Coroutine<VirtualLane>;

/// What a coroutine does. Times are in microseconds and few, so that many things happen at the same instant.
#[derive(Clone, Debug)]
enum Act {
    Sleep(u64),
    Hop,
    Fail,
    /// One after another.
    Seq(Vec<Act>),
    /// Together; with their failures as results, or raised.
    Gather(Vec<Act>, bool),
    Group(Vec<Act>),
    /// Started and called off after so long, unless it is over.
    CallOff(Box<Act>, u64),
    /// Within so long.
    Limit(Box<Act>, u64),
    /// Started, waited for that long, and left alone.
    Leave(Box<Act>, u64),
    /// While holding a lock.
    Locked(usize, Box<Act>),
    /// Sees to being called off once, and goes on.
    Swallow(Box<Act>),
}

impl Act {
    fn swallows(&self) -> bool {
        match self {
            Act::Swallow(_) => true,
            Act::Sleep(_) | Act::Hop | Act::Fail => false,
            Act::Seq(acts) | Act::Gather(acts, _) | Act::Group(acts) => acts.iter().any(Act::swallows),
            Act::CallOff(act, _) | Act::Limit(act, _) | Act::Leave(act, _) | Act::Locked(_, act) => act.swallows(),
        }
    }
}

fn act() -> impl Strategy<Value = Act> {
    let leaf = prop_oneof![
        4 => (0u64..6).prop_map(Act::Sleep),
        2 => Just(Act::Hop),
        1 => Just(Act::Fail),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let several = prop::collection::vec(inner.clone(), 0..4);
        let one = inner.prop_map(Box::new);
        prop_oneof![
            3 => several.clone().prop_map(Act::Seq),
            2 => (several.clone(), any::<bool>()).prop_map(|(acts, results)| Act::Gather(acts, results)),
            2 => several.prop_map(Act::Group),
            3 => (one.clone(), 0u64..6).prop_map(|(act, after)| Act::CallOff(act, after)),
            2 => (one.clone(), 0u64..6).prop_map(|(act, within)| Act::Limit(act, within)),
            1 => (one.clone(), 0u64..6).prop_map(|(act, within)| Act::Leave(act, within)),
            2 => (0..LOCKS, one.clone()).prop_map(|(lock, act)| Act::Locked(lock, act)),
            1 => one.prop_map(Act::Swallow),
        ]
    })
}

/// What is known of one coroutine.
struct Record {
    begun: Cell<u32>,
    ended: Cell<u32>,
    was_called_off: Cell<bool>,
    swallows: bool,
    handle: RefCell<Option<Handle<()>>>,
}

#[derive(Default)]
struct World {
    records: RefCell<Vec<Rc<Record>>>,
    locks: [LoopLock; LOCKS],
    holders: [Cell<u32>; LOCKS],
}

/// Counts an end when it is dropped.
struct Ends(Rc<Record>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.ended.set(self.0.ended.get() + 1);
    }
}

impl World {
    fn record(&self, act: &Act) -> Rc<Record> {
        let record = Rc::new(Record {
            begun: Cell::new(0),
            ended: Cell::new(0),
            was_called_off: Cell::new(false),
            swallows: act.swallows(),
            handle: RefCell::default(),
        });
        self.records.borrow_mut().push(record.clone());
        record
    }
}

fn body(world: &Rc<World>, act: Act, record: Rc<Record>) -> impl FnOnce(Own) -> Acting + 'static {
    let world = world.clone();
    move |own| {
        Box::pin(async move {
            record.begun.set(record.begun.get() + 1);
            let _ends = Ends(record);
            do_act(own, act, world).await
        })
    }
}

fn start(own: &Own, world: &Rc<World>, act: Act) -> (Handle<()>, Rc<Record>) {
    let record = world.record(&act);
    let handle = own.event_loop().start(body(world, act, record.clone()));
    *record.handle.borrow_mut() = Some(handle.clone());
    (handle, record)
}

type Acting = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

fn on_purpose() -> Failure {
    Failure::BadRequest { message: "on purpose".into() }
}

fn do_act(own: Own, act: Act, world: Rc<World>) -> Acting {
    Box::pin(async move {
        let started =
            |acts: Vec<Act>| -> Vec<Handle<()>> { acts.into_iter().map(|act| start(&own, &world, act).0).collect() };
        match act {
            Act::Sleep(micros) => {
                let before = own.now_nanos();
                own.sleep(micros * MICRO).await?;
                assert_eq!(own.now_nanos() - before, micros * MICRO, "a sleep has its own length");
            }
            Act::Hop => own.hop().await?,
            Act::Fail => return Err(on_purpose()),
            Act::Seq(acts) => {
                for act in acts {
                    do_act(own.clone(), act, world.clone()).await?;
                }
            }
            Act::Gather(acts, true) => {
                let handles = started(acts);
                let results = own.gather_results(handles.clone()).await?;
                assert_eq!(results.len(), handles.len());
                assert!(handles.iter().all(Handle::is_over), "gathering with results waits for all");
            }
            Act::Gather(acts, false) => {
                own.gather(started(acts)).await?;
            }
            Act::Group(acts) => {
                let handles: RefCell<Vec<Handle<()>>> = RefCell::default();
                let grouped = own
                    .group(|group| {
                        let (world, handles) = (&world, &handles);
                        async move {
                            for act in acts {
                                let record = world.record(&act);
                                let child = group.start(body(world, act, record.clone()));
                                *record.handle.borrow_mut() = Some(child.clone());
                                handles.borrow_mut().push(child);
                            }
                            Ok(())
                        }
                    })
                    .await;
                assert!(handles.borrow().iter().all(Handle::is_over), "a group is not left before its children");
                match grouped {
                    Ok(()) => {}
                    Err(GroupError::Cancelled) => return Err(Failure::Stopped),
                    Err(GroupError::Failed { failures, .. }) => {
                        assert!(!failures.is_empty());
                        return Err(on_purpose());
                    }
                }
            }
            Act::CallOff(act, after) => {
                let (handle, record) = start(&own, &world, *act);
                own.sleep(after * MICRO).await?;
                if handle.cancel() {
                    record.was_called_off.set(true);
                }
                handle.result(&own).await?.ok();
                assert!(handle.is_over());
            }
            Act::Limit(act, within) => {
                let before = own.now_nanos();
                let ended = own.timeout(within * MICRO, do_act(own.clone(), *act, world.clone())).await;
                match ended {
                    Ok(()) => {}
                    Err(TimeoutError::Expired) => assert!(own.now_nanos() - before >= within * MICRO),
                    Err(TimeoutError::Failed(failure)) => return Err(failure),
                }
            }
            Act::Leave(act, within) => {
                let (handle, _) = start(&own, &world, *act);
                let waited = own.wait([handle.clone()], Until::AllCompleted, Some(within * MICRO)).await?;
                let (done, pending) = waited.expect("it is a handle");
                assert_eq!((done.len(), pending.len()), if handle.is_over() { (1, 0) } else { (0, 1) });
            }
            Act::Locked(lock, act) => {
                let _permit = world.locks[lock].acquire(&own).await?;
                assert_eq!(world.holders[lock].replace(1), 0, "two coroutines hold a lock");
                // A lock that is taken again by what its holder waits for would wait for ever.
                let done = if holds_lock(&act) { Ok(()) } else { do_act(own.clone(), *act, world.clone()).await };
                world.holders[lock].set(0);
                done?;
            }
            Act::Swallow(act) => match do_act(own.clone(), *act, world.clone()).await {
                Err(Failure::Stopped) => own.sleep(MICRO).await?,
                other => other?,
            },
        }
        Ok(())
    })
}

fn holds_lock(act: &Act) -> bool {
    match act {
        Act::Locked(..) => true,
        Act::Sleep(_) | Act::Hop | Act::Fail => false,
        Act::Seq(acts) | Act::Gather(acts, _) | Act::Group(acts) => acts.iter().any(holds_lock),
        Act::CallOff(act, _) | Act::Limit(act, _) | Act::Leave(act, _) | Act::Swallow(act) => holds_lock(act),
    }
}

fn on_a_lane<T: 'static, F: Future<Output = T> + 'static>(body: impl FnOnce(VirtualLane) -> F + 'static) -> T {
    let machine = Machine { cores: 1, policy: Policy::default(), costs: Costs::default() };
    let found = virtual_time::with_host(machine, 1, |host| async move { body(host.lane().clone()).await });
    found.expect("somebody waits for ever")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_tree_of_coroutines_comes_to_its_end(act in act()) {
        let world = Rc::new(World::default());
        let own_world = world.clone();
        on_a_lane(|lane| async move {
            EventLoop::run(lane, |main| async move {
                let (handle, _) = start(&main, &own_world, act);
                Ok(handle.result(&main).await?.is_ok())
            })
            .await
            .expect("the main coroutine does not fail")
        });
        for record in world.records.take() {
            let handle = record.handle.take().expect("it was started");
            let result = handle.peek();
            prop_assert!(handle.is_over(), "a coroutine is left");
            // An assertion within a coroutine is a failure of that coroutine.
            prop_assert!(!matches!(result, Some(Err(TicketError::Failed(Failure::Panicked { .. })))), "{:?}", result);
            prop_assert!(record.begun.get() <= 1, "a coroutine ran twice");
            prop_assert_eq!(record.begun.get(), record.ended.get(), "a coroutine has begun and not ended, or the reverse");
            if record.begun.get() == 0 {
                prop_assert_eq!(&result, &Some(Err(TicketError::Cancelled)), "a coroutine never began");
            }
            if record.was_called_off.get() && !record.swallows {
                prop_assert!(result != Some(Ok(())), "a coroutine was called off, and did not notice");
            }
        }
        prop_assert!(world.locks.iter().all(|lock| !lock.is_locked()), "a lock is left behind");
    }

    #[test]
    fn a_queue_keeps_its_order_and_its_bound_while_producers_and_consumers_are_called_off(
        capacity in 1usize..4,
        producers in prop::collection::vec((1u32..8, 0u64..4, prop::option::of(0u64..12)), 1..4),
        consumers in prop::collection::vec((1u32..12, 0u64..4, prop::option::of(0u64..12)), 1..4),
    ) {
        let (puts, gets) = on_a_lane(move |lane| async move {
            EventLoop::run(lane, move |main| async move {
                let queue = LoopQueue::new(capacity);
                let (puts, gets) = (Rc::new(RefCell::new(Vec::new())), Rc::new(RefCell::new(Vec::new())));
                let mut ends = Vec::new();
                for (producer, (count, pause, end)) in producers.into_iter().enumerate() {
                    let (queue, puts) = (queue.clone(), puts.clone());
                    let handle = main.event_loop().start(move |own: Own| async move {
                        for item in 0..count {
                            queue.put(&own, (producer, item)).await?;
                            puts.borrow_mut().push((producer, item));
                            assert!(queue.len() <= capacity, "the queue holds more than it may");
                            own.sleep(pause * MICRO).await?;
                        }
                        Ok(())
                    });
                    ends.push((handle, end));
                }
                for (count, pause, end) in consumers {
                    let (queue, gets) = (queue.clone(), gets.clone());
                    let handle = main.event_loop().start(move |own: Own| async move {
                        for _ in 0..count {
                            let item = queue.get(&own).await?;
                            gets.borrow_mut().push(item);
                            own.sleep(pause * MICRO).await?;
                        }
                        Ok(())
                    });
                    ends.push((handle, end));
                }
                for (handle, end) in &ends {
                    if let Some(after) = end {
                        let handle = handle.clone();
                        main.event_loop().call_later(after * MICRO, move || {
                            handle.cancel();
                        });
                    }
                }
                // Long after all that can happen has happened.
                main.sleep(1_000 * MICRO).await?;
                for (handle, _) in &ends {
                    assert!(!matches!(handle.peek(), Some(Err(TicketError::Failed(_)))), "{:?}", handle.peek());
                }
                let left = std::iter::from_fn(|| queue.try_get());
                gets.borrow_mut().extend(left);
                Ok((puts.take(), gets.take()))
            })
            .await
            .expect("the main coroutine does not fail")
        });
        let mut expected: VecDeque<_> = puts.into();
        for item in gets {
            prop_assert_eq!(Some(item), expected.pop_front(), "what went in first comes out first, and nothing gets lost");
        }
        prop_assert!(expected.is_empty(), "{expected:?} never came out");
    }
}
