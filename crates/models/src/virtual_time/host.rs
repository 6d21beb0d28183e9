//! `Lane` and `Host` over virtual time.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::ops::Range;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};

use catalog::{Home, Place, RunSpec};
use trace::{Failure, LaneKind, State, Wait};
use workloads::{Job, Work};

use super::cores::Claim;
use super::machine::{Costs, Machine};
use super::stack::{VirtualInside, VirtualStack};
use super::world::{Standstill, World};
use crate::{
    Answers, Body, Finished, Host, Lane, Log, Reply, Row, Shared, Signal, Stopped, answer_body, caught, finish,
    run_job, run_on_host, run_on_lane, work_of,
};

/// A lane in virtual time.
#[derive(Clone)]
pub struct VirtualLane {
    world: Rc<World>,
    claim: Rc<Claim>,
    row: Row,
    log: Log,
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

    async fn hop(&self) -> Result<(), Stopped> {
        Ok(())
    }

    fn job_done(&self) {}

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
    fn new() -> Letterbox<T> {
        Letterbox(Rc::new(Letter { value: Cell::new(None), reader: Cell::new(None) }))
    }

    fn put(&self, value: T) {
        self.0.value.set(Some(value));
        self.0.reader.take().into_iter().for_each(Waker::wake);
    }

    async fn take(self) -> T {
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
    replies: Rc<Replies>,
}

/// What the processes have sent and nobody has heard yet.
#[derive(Default)]
struct Replies {
    arrived: RefCell<VecDeque<(u32, Reply)>>,
    listener: Cell<Option<Waker>>,
}

impl VirtualHost {
    fn further_lane(&self, log: &Log, kind: LaneKind, number: u32) -> VirtualLane {
        let (world, claim) = (self.lane.world.clone(), Claim::new(number));
        VirtualLane { world, claim, row: log.open(kind, number), log: log.clone() }
    }

    /// What a process does with one body.
    async fn answer(self, body: Body, start_nanos: u64) {
        let log = Log::new();
        let lane = self.further_lane(&log, LaneKind::Process, body.id);
        let copy_nanos = self.machine.costs.copy_nanos;
        if start_nanos > 0 {
            lane.row.enter(State::Starting, None, body.requested_nanos);
            lane.world.pass(start_nanos).await;
        }
        lane.row.enter(State::Copying, None, lane.now_nanos());
        lane.world.pass(copy_nanos).await;
        let result = caught::run(answer_body(&lane, &body)).await;
        let sent_nanos = lane.now_nanos();
        lane.row.enter(State::Copying, None, sent_nanos);
        lane.world.pass(copy_nanos).await;
        let (lanes, dropped_lanes) = log.take(lane.now_nanos());
        let reply = Reply { result, lanes, dropped_lanes, sent_nanos };
        self.replies.arrived.borrow_mut().push_back((body.id, reply));
        self.replies.listener.take().into_iter().for_each(Waker::wake);
    }
}

impl Host for VirtualHost {
    type Lane = VirtualLane;
    type Thread = VirtualLane;
    type Joinable = Letterbox<Result<Answers, Failure>>;

    fn lane(&self) -> &VirtualLane {
        &self.lane
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
        let start_nanos = self.machine.costs.process_start_nanos;
        self.lane.world.spawn(self.clone().answer(body, start_nanos));
        Ok(())
    }

    async fn ask_process(&self, body: Body) -> Result<(), Failure> {
        self.lane.world.spawn(self.clone().answer(body, 0));
        Ok(())
    }

