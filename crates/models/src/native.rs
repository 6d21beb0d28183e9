//! The host of tests and benches: the operating system's threads, real sleeps. A process is a thread that is given and
//! gives back bytes only.

mod stack;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use catalog::{Home, RunSpec};
use trace::{Failure, LaneKind, State};
use workloads::Job;

use crate::{
    Answers, Body, Finished, Heard, Host, Lane, Log, Reply, Request, Row, Shared, Signal, Stop, Stopped, answer_body,
    caught, finish, run_on_host, run_on_lane, spin, work_of,
};

pub use stack::{NativeInside, NativeStack};

/// How long a lane waits for a signal before it looks whether it should stop.
const LOOK_UP_EVERY: Duration = Duration::from_millis(10);

/// A lane on the calling thread, which it blocks.
#[derive(Clone)]
pub struct NativeLane {
    epoch: Instant,
    row: Row,
    log: Log,
    stop: Stop,
    done: Arc<AtomicU32>,
    /// Whom a process tells what it does: its id and the way to its host.
    ear: Option<(u32, mpsc::Sender<Sent>)>,
}

impl Lane for NativeLane {
    type Stack = NativeStack;

    fn now_nanos(&self) -> u64 {
        self.epoch.elapsed().as_nanos() as u64
    }

    fn row(&self) -> &Row {
        &self.row
    }

    async fn end_quantum(&self, _stated_nanos: u64) -> Result<(), Stopped> {
        self.stop.check()
    }

    async fn sleep(&self, nanos: u64) -> Result<(), Stopped> {
        let due = Instant::now() + Duration::from_nanos(nanos);
        loop {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return self.stop.check();
            }
            self.stop.block_for(left)?;
        }
    }

    fn spend(&self, nanos: u64) {
        spin(nanos);
    }

    async fn wait_for(&self, signal: &Signal, timeout_nanos: Option<u64>) -> Result<bool, Stopped> {
        let due = timeout_nanos.map(|nanos| Instant::now() + Duration::from_nanos(nanos));
        loop {
            if signal.is_set() {
                return Ok(true);
            }
            self.stop.check()?;
            let left = due.map_or(LOOK_UP_EVERY, |due| due.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Ok(signal.is_set());
            }
            signal.block_for(left.min(LOOK_UP_EVERY));
        }
    }

    /// Nobody answers.
    fn request(&self, _page: u32, _nanos: u64) -> Option<Request> {
        None
    }

    async fn hop(&self) -> Result<(), Stopped> {
        std::thread::yield_now();
        self.stop.check()
    }

    fn job_done(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    fn tell_of_beginning(&self, job: u32) {
        if let Some((id, ear)) = &self.ear {
            // Nobody listens any more when the run has been given up.
            let _ = ear.send((*id, News::Began(job)));
        }
    }

    fn further_row(&self, kind: LaneKind, number: u32) -> Row {
        self.log.open(kind, number)
    }

    fn new_stack<F: Future<Output = ()> + 'static>(
        &self,
        body: impl FnOnce(NativeInside) -> F + Send + 'static,
    ) -> Result<NativeStack, Failure> {
        NativeStack::new(self, body)
    }
}

/// Completes a future whose lanes block: one poll must do.
fn complete<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a native lane blocks its thread instead of giving it back"),
    }
}

/// The host.
#[derive(Clone)]
pub struct NativeHost {
    lane: NativeLane,
    processes: Rc<Processes>,
}

/// What a process sends to its host.
enum News {
    Began(u32),
    Replied(Vec<u8>),
    Died(Failure),
}

type Sent = (u32, News);

struct Processes {
    requests: RefCell<BTreeMap<u32, mpsc::Sender<Vec<u8>>>>,
    replies: mpsc::Receiver<Sent>,
    reply_to: mpsc::Sender<Sent>,
}

impl NativeHost {
    /// A host whose own lane is the calling thread.
    pub fn new(stop: &Stop, kind: LaneKind) -> NativeHost {
        let log = Log::new();
        let row = log.open(kind, 1);
        let lane = NativeLane { epoch: Instant::now(), row, log, stop: stop.clone(), done: Arc::default(), ear: None };
        let (reply_to, replies) = mpsc::channel();
        NativeHost { lane, processes: Rc::new(Processes { requests: RefCell::default(), replies, reply_to }) }
    }
}

