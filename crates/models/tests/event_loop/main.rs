//! The event loop's contract beyond the facts recorded from CPython: in virtual time, to the nanosecond.

mod locks;

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use models::virtual_time::{self, Costs, Machine, Policy, VirtualLane};
use models::{
    Coroutine, EventLoop, Handle, Host, Lane, Signal, TicketError, TimeoutError, Unstarted, Until, WaitError, native,
};
use trace::Failure;

const MILLI: u64 = 1_000_000;

type Main = Coroutine<VirtualLane>;
type Notes = Rc<RefCell<Vec<String>>>;

fn on_a_lane<T: 'static, F: Future<Output = T> + 'static>(body: impl FnOnce(VirtualLane) -> F + 'static) -> T {
    let machine = Machine { cores: 1, policy: Policy::default(), costs: Costs::default() };
    let found = virtual_time::with_host(machine, 1, |host| async move { body(host.lane().clone()).await });
    found.expect("the loop does not stand still")
}

#[track_caller]
fn run<T, F>(main: impl FnOnce(Main) -> F + 'static) -> T
where
    T: Clone + 'static,
    F: Future<Output = Result<T, Failure>> + 'static,
{
    on_a_lane(|lane| async move { EventLoop::run(lane, main).await }).expect("the main coroutine does not fail")
}

fn failing() -> Failure {
    Failure::BadRequest { message: "on purpose".into() }
}

fn sleeping(main: &Main, nanos: u64) -> Handle<u64> {
    main.event_loop().start(move |own| async move {
        own.sleep(nanos).await?;
        Ok(nanos)
    })
}

fn note(notes: &Notes, text: impl Into<String>) {
    notes.borrow_mut().push(text.into());
}

#[test]
fn timers_go_by_time_and_then_by_the_order_in_which_they_were_set() {
    let order = run(|main| async move {
        let (notes, now) = (Notes::default(), main.now_nanos());
        for (name, after) in [("c", 2), ("a", 1), ("d", 2), ("b", 1)] {
            let notes = notes.clone();
            main.event_loop().call_at(now + after * MILLI, move || note(&notes, name));
        }
        main.sleep(3 * MILLI).await?;
        Ok(notes.take())
    });
    assert_eq!(order, ["a", "b", "c", "d"]);
}

#[test]
fn a_callback_that_has_been_called_off_is_not_called() {
    let called = run(|main| async move {
        let notes = Notes::default();
        let noting = |name: &'static str| {
            let notes = notes.clone();
            move || note(&notes, name)
        };
        let soon = main.event_loop().call_soon(noting("soon"));
        let later = main.event_loop().call_later(MILLI, noting("later"));
        main.event_loop().call_later(MILLI, noting("kept"));
        soon.cancel();
        later.cancel();
        assert!(soon.is_cancelled() && later.is_cancelled());
        main.sleep(2 * MILLI).await?;
        Ok(notes.take())
    });
    assert_eq!(called, ["kept"]);
}

#[test]
fn many_timers_that_were_called_off_do_not_hold_up_those_that_were_not() {
    let took = run(|main| async move {
        for _ in 0..10_000 {
            main.event_loop().call_later(1_000 * MILLI, || panic!("it was called off")).cancel();
        }
        main.sleep(MILLI).await?;
        Ok(main.now_nanos())
    });
    assert_eq!(took, MILLI);
}

#[test]
fn a_loop_that_runs_forever_runs_until_it_is_stopped() {
    let seen = on_a_lane(|lane| async move {
        let (event_loop, notes) = (EventLoop::new(lane), Notes::default());
        let (own, stopping, behind) = (notes.clone(), event_loop.clone(), notes.clone());
        event_loop.call_later(5 * MILLI, move || {
            note(&own, "stop");
            stopping.stop();
        });
        // In the same turn as the stop, and so still before the end.
        event_loop.call_later(5 * MILLI, move || note(&behind, "same turn"));
        let sleeping = event_loop.start(|own| async move { Ok(own.sleep(50 * MILLI).await?) });
        event_loop.run_forever().await.expect("nobody stops the run");
        note(&notes, format!("{} ms, over: {}", event_loop.now_nanos() / MILLI, sleeping.is_over()));
        // It can be taken up again where it was.
        let ended = event_loop.run_until_complete(&sleeping).await.expect("nobody stops the run");
        note(&notes, format!("{} ms, {ended:?}", event_loop.now_nanos() / MILLI));
        event_loop.close();
        notes.take()
    });
    assert_eq!(seen, ["stop", "same turn", "5 ms, over: false", "50 ms, Ok(())"]);
}

