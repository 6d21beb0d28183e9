//! Celery's shape: a broker sends each job as a message to one of its consumers, and keeps the message until it is
//! acknowledged.
//!
//! ```text
//!                 ┌─ send ──▶ consumer 1  [▢ in work][▢▢▢ prefetched]  ── begins, replies ─▶┐
//!   waiting ▢▢▢ ──┤                                                                          ├─▶ acknowledged, answered
//!        ▲        └─ send ──▶ consumer 2  [▢ in work][▢▢▢ prefetched]  ── begins, replies ─▶┘
//!        └──────────────────── dies ─────────────┘   what it had not acknowledged is sent again
//! ```
//!
//! Early acknowledgement comes when a job begins: a consumer that dies in the middle takes the job with it ("at most
//! once"). Late acknowledgement is the answer itself: the job is then sent again and may run twice ("at least once"). The
//! consumers are processes, so that a message is really copied and a consumer can really die.

use std::collections::{BTreeMap, VecDeque};

use catalog::RunSpec;
use trace::{Failure, MarkKind, State, Wait};
use workloads::Job;

use crate::compute::reckon;
use crate::run::Lost;
use crate::{Body, Heard, Host, Lane, Outcome, Part};

/// The broker gives up when so many consumers for each that there should be have died in a row.
const DEATHS_PER_CONSUMER: u32 = 3;

/// A process as the broker knows it.
#[derive(Default)]
struct Consumer {
    /// How many messages it has been sent. It is started with the first.
    sent: u32,
    /// The messages that it has not acknowledged, in the order in which they were sent.
    held: VecDeque<u32>,
    /// The job that it has begun and not answered.
    in_work: Option<u32>,
}

/// Where the jobs are.
struct Broker<'a, H> {
    host: &'a H,
    spec: &'a RunSpec,
    /// Jobs that no consumer holds, the next one first.
    waiting: VecDeque<u32>,
    consumers: BTreeMap<u32, Consumer>,
    /// The consumer that was sent the last message: the next one is another's turn.
    last_sent_to: u32,
    answers: Vec<u64>,
    /// Jobs that have neither been answered nor lost.
    owed: usize,
    was_sent: Vec<bool>,
    has_begun: Vec<bool>,
    lost: Vec<u32>,
    repeated: u32,
    deaths: u32,
    deaths_in_a_row: u32,
}

pub(crate) async fn run<H: Host>(host: &H, spec: &RunSpec, jobs: &[Job]) -> Result<Outcome, Failure> {
    let lane = host.lane();
    let mut broker = Broker {
        host,
        spec,
        waiting: (0..jobs.len() as u32).collect(),
        consumers: (1..=spec.lanes).map(|id| (id, Consumer::default())).collect(),
        last_sent_to: 0,
        answers: vec![0; jobs.len()],
        owed: jobs.len(),
        was_sent: vec![false; jobs.len()],
        has_begun: vec![false; jobs.len()],
        lost: Vec::new(),
        repeated: 0,
        deaths: 0,
        deaths_in_a_row: 0,
    };
    let start_nanos = lane.now_nanos();
    lane.row().enter(State::Starting, None, start_nanos);
    broker.send().await?;
    lane.row().wait(Wait::ForLanes, None, lane.now_nanos());
    while broker.owed > 0 {
        let (id, heard) = host.hear().await;
        broker.heed(id, heard)?;
        broker.send().await?;
    }
    let end_nanos = lane.now_nanos();
    broker.consumers.keys().for_each(|&id| host.end_process(id));
    let mut answers = 0u64;
    for &job in &broker.lost {
        answers = answers.wrapping_add(reckon(lane, &jobs[job as usize].steps).await?);
    }
    Ok(Outcome {
        answers: broker.answers,
        start_nanos,
        end_nanos,
        lost: Lost { jobs: broker.lost, answers },
        repeated: broker.repeated,
        ..Outcome::default()
    })
}

impl<H: Host> Broker<'_, H> {
    /// The next consumer in turn that may hold one more message.
    fn next_with_room(&self) -> Option<u32> {
        let most = self.spec.messages.prefetch as usize;
        let has_room = |(_, consumer): &(&u32, &Consumer)| consumer.held.len() < most;
        let after = self.consumers.range(self.last_sent_to + 1..).find(has_room);
        after.or_else(|| self.consumers.iter().find(has_room)).map(|(&id, _)| id)
    }

    /// Sends what waits to whoever has room for it.
    async fn send(&mut self) -> Result<(), Failure> {
        let lane = self.host.lane();
        while let Some((id, job)) = self.next_with_room().zip(self.waiting.front().copied()) {
            self.waiting.pop_front();
            self.last_sent_to = id;
            let consumer = self.consumers.entry(id).or_default();
            consumer.held.push_back(job);
            consumer.sent += 1;
            let acknowledges_late = self.spec.messages.acknowledges_late;
            let part = Part::Message { job, nth: consumer.sent, acknowledges_late };
            let body = Body { spec: self.spec.clone(), part, requested_nanos: lane.now_nanos(), id };
            let sent = if consumer.sent == 1 {
                self.host.start_process(body).await
            } else {
                self.host.ask_process(body).await
            };
            match sent {
                // Its death is already on its way to be heard; until then what it is sent is as good as lost.
                Err(Failure::WorkerDied { .. }) | Ok(()) => {}
                Err(failure) => return Err(failure),
            }
            let was_sent = std::mem::replace(&mut self.was_sent[job as usize], true);
            lane.row().mark(if was_sent { MarkKind::SendAgain } else { MarkKind::Send }, lane.now_nanos());
        }
        Ok(())
    }

    fn heed(&mut self, id: u32, heard: Heard) -> Result<(), Failure> {
        match heard {
            Heard::Began(job) => self.began(id, job),
            Heard::Replied(reply) => self.answered(id, reply.result?.answers.iter().sum()),
            Heard::Died(failure) => self.died(id, failure)?,
        }
        Ok(())
    }

    fn began(&mut self, id: u32, job: u32) {
        let Some(consumer) = self.consumers.get_mut(&id) else { return };
        consumer.in_work = Some(job);
        if !self.spec.messages.acknowledges_late {
            consumer.held.retain(|&held| held != job);
        }
        if std::mem::replace(&mut self.has_begun[job as usize], true) {
            self.repeated += 1;
        }
    }

    fn answered(&mut self, id: u32, answer: u64) {
        let Some(job) = self.consumers.get_mut(&id).and_then(|consumer| {
            let job = consumer.in_work.take()?;
            consumer.held.retain(|&held| held != job);
            Some(job)
        }) else {
            return;
        };
        self.deaths_in_a_row = 0;
        self.answers[job as usize] = answer;
        self.owed -= 1;
    }

    /// What the consumer had acknowledged and not answered is lost; what it held besides comes first again. Another one
    /// takes its place as soon as there is a message for it.
    fn died(&mut self, id: u32, failure: Failure) -> Result<(), Failure> {
        let Some(dead) = self.consumers.remove(&id) else { return Ok(()) };
        self.deaths += 1;
        self.deaths_in_a_row += 1;
        if self.deaths_in_a_row >= DEATHS_PER_CONSUMER * self.spec.lanes {
            return Err(Failure::AllDied { processes: self.deaths_in_a_row, last: failure.to_string() });
        }
        if let Some(job) = dead.in_work.filter(|job| !dead.held.contains(job)) {
            self.lost.push(job);
            self.owed -= 1;
        }
        dead.held.into_iter().rev().for_each(|job| self.waiting.push_front(job));
        self.consumers.insert(self.spec.lanes + self.deaths, Consumer::default());
        Ok(())
    }
}
