//! Processes as the engine that started them sees them: a key, what they send, a count of jobs done.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::task::{Poll, Waker};

use js_sys::Uint8Array;
use models::{Body, Waits};
use protocol::trace::Failure;
use wasm_bindgen::prelude::*;

use crate::browser;

/// What is heard of a process.
pub enum Sent {
    /// It has begun this job.
    Began(u32),
    /// A reply's bytes.
    Reply(Vec<u8>),
    /// It will send nothing more, for this reason.
    Died(Failure),
}

#[derive(Default)]
struct Registry {
    alive: BTreeMap<u32, Alive>,
    last_key: u32,
    /// What has come and nobody has heard yet, with the sender's id.
    arrived: VecDeque<(u32, Sent)>,
    listener: Option<Waker>,
}

struct Alive {
    /// The id that the reader sees.
    id: u32,
    jobs_done: u32,
    /// The jobs inside it that wait for each other.
    deadlock: Option<Waits>,
}

thread_local! {
    static REGISTRY: RefCell<Registry> = RefCell::default();
}

fn bytes_of(epoch_millis: f64, body: &Body) -> Uint8Array {
    let bytes = postcard::to_allocvec(&(epoch_millis, body)).expect("a body can be written into memory");
    Uint8Array::from(bytes.as_slice())
}

/// Starts a process with something to do.
pub fn start(epoch_millis: f64, body: &Body) {
    let key = REGISTRY.with_borrow_mut(|registry| {
        registry.last_key += 1;
        registry.alive.insert(registry.last_key, Alive { id: body.id, jobs_done: 0, deadlock: None });
        registry.last_key
    });
    browser::start_process(key, bytes_of(epoch_millis, body));
}

fn key_of(id: u32) -> Option<u32> {
    REGISTRY.with_borrow(|registry| registry.alive.iter().find_map(|(&key, alive)| (alive.id == id).then_some(key)))
}

/// Gives a process something more to do.
pub fn ask(epoch_millis: f64, body: &Body) -> Result<(), Failure> {
    let worker = || format!("process {}", body.id);
    let key = key_of(body.id).ok_or_else(|| Failure::WorkerDied { worker: worker(), message: "it is gone".into() })?;
    browser::ask_process(key, bytes_of(epoch_millis, body));
    Ok(())
}

/// Lets a process end.
pub fn end(id: u32) {
    if let Some(key) = key_of(id) {
        REGISTRY.with_borrow_mut(|registry| registry.alive.remove(&key));
        browser::end_process(key);
    }
}

/// Waits for what any process sends next.
pub async fn hear() -> (u32, Sent) {
    poll_fn(|context| {
        REGISTRY.with_borrow_mut(|registry| match registry.arrived.pop_front() {
            Some(sent) => Poll::Ready(sent),
            None => {
                registry.listener = Some(context.waker().clone());
                Poll::Pending
            }
        })
    })
    .await
}

/// Something has come from a living process; `note` says what that makes of it.
fn arrive(key: u32, note: impl FnOnce(&mut Alive) -> Sent) {
    let listener = REGISTRY.with_borrow_mut(|registry| {
        let alive = registry.alive.get_mut(&key)?;
        let (id, sent) = (alive.id, note(alive));
        if matches!(sent, Sent::Died(_)) {
            registry.alive.remove(&key);
        }
        registry.arrived.push_back((id, sent));
        registry.listener.take()
    });
    listener.into_iter().for_each(Waker::wake);
}

/// A process has begun a job.
#[wasm_bindgen(js_name = processBegan)]
pub fn began(key: u32, job: u32) {
    arrive(key, |_| Sent::Began(job));
}

/// A process has replied.
#[wasm_bindgen(js_name = processReplied)]
pub fn replied(key: u32, bytes: Vec<u8>) {
    arrive(key, |alive| {
        alive.jobs_done = 0;
        Sent::Reply(bytes)
    });
}

/// A process has ended without a word.
#[wasm_bindgen(js_name = processDied)]
pub fn died(key: u32, message: String) {
    arrive(key, |alive| Sent::Died(Failure::WorkerDied { worker: format!("process {}", alive.id), message }));
}

/// A process says how many jobs it has done so far.
#[wasm_bindgen(js_name = processProgress)]
pub fn progress(key: u32, jobs_done: u32) {
    REGISTRY.with_borrow_mut(|registry| {
        if let Some(alive) = registry.alive.get_mut(&key) {
            alive.jobs_done = jobs_done;
        }
    });
}

/// Jobs inside a process wait for each other.
#[wasm_bindgen(js_name = processDeadlocked)]
pub fn deadlocked(key: u32, waits: &[u8]) {
    REGISTRY.with_borrow_mut(|registry| {
        if let Some(alive) = registry.alive.get_mut(&key) {
            alive.deadlock = postcard::from_bytes(waits).ok();
        }
    });
}

/// The jobs inside a process that wait for each other, if there is such a process.
pub fn deadlock() -> Option<Waits> {
    REGISTRY.with_borrow(|registry| registry.alive.values().find_map(|alive| alive.deadlock.clone()))
}

/// Jobs that living processes have reported as done.
pub fn jobs_done() -> u32 {
    REGISTRY.with_borrow(|registry| registry.alive.values().map(|alive| alive.jobs_done).sum())
}

fn keys() -> Vec<u32> {
    REGISTRY.with_borrow(|registry| registry.alive.keys().copied().collect())
}

/// Tells every process to stop; those that compute read it within about 50 ms.
pub fn stop_all() {
    keys().into_iter().for_each(browser::stop_process);
}

/// Ends every process that is left, at once, and forgets what they sent.
pub fn end_all() {
    keys().into_iter().for_each(browser::terminate_process);
    REGISTRY.with_borrow_mut(|registry| {
        registry.alive.clear();
        registry.arrived.clear();
    });
}
