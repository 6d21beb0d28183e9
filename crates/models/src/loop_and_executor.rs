//! An event loop that hands computing to an executor beneath: `loop.run_in_executor`, `asyncio.to_thread`.
//!
//! ```text
//!   coroutines ── what computes ──▶ queue ──▶ threads, or processes where memory cannot be shared
//!        ▲                                       │
//!        └─────────────── result ◀───────────────┘ (wakes the coroutine that waits for it)
//! ```
//!
//! Everything else a job does, above all waiting, it does on the loop. Under a GIL the loop is one more thread that needs it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use catalog::RunSpec;
use trace::{Failure, LaneKind, State, Wait};
use workloads::{Compute, Job, Kernel, Work};

use crate::beside::beside;
use crate::compute::compute;
use crate::event_loop::Unstarted;
use crate::process_pool::broken;
use crate::{
    Body, CheckPoint, Coroutine, EventLoop, Executor, Gil, GilLane, Host, Lane, NoStack, Part, Request, Row, Shared,
    Signal, Stopped, TicketError, run_job,
};

/// What computes for the coroutines of a loop.
trait Beneath: Clone + 'static {
    /// Computes something for a job. The coroutine that asks waits for it on its loop.
    fn compute<L: Lane>(
        &self,
        asking: &Coroutine<L>,
        job: u32,
        kernel: Kernel,
        what: Option<Compute>,
    ) -> impl Future<Output = Result<u64, Failure>>;
}

/// A pool of threads.
pub(crate) struct Threads<H: Host>(Rc<Executor<H>>);

impl<H: Host> Clone for Threads<H> {
    fn clone(&self) -> Threads<H> {
        Threads(self.0.clone())
    }
}

type OnAThread<H> = GilLane<<H as Host>::Thread>;

impl<H: Host> Threads<H> {
    pub(crate) fn new(executor: Executor<H>) -> Threads<H> {
        Threads(Rc::new(executor))
    }

    /// Calls off what has not begun and waits for the threads to end. They need the GIL for that.
    pub(crate) async fn shut_down(&self) -> Result<(), Failure> {
        self.0.shut_down(true, true).await
    }

    /// Lets a thread do this while the coroutine waits for it.
    pub(crate) async fn call<L: Lane>(
        &self,
        asking: &Coroutine<L>,
        work: impl FnOnce(&OnAThread<H>) -> Pin<Box<dyn Future<Output = Result<u64, Failure>>>> + Send + 'static,
    ) -> Result<u64, Failure> {
        let ticket = self.0.submit(work).await;
        let ticket = ticket.map_err(|error| Failure::BadRequest { message: error.to_string() })?;
        ticket.result(asking).await?.map_err(|error| match error {
            TicketError::Cancelled => Failure::Stopped,
            TicketError::Failed(failure) => failure,
        })
    }
}

impl<H: Host> Beneath for Threads<H> {
    async fn compute<L: Lane>(
        &self,
        asking: &Coroutine<L>,
        job: u32,
        kernel: Kernel,
        _what: Option<Compute>,
    ) -> Result<u64, Failure> {
        self.call(asking, move |thread| {
            let thread = thread.clone();
            Box::pin(async move {
                thread.row().enter(State::Computing, Some(job), thread.now_nanos());
                Ok(compute(&thread, kernel).await?)
            })
        })
        .await
    }
}

/// Processes that are kept, each with one thing to compute at a time.
struct Processes<H: Host>(Rc<Kept<H>>);

struct Kept<H: Host> {
    host: H,
    spec: RunSpec,
    jobs: Vec<Job>,
    queue: RefCell<VecDeque<(Part, Rc<Errand>)>>,
    /// Who computes what, by the process's id.
    busy: RefCell<BTreeMap<u32, Rc<Errand>>>,
    idle: RefCell<Vec<u32>>,
    started: Cell<u32>,
    /// Why nothing more will come.
    failure: RefCell<Option<Failure>>,
}

/// Something that a coroutine waits for.
#[derive(Default)]
struct Errand {
    result: RefCell<Option<Result<u64, Failure>>>,
    is_over: Signal,
}

impl Errand {
    fn end(&self, result: Result<u64, Failure>) {
        *self.result.borrow_mut() = Some(result);
        self.is_over.set();
    }
}

impl<H: Host> Clone for Processes<H> {
    fn clone(&self) -> Processes<H> {
        Processes(self.0.clone())
    }
}

impl<H: Host> Processes<H> {
    fn new(host: &H, spec: &RunSpec, jobs: &[Job]) -> Processes<H> {
        Processes(Rc::new(Kept {
            host: host.clone(),
            spec: spec.clone(),
            jobs: jobs.to_vec(),
            queue: RefCell::default(),
            busy: RefCell::default(),
            idle: RefCell::default(),
            started: Cell::new(0),
            failure: RefCell::default(),
        }))
    }