/// The life of a process: one body after another, in a memory that shares nothing with the others' by agreement. It tells
/// its host why it ends, unless the host has ended it.
fn process_main(lane: &NativeLane, id: u32, requests: &mpsc::Receiver<Vec<u8>>, ear: &mpsc::Sender<Sent>) {
    // Nobody listens any more when the run has been given up.
    let tell = |news| drop(ear.send((id, news)));
    let mut ended_nanos = None;
    for body in requests {
        match caught::call(|| Ok(do_body(lane, &body, &mut ended_nanos))) {
            Ok(Some(reply)) => tell(News::Replied(reply)),
            Ok(None) => {
                let (worker, message) = (format!("process {id}"), "it ended without a word".into());
                return tell(News::Died(Failure::WorkerDied { worker, message }));
            }
            Err(failure) => return tell(News::Died(failure)),
        }
    }
}

/// What a process does with one body; no reply if it dies of it. `ended_nanos` is when it was done with the one before: what
/// it was given earlier has waited until then.
fn do_body(lane: &NativeLane, body: &[u8], ended_nanos: &mut Option<u64>) -> Option<Vec<u8>> {
    let body: Body = postcard::from_bytes(body).expect("the host wrote these bytes");
    let log = Log::new();
    let lane = NativeLane { row: log.open(LaneKind::Process, body.id), log, ..lane.clone() };
    let before = if ended_nanos.is_none() { State::Starting } else { State::Copying };
    lane.row.enter(before, None, body.requested_nanos.max(ended_nanos.unwrap_or(0)));
    let result = complete(caught::run(answer_body(&lane, &body)));
    if result.is_ok() && body.is_deadly() {
        return None;
    }
    let sent_nanos = lane.now_nanos();
    *ended_nanos = Some(sent_nanos);
    let (lanes, dropped_lanes) = lane.log.take(sent_nanos);
    Some(postcard::to_allocvec(&Reply { result, lanes, dropped_lanes, sent_nanos }).expect("a reply can be written"))
}

fn bytes_of(body: &Body) -> Vec<u8> {
    postcard::to_allocvec(body).expect("a body can be written into memory")
}

impl Host for NativeHost {
    type Lane = NativeLane;
    type Thread = NativeLane;
    type Joinable = JoinHandle<Result<Answers, Failure>>;

    fn lane(&self) -> &NativeLane {
        &self.lane
    }

    async fn start_thread<F>(
        &self,
        number: u32,
        body: impl FnOnce(NativeLane) -> F + Send + 'static,
    ) -> Result<Self::Joinable, Failure>
    where
        F: Future<Output = Result<Answers, Failure>> + 'static,
    {
        let lane = NativeLane { row: self.lane.log.open(LaneKind::Thread, number), ..self.lane.clone() };
        lane.row.enter(State::Starting, None, lane.now_nanos());
        std::thread::Builder::new()
            .name(format!("thread {number}"))
            .spawn(move || {
                let row = lane.row.clone();
                row.enter(State::Idle, None, lane.now_nanos());
                let clock = lane.clone();
                let ended = complete(caught::run(body(lane)));
                row.leave(clock.now_nanos());
                ended
            })
            .map_err(|error| Failure::CouldNotStart { what: "a thread".into(), message: error.to_string() })
    }

    async fn join_thread(&self, thread: Self::Joinable) -> Result<Answers, Failure> {
        let died = |_| Failure::WorkerDied { worker: "a thread".into(), message: "it panicked".into() };
        thread.join().map_err(died)?
    }

    async fn start_process(&self, body: Body) -> Result<(), Failure> {
        let (request, requests) = mpsc::channel::<Vec<u8>>();
        let (ear, id) = (self.processes.reply_to.clone(), body.id);
        let lane = NativeLane { ear: Some((id, ear.clone())), ..self.lane.clone() };
        request.send(bytes_of(&body)).expect("its receiver is two lines above");
        self.processes.requests.borrow_mut().insert(id, request);
        std::thread::Builder::new()
            .name(format!("process {id}"))
            .spawn(move || process_main(&lane, id, &requests, &ear))
            .map(drop)
            .map_err(|error| Failure::CouldNotStart { what: "a process".into(), message: error.to_string() })
    }

