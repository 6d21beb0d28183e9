//! Processes in virtual time: each does one body after another from a mailbox of its own, and may die at a given moment.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use trace::Failure;

use crate::{Body, Heard, Reply};

/// The processes of one host.
#[derive(Default)]
pub(super) struct Processes {
    mailboxes: RefCell<BTreeMap<u32, Rc<Mailbox>>>,
    /// What they have sent and nobody has heard yet.
    news: RefCell<VecDeque<(u32, Heard)>>,
    listener: Cell<Option<Waker>>,
    /// How long after it was asked for a process dies, by its id.
    deaths: Vec<(u32, u64)>,
}

/// What a process is still to do.
#[derive(Default)]
struct Mailbox {
    bodies: RefCell<VecDeque<Body>>,
    reader: Cell<Option<Waker>>,
    is_closed: Cell<bool>,
}

impl Mailbox {
    fn put(&self, body: Body) {
        self.bodies.borrow_mut().push_back(body);
        self.reader.take().into_iter().for_each(Waker::wake);
    }

    fn close(&self) {
        self.is_closed.set(true);
        self.reader.take().into_iter().for_each(Waker::wake);
    }

    /// The next body; none once the host has ended the process.
    async fn next(&self) -> Option<Body> {
        poll_fn(|context| {
            let body = self.bodies.borrow_mut().pop_front();
            if body.is_some() || self.is_closed.get() {
                return Poll::Ready(body);
            }
            self.reader.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await
    }
}

impl Processes {
    /// Processes of which some die so long after they were asked for.
    pub(super) fn with_deaths(deaths: &[(u32, u64)]) -> Rc<Processes> {
        Rc::new(Processes { deaths: deaths.to_vec(), ..Processes::default() })
    }

    /// When the process of that id is to die, counted from its start.
    pub(super) fn death_of(&self, id: u32) -> Option<u64> {
        self.deaths.iter().find_map(|&(dies, nanos)| (dies == id).then_some(nanos))
    }

    /// Opens the mailbox of a process, with the first body in it.
    pub(super) fn open(&self, body: Body) {
        let mailbox = Rc::new(Mailbox::default());
        self.mailboxes.borrow_mut().insert(body.id, mailbox.clone());
        mailbox.put(body);
    }

    fn mailbox(&self, id: u32) -> Option<Rc<Mailbox>> {
        self.mailboxes.borrow().get(&id).cloned()
    }

    pub(super) fn ask(&self, body: Body) -> Result<(), Failure> {
        let id = body.id;
        let mailbox = self.mailbox(id).ok_or_else(|| dead(id, "it is gone"))?;
        mailbox.put(body);
        Ok(())
    }

    /// Lets a process end once it has nothing left to do.
    pub(super) fn end(&self, id: u32) {
        let mailbox = self.mailboxes.borrow_mut().remove(&id);
        mailbox.into_iter().for_each(|mailbox| mailbox.close());
    }

    pub(super) fn tell(&self, id: u32, heard: Heard) {
        self.news.borrow_mut().push_back((id, heard));
        self.listener.take().into_iter().for_each(Waker::wake);
    }

    pub(super) async fn hear(&self) -> (u32, Heard) {
        poll_fn(|context| {
            if let Some(news) = self.news.borrow_mut().pop_front() {
                return Poll::Ready(news);
            }
            self.listener.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await
    }

    /// The life of a process, which `answer` makes of each body a reply, or none if it dies of it. It is over when `death`
    /// comes, wherever it is then.
    pub(super) async fn live<F: Future<Output = Option<Reply>>>(
        &self,
        id: u32,
        death: impl Future<Output = ()>,
        mut answer: impl FnMut(Body) -> F,
    ) {
        let Some(mailbox) = self.mailbox(id) else { return };
        let mut life = pin!(async {
            while let Some(body) = mailbox.next().await {
                match answer(body).await {
                    Some(reply) => self.tell(id, Heard::Replied(reply)),
                    None => return true,
                }
            }
            false
        });
        let mut death = pin!(death);
        let has_died = poll_fn(|context| match death.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending => life.as_mut().poll(context),
        })
        .await;
        // Nobody hears of one that the host had ended before.
        if has_died && self.mailboxes.borrow_mut().remove(&id).is_some() {
            self.tell(id, Heard::Died(dead(id, "it ended without a word")));
        }
    }
}

fn dead(id: u32, message: &str) -> Failure {
    Failure::WorkerDied { worker: format!("process {id}"), message: message.into() }
}