    /// How a process is told what to compute. A job that another hands in is a part of that one.
    fn part(&self, job: u32, what: Compute) -> Option<Part> {
        let jobs = self.0.jobs.iter();
        let own = jobs.clone().filter(|other| other.number == job);
        own.chain(jobs).find_map(|job| {
            let place = job.computations().iter().position(|other| *other == what)?;
            Some(Part::Computation { job: job.number, place: place as u32 })
        })
    }

    /// Gives what is queued to processes that have nothing to do, and starts some where there are too few.
    async fn hand_out(&self) {
        if let Err(failure) = self.try_to_hand_out().await {
            self.give_up(&failure);
        }
    }

    async fn try_to_hand_out(&self) -> Result<(), Failure> {
        let kept = &*self.0;
        loop {
            let idle = kept.idle.borrow_mut().pop();
            let id = match idle {
                Some(id) => id,
                None if kept.started.get() < kept.spec.lanes => kept.started.get() + 1,
                None => return Ok(()),
            };
            let Some((part, errand)) = kept.queue.borrow_mut().pop_front() else {
                kept.idle.borrow_mut().extend(idle);
                return Ok(());
            };
            kept.busy.borrow_mut().insert(id, errand);
            let body = Body { spec: kept.spec.clone(), part, requested_nanos: kept.host.lane().now_nanos(), id };
            if id > kept.started.get() {
                kept.started.set(id);
                kept.host.start_process(body).await?;
            } else {
                kept.host.ask_process(body).await?;
            }
        }
    }

    /// Hears what the processes say, for as long as the loop goes on.
    async fn listen(&self) -> Infallible {
        let kept = &*self.0;
        loop {
            let (id, reply) = match kept.host.hear_processes().await {
                Ok(heard) => heard,
                Err(failure) => {
                    self.give_up(&broken(failure));
                    return std::future::pending().await;
                }
            };
            let errand = kept.busy.borrow_mut().remove(&id);
            if let Some(errand) = errand {
                errand.end(reply.result.map(|outcome| outcome.answers.iter().sum()));
            }
            kept.idle.borrow_mut().push(id);
            self.hand_out().await;
        }
    }

    /// A process that is lost takes the others with it: nobody can know what it had done.
    fn give_up(&self, failure: &Failure) {
        self.0.failure.replace(Some(failure.clone()));
        let queued = self.0.queue.take().into_iter().map(|(_, errand)| errand);
        for errand in self.0.busy.take().into_values().chain(queued) {
            errand.end(Err(failure.clone()));
        }
    }

    fn end(&self) {
        (1..=self.0.started.get()).for_each(|id| self.0.host.end_process(id));
    }
}

impl<H: Host> Beneath for Processes<H> {
    /// What works on a page that the loop has is computed there: only what a step says can be begun anew elsewhere.
    async fn compute<L: Lane>(
        &self,
        asking: &Coroutine<L>,
        job: u32,
        kernel: Kernel,
        what: Option<Compute>,
    ) -> Result<u64, Failure> {
        let Some(what) = what else { return Ok(asking.compute(job, kernel, what).await?) };
        if let Some(failure) = &*self.0.failure.borrow() {
            return Err(failure.clone());
        }
        let part = self.part(job, what).expect("a job computes nothing but what its steps say");
        let errand = Rc::<Errand>::default();
        self.0.queue.borrow_mut().push_back((part, errand.clone()));
        self.hand_out().await;
        asking.wait_for(&errand.is_over, None).await?;
        errand.result.take().unwrap_or(Err(Failure::Stopped))
    }
}

/// A coroutine that has others compute for it.
#[derive(Clone)]
struct Handing<L: Lane, B: Beneath> {
    coroutine: Coroutine<L>,
    beneath: B,
    /// What the whole loop needs to run.
    gil: Option<Gil>,
    /// Why something could not be computed.
    failure: Rc<RefCell<Option<Failure>>>,
}

impl<L: Lane, B: Beneath> Lane for Handing<L, B> {
    type Stack = NoStack<Handing<L, B>>;

    fn now_nanos(&self) -> u64 {
        self.coroutine.now_nanos()
    }

    fn row(&self) -> &Row {
        self.coroutine.row()
    }

    async fn compute(&self, job: u32, kernel: Kernel, what: Option<Compute>) -> Result<u64, Stopped> {
        self.row().wait(Wait::ForLanes, Some(job), self.now_nanos());
        self.beneath.compute(&self.coroutine, job, kernel, what).await.map_err(|failure| {
            *self.failure.borrow_mut() = Some(failure);
            Stopped
        })
    }

