//! The facts about generators, event loops, executors, threads and locks that were recorded from CPython, found again on
//! real threads and in virtual time.

use std::path::Path;

use catalog::GilSettings;
use models::golden::{PLUS_ONE, PLUS_ONE_WITH_A_CALL, fact, four_sleeps_to_threads, thread_updates};
use models::native;
use models::virtual_time::{self, Costs, Machine, Policy};
use serde_json::Value;

/// The versions whose facts are on file. They agree in all that is asked here.
const RECORDINGS: [&str; 2] = ["cpython-3.11.json", "cpython-3.13.json"];

fn machine() -> Machine {
    Machine { cores: 2, policy: Policy::default(), costs: Costs::default() }
}

#[track_caller]
fn check(key: &str, found: &str) {
    let found: Value = serde_json::from_str(found).unwrap_or_else(|error| panic!("{key}: {found}: {error}"));
    for recording in RECORDINGS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(recording);
        let text = std::fs::read_to_string(&path).expect("a recording can be read");
        let facts: Value = serde_json::from_str(&text).expect("a recording is JSON");
        let recorded = facts.get(key).unwrap_or_else(|| panic!("{recording} has no {key}"));
        assert_eq!(&found, recorded, "{key}, as in {recording}");
    }
}

macro_rules! facts {
    ($($name:ident: $key:literal,)*) => {
        mod natively {
            $(#[test]
            fn $name() {
                let found = super::native::with_host(|host| async move { super::fact(&host, $key).await });
                super::check($key, &found.expect($key));
            })*
        }

        mod in_virtual_time {
            $(#[test]
            fn $name() {
                for seed in [1, 2] {
                    let body = |host| async move { super::fact(&host, $key).await };
                    let found = super::virtual_time::with_host(super::machine(), seed, body).expect($key);
                    super::check($key, &found.expect($key));
                }
            })*
        }
    };
}

/// How long it takes says nothing on a busy machine; in virtual time it is a tenth of a second and what threads cost.
#[test]
fn sleeps_handed_to_threads_go_on_together() {
    let key = "to_thread x4 .1s";
    let found = virtual_time::with_host(machine(), 1, move |host| async move { fact(&host, key).await }).expect(key);
    check(key, &found.expect(key));
    let (_, slept) = native::with_host(|host| async move { four_sleeps_to_threads(&host).await }).expect(key);
    let last_to_begin = slept.iter().map(|[begin, _]| begin).max();
    let first_to_end = slept.iter().map(|[_, end]| end).min();
    assert!(slept.len() == 4 && last_to_begin < first_to_end, "{slept:?}");
}

facts! {
    gen_send_before_start: "gen.send_before_start",
    gen_next: "gen.next",
    gen_send: "gen.send",
    yield_from: "yield_from",
    map_order: "map.order",
    as_completed_order: "as_completed.order",
    cancel_running: "cancel.running",
    cancel_queued: "cancel.queued",
    f2_cancelled: "f2.cancelled",
    exc_stored: "exc.stored",
    exc_result: "exc.result",
    map_exc: "map.exc",
    submit_after_shutdown: "submit_after_shutdown",
    shutdown_cancel_futures: "shutdown.cancel_futures",
    default_max_workers: "default.max_workers",
    cf_wait_timeout: "cf.wait.timeout",
    coro_lazy: "coro_lazy",
    task_starts_next_tick: "task_starts_next_tick",
    gather: "gather",
    gather_exc: "gather.exc",
    gather_return_exceptions: "gather.return_exceptions",
    wait_timeout: "wait.timeout",
    wait_first_exception: "wait.FIRST_EXCEPTION",
    wait_coroutine: "wait.coroutine",
    wait_for: "wait_for",
    task_group: "TaskGroup",
    asyncio_timeout: "asyncio.timeout",
    cancel: "cancel",
    cancel_swallowed: "cancel.swallowed",
    call_soon_vs_later0: "call_soon_vs_later0",
    sleep0_interleave: "sleep0_interleave",
    blocking_x4: "blocking x4 .1s",
    queue_of_one: "queue(maxsize=1)",
    thread_lost_updates: "thread_lost_updates",
    coroutine_lost_updates: "coroutine_lost_updates",
    with_lock: "with_lock",
}

/// How many of the updates of two threads get lost in virtual time.
fn lost(switches_anywhere: bool, steps: &'static [workloads::Step]) -> u64 {
    let gil = GilSettings { switch_micros: 10, switches_anywhere };
    let body = move |host| async move { thread_updates(&host, gil, 10_000, steps).await };
    let counted = virtual_time::with_host(machine(), 1, body).expect("the threads never wait for each other for good");
    let [expected, counted] = counted.expect("nothing goes wrong when counting");
    expected - counted
}

#[test]
fn up_to_3_9_a_bare_increment_loses_updates() {
    assert!(lost(true, &PLUS_ONE) > 0);
    assert_eq!(lost(false, &PLUS_ONE), 0);
}

#[test]
fn a_call_between_reading_and_writing_loses_updates_on_every_version() {
    assert!(lost(true, &PLUS_ONE_WITH_A_CALL) > 0);
    assert!(lost(false, &PLUS_ONE_WITH_A_CALL) > 0);
}
