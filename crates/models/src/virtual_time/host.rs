//! `Lane` and `Host` over virtual time.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};

use catalog::{Home, Place, RunSpec};
use trace::{Failure, LaneKind, State, Wait};
use workloads::{Job, Work};

use super::cores::Claim;
use super::machine::Machine;
use super::pool::Pool;
use super::processes::Processes;
use super::stack::{VirtualInside, VirtualStack};
use super::world::{Standstill, World};
use crate::{
    Answers, Body, Finished, Heard, Host, Lane, Log, Reply, Request, Row, Shared, Signal, Stopped, answer_body, caught,
    finish, run_on_host, run_on_lane, work_of,
};

/// A lane in virtual time.
#[derive(Clone)]
pub struct VirtualLane {
    world: Rc<World>,
    claim: Rc<Claim>,
    row: Row,
    log: Log,
    /// Whom a process tells what it does, and its id.
    ear: Option<(u32, Rc<Processes>)>,
}

impl Lane for VirtualLane {
    type Stack = VirtualStack;

    fn now_nanos(&self) -> u64 {
        self.world.now_nanos()
    }

    fn row(&self) -> &Row {
        &self.row
    }

    async fn end_quantum(&self, stated_nanos: u64) -> Result<(), Stopped> {
        let before = Cell::new(None);
        let wait = || before.set(self.row.interrupt(Wait::ForCore, self.now_nanos()));
        let go_on = || self.row.resume(before.take(), self.now_nanos());
        self.world.use_core(&self.claim, stated_nanos, wait, go_on).await;
        Ok(())
    }

    async fn sleep(&self, nanos: u64) -> Result<(), Stopped> {
        self.world.pass(nanos).await;
        Ok(())
    }

    fn spend(&self, _nanos: u64) {}

    async fn wait_for(&self, signal: &Signal, timeout_nanos: Option<u64>) -> Result<bool, Stopped> {
        let mut timer = pin!(self.world.pass(timeout_nanos.unwrap_or(0)));
        Ok(poll_fn(|context| match signal.poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending if timeout_nanos.is_some() => timer.as_mut().poll(context).map(|()| signal.is_set()),
            Poll::Pending => Poll::Pending,
        })
        .await)
    }

    /// Nobody answers.
    fn request(&self, _page: u32, _nanos: u64) -> Option<Request> {
        None
    }

    async fn hop(&self) -> Result<(), Stopped> {
        Ok(())
    }

    fn job_done(&self) {}

    fn tell_of_beginning(&self, job: u32) {
        if let Some((id, ear)) = &self.ear {
            ear.tell(*id, Heard::Began(job));
        }
    }

    fn further_row(&self, kind: LaneKind, number: u32) -> Row {
        self.log.open(kind, number)
    }

    fn new_stack<F: Future<Output = ()> + 'static>(
        &self,
        body: impl FnOnce(VirtualInside) -> F + Send + 'static,
    ) -> Result<VirtualStack, Failure> {
        Ok(VirtualStack::new(self, body))
    }
}

impl VirtualLane {
    /// Lets time pass that is not the lane's to decide on.
    pub(super) async fn pass(&self, nanos: u64) {
        self.world.pass(nanos).await;
    }

    /// What the lanes of its memory have recorded.
    pub fn log(&self) -> &Log {
        &self.log
    }
}

/// What a lane will leave for another.
pub struct Letterbox<T>(Rc<Letter<T>>);

struct Letter<T> {
    value: Cell<Option<T>>,
    reader: Cell<Option<Waker>>,
}

impl<T> Clone for Letterbox<T> {
    fn clone(&self) -> Letterbox<T> {
        Letterbox(self.0.clone())
    }
}

impl<T> Letterbox<T> {
    pub(super) fn new() -> Letterbox<T> {
        Letterbox(Rc::new(Letter { value: Cell::new(None), reader: Cell::new(None) }))
    }

    pub(super) fn put(&self, value: T) {
        self.0.value.set(Some(value));
        self.0.reader.take().into_iter().for_each(Waker::wake);
    }