#[test]
fn what_is_left_when_the_main_coroutine_ends_is_called_off_and_waited_for() {
    let notes = Notes::default();
    let own = notes.clone();
    run(|main| async move {
        let slow = main.event_loop().start(|slow: Main| async move {
            let slept = slow.sleep(u64::MAX / 2).await;
            note(&own, format!("called off: {}", slept.is_err()));
            slow.sleep(MILLI).await?;
            note(&own, "seen to it");
            Ok(())
        });
        main.sleep(0).await?;
        drop(slow);
        Ok(())
    });
    assert_eq!(notes.take(), ["called off: true", "seen to it"]);
}

#[test]
fn a_failure_that_nobody_asks_for_is_reported() {
    let (first, count) = on_a_lane(|lane| async move {
        let event_loop = EventLoop::new(lane);
        event_loop.call_soon(|| panic!("in a callback"));
        drop(event_loop.start(|_| async { Err::<(), _>(failing()) }));
        let asked = event_loop.start(|_| async { Err::<(), _>(failing()) });
        assert_eq!(event_loop.run_until_complete(&asked).await, Ok(Err(failing())));
        let unhandled = event_loop.take_unhandled().expect("two had nowhere to go");
        assert_eq!(event_loop.take_unhandled(), None);
        event_loop.close();
        unhandled
    });
    assert_eq!((first, count), (Failure::Panicked { message: "in a callback".into() }, 2));
}

#[test]
fn an_exception_handler_is_told_instead() {
    let told = run(|main| async move {
        let notes = Notes::default();
        let own = notes.clone();
        main.event_loop().set_exception_handler(move |failure| note(&own, failure.to_string()));
        main.event_loop().call_soon(|| panic!("nowhere to go"));
        main.sleep(MILLI).await?;
        assert_eq!(main.event_loop().take_unhandled(), None);
        Ok(notes.take())
    });
    assert_eq!(told, ["panicked: nowhere to go"]);
}

#[test]
fn callbacks_of_a_handle_are_called_once_at_the_turn_after_its_end() {
    let seen = run(|main| async move {
        let (notes, handle) = (Notes::default(), sleeping(&main, MILLI));
        let (early, late) = (notes.clone(), notes.clone());
        handle.on_over(move || note(&early, "early"));
        handle.value(&main).await?;
        handle.on_over(move || note(&late, "late"));
        note(&notes, "main");
        main.sleep(0).await?;
        Ok(notes.take())
    });
    assert_eq!(seen, ["early", "main", "late"]);
}

#[test]
fn a_coroutine_that_is_called_off_before_it_begins_never_begins() {
    let is_cancelled = run(|main| async move {
        let handle = main.event_loop().start(|_| async { Err::<(), _>(failing()) });
        assert!(handle.cancel());
        let result = handle.result(&main).await?;
        assert!(!handle.cancel(), "it is over");
        Ok(result == Err(TicketError::Cancelled))
    });
    assert!(is_cancelled);
}

/// A coroutine that gets hold of its own handle and calls itself off.
fn calling_itself_off(main: &Main, then_waits: bool) -> Handle<()> {
    let own: Rc<RefCell<Option<Handle<()>>>> = Rc::default();
    let slot = own.clone();
    let handle = main.event_loop().start(move |me: Main| async move {
        let myself = slot.take().expect("it has been put there");
        assert!(myself.cancel());
        if then_waits { Ok(me.sleep(u64::MAX / 2).await?) } else { Ok(()) }
    });
    *own.borrow_mut() = Some(handle.clone());
    handle
}

#[test]
fn a_coroutine_that_calls_itself_off_is_called_off_even_if_it_never_waits_again() {
    let cancelled = run(|main| async move {
        let handles = [true, false].map(|then_waits| calling_itself_off(&main, then_waits));
        main.wait(handles.clone(), Until::AllCompleted, None).await?.expect("these are handles");
        Ok(handles.map(|handle| handle.is_cancelled()))
    });
    assert_eq!(cancelled, [true, true]);
}

#[test]
fn a_coroutine_cannot_wait_for_itself() {
    let refused = run(|main| async move {
        let own: Rc<RefCell<Option<Handle<bool>>>> = Rc::default();
        let slot = own.clone();
        let handle = main.event_loop().start(|me: Main| async move {
            let me_too = slot.borrow().clone().expect("it has been put there");
            Ok(matches!(me_too.result(&me).await?, Err(TicketError::Failed(Failure::BadRequest { .. }))))
        });
        *own.borrow_mut() = Some(handle.clone());
        let refused = handle.value(&main).await?;
        own.take();
        Ok(refused)
    });
    assert!(refused);
}

