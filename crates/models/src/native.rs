//! The host of tests and benches: the operating system's threads, real sleeps. A process is a thread that is given and
//! gives back bytes only.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use catalog::{Home, RunSpec};
use trace::{Failure, LaneKind, Recording, State};
use workloads::Job;

use crate::{Body, Host, Lane, Log, Reply, Row, Stop, Stopped, answer_body, finish, run_on_host, run_on_lane, work_of};

/// A lane on the calling thread, which it blocks.
#[derive(Clone)]
pub struct NativeLane {
    epoch: Instant,
    row: Row,
    log: Log,
    stop: Stop,
    done: Arc<AtomicU32>,
}

impl Lane for NativeLane {
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

    async fn hop(&self) -> Result<(), Stopped> {
        self.stop.check()
    }

    fn job_done(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    fn further_row(&self, kind: LaneKind, number: u32) -> Row {
        self.log.open(kind, number)
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
}

impl NativeHost {
    fn new(stop: &Stop, kind: LaneKind) -> NativeHost {
        let log = Log::new();
        let row = log.open(kind, 1);
        let lane = NativeLane { epoch: Instant::now(), row, log, stop: stop.clone(), done: Arc::default() };
        NativeHost { lane }
    }
}

impl Host for NativeHost {
    type Lane = NativeLane;
    type Process = JoinHandle<Vec<u8>>;

    fn lane(&self) -> &NativeLane {
        &self.lane
    }

    async fn start_process(&self, body: Body) -> Result<JoinHandle<Vec<u8>>, Failure> {
        let arguments = postcard::to_allocvec(&body).expect("a body can be written into memory");
        let NativeLane { epoch, stop, done, .. } = self.lane.clone();
        std::thread::Builder::new()
            .name(format!("process {}", body.id))
            .spawn(move || {
                let body: Body = postcard::from_bytes(&arguments).expect("the host wrote these bytes");
                let log = Log::new();
                let lane = NativeLane { epoch, row: log.open(LaneKind::Process, body.id), log, stop, done };
                lane.row.enter(State::Starting, None, body.requested_nanos);
                let result = complete(answer_body(&lane, &body));
                let sent_nanos = lane.now_nanos();
                let (lanes, dropped_lanes) = lane.log.take(sent_nanos);
                postcard::to_allocvec(&Reply { result, lanes, dropped_lanes, sent_nanos })
                    .expect("a reply can be written into memory")
            })
            .map_err(|error| Failure::CouldNotStart { what: "a process".into(), message: error.to_string() })
    }

    async fn join_process(&self, process: JoinHandle<Vec<u8>>) -> Result<Reply, Failure> {
        let name = process.thread().name().unwrap_or("process").to_owned();
        let bytes = process.join().map_err(|_| Failure::WorkerDied { worker: name, message: "it panicked".into() })?;
        let reply: Reply =
            postcard::from_bytes(&bytes).map_err(|error| Failure::BadMessage { message: error.to_string() })?;
        self.lane.log.add(reply.lanes.clone(), reply.dropped_lanes);
        Ok(reply)
    }

    async fn fork_join(&self, threads: u32, jobs: Arc<[Job]>) -> Result<Vec<u64>, Failure> {
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
        pool.install(|| crate::fork_join(&jobs, |thread| lanes[thread].clone()))
    }
}

/// Runs a spec to its end on this machine.
pub fn run(spec: &RunSpec, stop: &Stop) -> Result<(u64, Recording), Failure> {
    let work = work_of(spec)?;
    let (kind, home) = match spec.model.row().home {
        Home::Lane => (LaneKind::Thread, Home::Lane),
        Home::Loop => (LaneKind::WorkerLoop, Home::Loop),
        Home::Conductor => (LaneKind::Conductor, Home::Conductor),
    };
    let host = NativeHost::new(stop, kind);
    let outcome = match home {
        Home::Lane | Home::Loop => complete(run_on_lane(host.lane(), spec.model, &work))?,
        Home::Conductor => complete(run_on_host(&host, spec, &work))?,
    };
    finish(&outcome, &work, &host.lane.log)
}