    async fn hear_processes(&self) -> Result<(u32, Reply), Failure> {
        let (id, reply) = poll_fn(|context| {
            if let Some(arrived) = self.replies.arrived.borrow_mut().pop_front() {
                return Poll::Ready(arrived);
            }
            self.replies.listener.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
        self.lane.log.add(reply.lanes.clone(), reply.dropped_lanes);
        Ok((id, reply))
    }

    fn end_process(&self, _id: u32) {}

    async fn fork_join(&self, threads: u32, jobs: Arc<[Job]>, shared: &Shared) -> Result<Vec<u64>, Failure> {
        let pool = Rc::new(Pool {
            queues: (0..threads).map(|_| RefCell::default()).collect(),
            left: Cell::new(jobs.len()),
            answers: RefCell::new(vec![0; jobs.len()]),
            idle: RefCell::default(),
            dice: Cell::new(self.seed),
            finished: Letterbox::new(),
        });
        pool.queues[0].borrow_mut().push_back(0..jobs.len());
        for number in 0..threads {
            let lane = self.further_lane(&self.lane.log, LaneKind::Thread, number + 1);
            let (pool, jobs, shared, costs) = (pool.clone(), jobs.clone(), shared.clone(), self.machine.costs);
            self.lane.world.spawn(async move { pool.thread(number as usize, &lane, &jobs, &shared, costs).await });
        }
        pool.finished.clone().take().await.map_err(Failure::from)?;
        Ok(pool.answers.take())
    }
}

/// A pool whose threads halve what they have until one job is left, and steal the oldest half of another's.
struct Pool {
    queues: Vec<RefCell<VecDeque<Range<usize>>>>,
    left: Cell<usize>,
    answers: RefCell<Vec<u64>>,
    idle: RefCell<Vec<Waker>>,
    dice: Cell<u64>,
    finished: Letterbox<Result<(), Stopped>>,
}

impl Pool {
    async fn thread(&self, number: usize, lane: &VirtualLane, jobs: &[Job], shared: &Shared, costs: Costs) {
        lane.row.enter(State::Idle, None, lane.now_nanos());
        while self.left.get() > 0 {
            let own = self.queues[number].borrow_mut().pop_back();
            let Some(mut piece) = own.or_else(|| self.steal(number)) else {
                self.rest().await;
                lane.world.pass(costs.steal_nanos).await;
                continue;
            };
            while piece.len() > 1 {
                let middle = piece.start + piece.len() / 2;
                self.queues[number].borrow_mut().push_back(middle..piece.end);
                piece.end = middle;
                self.idle.take().into_iter().for_each(Waker::wake);
            }
            for index in piece {
                match run_job(lane, &jobs[index], shared).await {
                    Ok(answer) => self.answers.borrow_mut()[index] = answer,
                    Err(stopped) => return self.finished.put(Err(stopped)),
                }
                self.left.set(self.left.get() - 1);
            }
        }
        self.idle.take().into_iter().for_each(Waker::wake);
        self.finished.put(Ok(()));
    }

    fn steal(&self, thief: usize) -> Option<Range<usize>> {
        let count = self.queues.len();
        let first = self.roll() as usize % count;
        (0..count)
            .map(|step| (first + step) % count)
            .filter(|&victim| victim != thief)
            .find_map(|victim| self.queues[victim].borrow_mut().pop_front())
    }

    /// Steele, Lea and Flood, “Fast splittable pseudorandom number generators” (2014): one addition, two multiplications.
    fn roll(&self) -> u64 {
        let state = self.dice.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.dice.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Waits until some thread has put something into its queue, or all is done.
    async fn rest(&self) {
        let mut asked = false;
        poll_fn(|context| {
            if asked {
                return Poll::Ready(());
            }
            asked = true;
            self.idle.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Runs something on a virtual machine, whose dice the seed loads.
pub fn with_host<T, F>(machine: Machine, seed: u64, body: impl FnOnce(VirtualHost) -> F) -> Result<T, Standstill>
where
    T: 'static,
    F: Future<Output = T> + 'static,
{
    on_a_lane(machine, seed, LaneKind::Conductor, body)
}

/// The same with a main lane of this kind.
fn on_a_lane<T, F>(
    machine: Machine,
    seed: u64,
    kind: LaneKind,
    body: impl FnOnce(VirtualHost) -> F,
) -> Result<T, Standstill>
where
    T: 'static,
    F: Future<Output = T> + 'static,
{
    let (world, log) = (World::new(&machine), Log::new());
    let lane = VirtualLane { world: world.clone(), claim: Claim::new(1), row: log.open(kind, 1), log };
    let life = body(VirtualHost { machine, seed, lane, replies: Rc::default() });
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

/// Runs other work than the spec's. Processes, which know nothing but the spec, cannot take part.
pub fn run_work(spec: &RunSpec, work: &Work, machine: Machine) -> Result<Finished, Failure> {
    let kind = match spec.model.row().home {
        Home::Lane => LaneKind::Thread,
        Home::Loop if spec.place == Place::Page => LaneKind::PageLoop,
        Home::Loop => LaneKind::WorkerLoop,
        Home::Conductor => LaneKind::Conductor,
    };
    let shared = Shared::new(&work.shared);
    let ended = on_a_lane(machine, spec.seed, kind, |host| {
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