#[test]
fn calling_off_whoever_waits_calls_off_what_is_waited_for() {
    let (child, at) = run(|main| async move {
        let child = sleeping(&main, 1_000 * MILLI);
        let awaited = child.clone();
        let parent = main.event_loop().start(|own: Main| async move { awaited.value(&own).await });
        main.sleep(MILLI).await?;
        parent.cancel();
        assert_eq!(parent.result(&main).await?, Err(TicketError::Cancelled));
        Ok((child.is_cancelled(), main.now_nanos()))
    });
    assert_eq!((child, at), (true, MILLI));
}

#[test]
fn calling_off_a_gathering_calls_off_every_child_and_waiting_for_some_calls_off_none() {
    let seen = run(|main| async move {
        let children = [1_000, 2_000].map(|millis| sleeping(&main, millis * MILLI));
        let both = children.clone();
        let gathering = main.event_loop().start(|own: Main| async move { own.gather(both).await });
        main.sleep(MILLI).await?;
        gathering.cancel();
        assert_eq!(gathering.result(&main).await?, Err(TicketError::Cancelled));
        let gathered = children.map(|child| child.is_cancelled());
        let child = sleeping(&main, 5 * MILLI);
        let awaited = [child.clone()];
        let waiting = main
            .event_loop()
            .start(|own: Main| async move { Ok(own.wait(awaited, Until::AllCompleted, None).await?.is_ok()) });
        main.sleep(MILLI).await?;
        waiting.cancel();
        assert_eq!(waiting.result(&main).await?, Err(TicketError::Cancelled));
        Ok((gathered, child.value(&main).await?))
    });
    assert_eq!(seen, ([true, true], 5 * MILLI));
}

#[test]
fn waiting_ends_with_the_first_that_is_over_and_refuses_nothing_at_all() {
    let seen = run(|main| async move {
        let handles = [3, 1, 2].map(|millis| sleeping(&main, millis * MILLI));
        let first = main.wait(handles.clone(), Until::FirstCompleted, None).await?;
        let nothing = main.wait(Vec::<Handle<u64>>::new(), Until::AllCompleted, None).await?;
        assert_eq!(nothing, Err(WaitError::Nothing));
        let all = main.wait(handles, Until::AllCompleted, None).await?;
        Ok((first, all, main.now_nanos()))
    });
    assert_eq!(seen, (Ok((vec![1], vec![0, 2])), Ok((vec![0, 1, 2], vec![])), 3 * MILLI));
}

#[test]
fn of_two_nested_time_limits_the_one_whose_time_is_up_says_so() {
    let seen = run(|main| async move {
        let own = main.clone();
        let inner_first = main
            .timeout(5 * MILLI, async {
                let inner = own.timeout(MILLI, async { Ok(own.sleep(10 * MILLI).await?) }).await;
                assert_eq!(inner, Err(TimeoutError::Expired));
                Ok(own.sleep(MILLI).await?)
            })
            .await;
        let outer_first = main
            .timeout(MILLI, async {
                let inner = own.timeout(5 * MILLI, async { Ok(own.sleep(10 * MILLI).await?) }).await;
                assert_eq!(inner, Err(TimeoutError::Failed(Failure::Stopped)));
                Err::<(), _>(Failure::Stopped)
            })
            .await;
        Ok((inner_first, outer_first, main.now_nanos()))
    });
    assert_eq!(seen, (Ok(()), Err(TimeoutError::Expired), 3 * MILLI));
}

#[test]
fn a_blocking_call_blocks_everybody() {
    let seen = run(|main| async move {
        let blocks = (0..4).map(|_| Unstarted::new(|own: Main| async move { Ok(own.block_for(100 * MILLI).await?) }));
        main.gather(blocks).await?;
        let blocked = main.now_nanos();
        let sleeps = (0..4).map(|_| Unstarted::new(|own: Main| async move { Ok(own.sleep(100 * MILLI).await?) }));
        main.gather(sleeps).await?;
        Ok((blocked, main.now_nanos() - blocked))
    });
    assert_eq!(seen, (400 * MILLI, 100 * MILLI));
}

#[test]
fn another_thread_wakes_a_loop_that_has_nothing_else_to_wait_for() {
    let woken = native::with_host(|host| async move {
        EventLoop::run(host.lane().clone(), |main| async move {
            let signal = Signal::new();
            let bell = signal.clone();
            let other = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                bell.set();
            });
            let was_set = main.wait_for(&signal, None).await?;
            other.join().expect("it does not panic");
            Ok(was_set)
        })
        .await
    });
    assert_eq!(woken, Ok(true));
}

#[test]
fn a_hundred_thousand_coroutines_sleep_at_once() {
    let slept = run(|main| async move {
        let sleeps = (0..100_000).map(|_| Unstarted::new(|own: Main| async move { Ok(own.sleep(MILLI).await?) }));
        main.gather(sleeps).await?;
        Ok(main.now_nanos())
    });
    assert_eq!(slept, MILLI);
}