    async fn end_quantum(&self, stated_nanos: u64) -> Result<(), Stopped> {
        self.coroutine.end_quantum(stated_nanos).await
    }

    fn quantum_nanos(&self) -> u64 {
        self.coroutine.quantum_nanos()
    }

    fn spend(&self, nanos: u64) {
        self.coroutine.spend(nanos);
    }

    async fn check_point(&self, at: CheckPoint) -> Result<(), Stopped> {
        let gives_way = self.gil.as_ref().is_some_and(Gil::is_wanted);
        let before = gives_way.then(|| self.row().interrupt(Wait::ForGil, self.now_nanos()));
        self.coroutine.check_point(at).await?;
        if let Some(before) = before {
            self.row().resume(before, self.now_nanos());
        }
        Ok(())
    }

    async fn wait_for(&self, signal: &Signal, timeout_nanos: Option<u64>) -> Result<bool, Stopped> {
        self.coroutine.wait_for(signal, timeout_nanos).await
    }

    async fn sleep(&self, nanos: u64) -> Result<(), Stopped> {
        self.coroutine.sleep(nanos).await
    }

    fn request(&self, page: u32, nanos: u64) -> Option<Request> {
        self.coroutine.request(page, nanos)
    }

    async fn hop(&self) -> Result<(), Stopped> {
        self.coroutine.hop().await
    }

    fn job_done(&self) {
        self.coroutine.job_done();
    }

    fn further_row(&self, kind: LaneKind, number: u32) -> Row {
        self.coroutine.further_row(kind, number)
    }
}

/// The loop's place among the lanes of a GIL; the executor's threads count from one.
const LOOP: u32 = 0;

/// Turns a loop on the host's own lane, under the GIL if there is one, until its main coroutine is over.
pub(crate) async fn on_a_loop<H, F>(
    host: &H,
    gil: Option<&Gil>,
    switches_anywhere: bool,
    main: impl FnOnce(Coroutine<GilLane<H::Lane>>) -> F + 'static,
) -> Result<Vec<u64>, Failure>
where
    H: Host,
    F: Future<Output = Result<Vec<u64>, Failure>> + 'static,
{
    let lane = GilLane::begin(host.lane().clone(), gil, LOOP, switches_anywhere).await?;
    let ended = EventLoop::run(lane.clone(), main).await;
    // Who is stopped in a wait does not hold the GIL; what he would drop is another's.
    if ended != Err(Failure::Stopped) {
        lane.end().await?;
    }
    ended
}

async fn gather<L: Lane, B: Beneath>(
    main: Coroutine<L>,
    beneath: B,
    gil: Option<Gil>,
    jobs: Vec<Job>,
    shared: Shared,
) -> Result<Vec<u64>, Failure> {
    let coroutines = jobs.into_iter().map(|job| {
        let (beneath, gil, shared) = (beneath.clone(), gil.clone(), shared.clone());
        Unstarted::new(move |coroutine| async move {
            let handing = Handing { coroutine, beneath, gil, failure: Rc::default() };
            handing.row().enter(State::Idle, None, handing.now_nanos());
            let answer = run_job(&handing, &job, &shared).await;
            handing.row().leave(handing.now_nanos());
            answer.map_err(|stopped| handing.failure.take().unwrap_or(stopped.into()))
        })
    });
    main.gather(coroutines).await
}

pub(crate) async fn run<H: Host>(host: &H, spec: &RunSpec, work: &Work, shared: &Shared) -> Result<Vec<u64>, Failure> {
    let (jobs, shared) = (work.jobs.clone(), shared.clone());
    if host.shares_memory() {
        let gil = spec.pool_has_gil.then(|| Gil::seeded(spec.gil.interval_nanos(), spec.seed));
        let threads = Threads::new(Executor::new(host, spec.lanes as usize, gil.clone(), spec.gil.switches_anywhere));
        let (beneath, loops) = (threads.clone(), gil.clone());
        let gathering = |main| gather(main, beneath, loops, jobs, shared);
        let ended = on_a_loop(host, gil.as_ref(), spec.gil.switches_anywhere, gathering).await;
        // The loop has given the GIL back: the threads need it to come to their end.
        threads.shut_down().await?;
        return ended;
    }
    let processes = Processes::new(host, spec, &jobs);
    let beneath = processes.clone();
    let on_a_loop = on_a_loop(host, None, false, |main| gather(main, beneath, None, jobs, shared));
    let ended = beside(on_a_loop, processes.listen()).await;
    processes.end();
    ended
}