    pub(super) async fn take(self) -> T {
        poll_fn(|context| match self.0.value.take() {
            Some(value) => Poll::Ready(value),
            None => {
                self.0.reader.set(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}

/// The host.
#[derive(Clone)]
pub struct VirtualHost {
    machine: Machine,
    seed: u64,
    lane: VirtualLane,
    processes: Rc<Processes>,
    shares_memory: bool,
}

impl VirtualHost {
    /// The same host where memory cannot be shared.
    pub fn apart(self) -> VirtualHost {
        VirtualHost { shares_memory: false, ..self }
    }

    fn further_lane(&self, log: &Log, kind: LaneKind, number: u32) -> VirtualLane {
        let (world, claim) = (self.lane.world.clone(), Claim::new(number));
        VirtualLane { world, claim, row: log.open(kind, number), log: log.clone(), ear: None }
    }

    /// What a process does with one body; no reply if it dies of it.
    async fn answer(&self, body: Body, start_nanos: u64) -> Option<Reply> {
        let log = Log::new();
        let mut lane = self.further_lane(&log, LaneKind::Process, body.id);
        lane.ear = Some((body.id, self.processes.clone()));
        let copy_nanos = self.machine.costs.copy_nanos;
        if start_nanos > 0 {
            lane.row.enter(State::Starting, None, body.requested_nanos);
            lane.world.pass(start_nanos).await;
        }
        lane.row.enter(State::Copying, None, lane.now_nanos());
        lane.world.pass(copy_nanos).await;
        let result = caught::run(answer_body(&lane, &body)).await;
        if result.is_ok() && body.is_deadly() {
            return None;
        }
        let sent_nanos = lane.now_nanos();
        lane.row.enter(State::Copying, None, sent_nanos);
        lane.world.pass(copy_nanos).await;
        let (lanes, dropped_lanes) = log.take(lane.now_nanos());
        Some(Reply { result, lanes, dropped_lanes, sent_nanos })
    }
}

impl Host for VirtualHost {
    type Lane = VirtualLane;
    type Thread = VirtualLane;
    type Joinable = Letterbox<Result<Answers, Failure>>;

    fn lane(&self) -> &VirtualLane {
        &self.lane
    }

    fn shares_memory(&self) -> bool {
        self.shares_memory
    }

    async fn start_thread<F>(
        &self,
        number: u32,
        body: impl FnOnce(VirtualLane) -> F + Send + 'static,
    ) -> Result<Self::Joinable, Failure>
    where
        F: Future<Output = Result<Answers, Failure>> + 'static,
    {
        let lane = self.further_lane(&self.lane.log, LaneKind::Thread, number);
        let (ended, start_nanos) = (Letterbox::new(), self.machine.costs.thread_start_nanos);
        let tell = ended.clone();
        self.lane.world.spawn(async move {
            lane.row.enter(State::Starting, None, lane.now_nanos());
            lane.world.pass(start_nanos).await;
            lane.row.enter(State::Idle, None, lane.now_nanos());
            let answers = caught::run(body(lane.clone())).await;
            lane.row.leave(lane.now_nanos());
            tell.put(answers);
        });
        Ok(ended)
    }

    async fn join_thread(&self, thread: Self::Joinable) -> Result<Answers, Failure> {
        thread.take().await
    }

    async fn start_process(&self, body: Body) -> Result<(), Failure> {
        let (host, world, id) = (self.clone(), self.lane.world.clone(), body.id);
        self.processes.open(body);
        self.lane.world.spawn(async move {
            let death = world.pass(host.processes.death_of(id).unwrap_or(u64::MAX));
            let first = Cell::new(true);
            let answer = |body| {
                let start_nanos = if first.take() { host.machine.costs.process_start_nanos } else { 0 };
                host.answer(body, start_nanos)
            };
            host.processes.live(id, death, answer).await;
        });
        Ok(())
    }

    async fn ask_process(&self, body: Body) -> Result<(), Failure> {
        self.processes.ask(body)
    }

    async fn hear(&self) -> (u32, Heard) {
        let (id, heard) = self.processes.hear().await;
        match &heard {
            Heard::Replied(reply) => self.lane.log.add(reply.lanes.clone(), reply.dropped_lanes),
            Heard::Died(_) => self.lane.log.note_death(id, self.lane.now_nanos()),
            Heard::Began(_) => {}
        }
        (id, heard)
    }

    fn end_process(&self, id: u32) {
        self.processes.end(id);
    }

    async fn fork_join(&self, threads: u32, jobs: Arc<[Job]>, shared: &Shared) -> Result<Vec<u64>, Failure> {
        let pool = Pool::of(threads, jobs.len(), self.seed);
        for number in 0..threads {
            let lane = self.further_lane(&self.lane.log, LaneKind::Thread, number + 1);
            let (pool, jobs, shared, costs) = (pool.clone(), jobs.clone(), shared.clone(), self.machine.costs);
            self.lane.world.spawn(async move { pool.thread(number as usize, &lane, &jobs, &shared, costs).await });
        }
        Ok(pool.answers().await?)
    }
}

/// Runs something on a virtual machine, whose dice the seed loads.
pub fn with_host<T, F>(machine: Machine, seed: u64, body: impl FnOnce(VirtualHost) -> F) -> Result<T, Standstill>
where
    T: 'static,
    F: Future<Output = T> + 'static,
{
    on_a_lane(machine, seed, LaneKind::Conductor, &[], body)
}

/// The same with a main lane of this kind, and processes of which some die so long after they were asked for.
fn on_a_lane<T, F>(
    machine: Machine,
    seed: u64,
    kind: LaneKind,
    deaths: &[(u32, u64)],
    body: impl FnOnce(VirtualHost) -> F,
) -> Result<T, Standstill>
where
    T: 'static,
    F: Future<Output = T> + 'static,
{
    let (world, log) = (World::new(&machine), Log::new());
    let lane = VirtualLane { world: world.clone(), claim: Claim::new(1), row: log.open(kind, 1), log, ear: None };
    let life =
        body(VirtualHost { machine, seed, lane, processes: Processes::with_deaths(deaths), shares_memory: true });
    let value = Rc::new(RefCell::new(None));
    let kept = value.clone();
    world.spawn(async move {
        let found = life.await;
        *kept.borrow_mut() = Some(found);
    });
    world.run_until(|| value.borrow().is_some())?;
    Ok(value.take().expect("the world ran until it was there"))
}

/// Runs a spec to its end on a virtual machine.
pub fn run(spec: &RunSpec, machine: Machine) -> Result<Finished, Failure> {
    run_work(spec, &work_of(spec)?, machine)
}

/// The same, and the process of each id dies so long after it was asked for, whatever it does then.
pub fn run_with_deaths(spec: &RunSpec, machine: Machine, deaths: &[(u32, u64)]) -> Result<Finished, Failure> {
    run_work_with_deaths(spec, &work_of(spec)?, machine, deaths)
}

/// Runs other work than the spec's. Processes, which know nothing but the spec, cannot take part.
pub fn run_work(spec: &RunSpec, work: &Work, machine: Machine) -> Result<Finished, Failure> {
    run_work_with_deaths(spec, work, machine, &[])
}

fn run_work_with_deaths(
    spec: &RunSpec,
    work: &Work,
    machine: Machine,
    deaths: &[(u32, u64)],
) -> Result<Finished, Failure> {
    let kind = match spec.model.row().home {
        Home::Lane => LaneKind::Thread,
        Home::Loop if spec.place == Place::Page => LaneKind::PageLoop,
        Home::Loop => LaneKind::WorkerLoop,
        Home::Conductor => LaneKind::Conductor,
    };
    let shared = Shared::new(&work.shared);
    let ended = on_a_lane(machine, spec.seed, kind, deaths, |host| {
        let (spec, work, shared) = (spec.clone(), work.clone(), shared.clone());
        async move {
            let outcome = match spec.model.row().home {
                Home::Conductor => run_on_host(&host, &spec, &work, &shared).await,
                Home::Lane | Home::Loop => run_on_lane(host.lane(), spec.model, &work, &shared).await,
            };
            (outcome, host.lane.log.clone())
        }
    });
    let (outcome, log) = ended.map_err(|_| Failure::Deadlock { waits: shared.waits() })?;
    finish(&outcome?, work, &log)
}