    async fn ask_process(&self, body: Body) -> Result<(), Failure> {
        let requests = self.processes.requests.borrow();
        let asked = requests.get(&body.id).and_then(|request| request.send(bytes_of(&body)).ok());
        asked
            .ok_or_else(|| Failure::WorkerDied { worker: format!("process {}", body.id), message: "it is gone".into() })
    }

    async fn hear(&self) -> (u32, Heard) {
        let (id, news) = self.processes.replies.recv().expect("the host keeps a sender itself");
        let heard = match news {
            News::Began(job) => Heard::Began(job),
            News::Replied(bytes) => match postcard::from_bytes::<Reply>(&bytes) {
                Ok(reply) => {
                    self.lane.log.add(reply.lanes.clone(), reply.dropped_lanes);
                    Heard::Replied(reply)
                }
                Err(error) => Heard::Died(Failure::BadMessage { message: error.to_string() }),
            },
            News::Died(failure) => {
                self.lane.log.note_death(id, self.lane.now_nanos());
                Heard::Died(failure)
            }
        };
        (id, heard)
    }

    fn end_process(&self, id: u32) {
        self.processes.requests.borrow_mut().remove(&id);
    }

    async fn fork_join(&self, threads: u32, jobs: Arc<[Job]>, shared: &Shared) -> Result<Vec<u64>, Failure> {
        let lanes: Vec<NativeLane> = (1..=threads)
            .map(|number| NativeLane { row: self.lane.log.open(LaneKind::Thread, number), ..self.lane.clone() })
            .collect();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads as usize)
            .build()
            .map_err(|error| Failure::CouldNotStart { what: "the pool".into(), message: error.to_string() })?;
        for lane in &lanes {
            lane.row.enter(State::Idle, None, lane.now_nanos());
        }
        pool.install(|| crate::fork_join(&jobs, shared, |thread| lanes[thread].clone()))
    }
}

/// Runs something on a host whose own lane is the calling thread.
pub fn with_host<T, F: Future<Output = T>>(body: impl FnOnce(NativeHost) -> F) -> T {
    complete(body(NativeHost::new(&Stop::new(), LaneKind::Conductor)))
}

/// Ends the run when its jobs wait for each other.
fn watch(shared: Shared, jobs: usize, done: Arc<AtomicU32>, stop: Stop, ended: Stop) -> Option<Failure> {
    let mut before = None;
    while ended.block_for(Duration::from_millis(50)).is_ok() {
        let found = shared.deadlock(jobs, done.load(Ordering::Relaxed) as usize);
        if found.is_some() && found == before {
            stop.stop();
            return found.map(|waits| Failure::Deadlock { waits });
        }
        before = found;
    }
    None
}

/// Runs a spec to its end on this machine.
pub fn run(spec: &RunSpec, stop: &Stop) -> Result<Finished, Failure> {
    let work = work_of(spec)?;
    let (kind, home) = match spec.model.row().home {
        Home::Lane => (LaneKind::Thread, Home::Lane),
        Home::Loop => (LaneKind::WorkerLoop, Home::Loop),
        Home::Conductor => (LaneKind::Conductor, Home::Conductor),
    };
    let (host, shared, ended) = (NativeHost::new(stop, kind), Shared::new(&work.shared), Stop::new());
    let watchdog = {
        let (shared, jobs, done) = (shared.clone(), work.all_jobs(), host.lane.done.clone());
        let (stop, ended) = (stop.clone(), ended.clone());
        std::thread::spawn(move || watch(shared, jobs, done, stop, ended))
    };
    let outcome = match home {
        Home::Lane | Home::Loop => complete(run_on_lane(host.lane(), spec.model, &work, &shared)),
        Home::Conductor => complete(run_on_host(&host, spec, &work, &shared)),
    };
    ended.stop();
    let deadlock = watchdog.join().expect("the watchdog does not panic");
    match deadlock {
        Some(deadlock) => Err(deadlock),
        None => finish(&outcome?, &work, &host.lane.log),
    }
}
