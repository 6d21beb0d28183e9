//! Python's generator: a computation that is done piece by piece, and that talks with whoever drives it at each pause.
//!
//! ```text
//!   driver   next ──▶         ◀── yields     send(value) ──▶         ◀── yields     close ──▶       ◀── returns
//!   body          runs, gives ────────────▶ suspended         runs, gives ─────────▶          Exit is raised
//! ```
//!
//! The body is a future that its driver polls by hand: one poll is one `next` or `send`. A poll that ends without a yield
//! is not the body's doing but its lane's, which wants to wait or to give its platform a turn in the middle of a piece;
//! then the driver waits with it, and the piece goes on where it was.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

/// What is raised in a generator, and what comes out of one that does not catch it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raised<E> {
    /// The program's own.
    Error(E),
    /// The generator is to clean up and end: `GeneratorExit`.
    Exit,
    /// A value was sent where no `yield` waits for one yet.
    SentBeforeStart,
    /// The generator was told to end and went on.
    IgnoredExit,
}

impl<E: fmt::Display> fmt::Display for Raised<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Raised::Error(error) => error.fmt(f),
            Raised::Exit => f.write_str("GeneratorExit"),
            Raised::SentBeforeStart => f.write_str("can't send non-None value to a just-started generator"),
            Raised::IgnoredExit => f.write_str("generator ignored GeneratorExit"),
        }
    }
}

/// What a piece of a generator ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumed<Y, R> {
    /// A `yield`; it can go on.
    Yielded(Y),
    /// Its end.
    Returned(R),
    /// Nothing: it had ended before.
    Exhausted,
}

/// What goes into a suspended generator.
enum Input<S, E> {
    /// A value, or none, which the `yield` gives to the body.
    Sent(Option<S>),
    /// What the `yield` raises.
    Thrown(Raised<E>),
}

/// What the two sides leave for each other.
struct Exchange<Y, S, E> {
    yielded: Cell<Option<Y>>,
    input: Cell<Option<Input<S, E>>>,
}

type Body<R, E> = Pin<Box<dyn Future<Output = Result<R, Raised<E>>>>>;

/// A computation that yields `Y`, is sent `S`, may raise `E` and returns `R`.
pub struct Generator<Y, S, E, R> {
    /// Absent once it has ended.
    body: Option<Body<R, E>>,
    exchange: Rc<Exchange<Y, S, E>>,
    has_started: bool,
}

impl<Y, S, E, R> Generator<Y, S, E, R> {
    /// A generator of which nothing has run yet.
    pub fn new<F>(body: impl FnOnce(Yielder<Y, S, E>) -> F) -> Generator<Y, S, E, R>
    where
        F: Future<Output = Result<R, Raised<E>>> + 'static,
    {
        let exchange = Rc::new(Exchange { yielded: Cell::new(None), input: Cell::new(None) });
        let body = body(Yielder(exchange.clone()));
        Generator { body: Some(Box::pin(body)), exchange, has_started: false }
    }

    /// Runs to the next `yield`, which gives the body nothing.
    pub async fn next(&mut self) -> Result<Resumed<Y, R>, Raised<E>> {
        self.resume(Input::Sent(None)).await
    }

    /// Runs to the next `yield`; the one at which the generator is suspended gives the body this value. Refused before the
    /// start, when no `yield` could.
    pub async fn send(&mut self, value: S) -> Result<Resumed<Y, R>, Raised<E>> {
        if self.body.is_some() && !self.has_started {
            return Err(Raised::SentBeforeStart);
        }
        self.resume(Input::Sent(Some(value))).await
    }

    /// Raises this where the generator is suspended and runs to the next `yield`. One that has not started ends, and one
    /// that has ended has nobody who could catch it.
    pub async fn throw(&mut self, raised: Raised<E>) -> Result<Resumed<Y, R>, Raised<E>> {
        if !self.has_started {
            self.body = None;
        }
        match self.body {
            Some(_) => self.resume(Input::Thrown(raised)).await,
            None => Err(raised),
        }
    }

    /// Raises `GeneratorExit` where the generator is suspended, so that what follows the `yield` can clean up. What it
    /// returns, if it returns something, is handed on, as from CPython 3.13 on. A generator that yields again has ignored
    /// that, which is an error; it stays suspended.
    pub async fn close(&mut self) -> Result<Option<R>, Raised<E>> {
        if !self.has_started {
            self.body = None;
        }
        if self.body.is_none() {
            return Ok(None);
        }
        match self.resume(Input::Thrown(Raised::Exit)).await {
            Ok(Resumed::Yielded(_)) => Err(Raised::IgnoredExit),
            Ok(Resumed::Returned(value)) => Ok(Some(value)),
            Ok(Resumed::Exhausted) | Err(Raised::Exit) => Ok(None),
            Err(raised) => Err(raised),
        }
    }

    /// One piece, from a `yield` to the next. While it runs the generator has no body: one that panics, or whose driver
    /// gives up in the middle, has ended.
    async fn resume(&mut self, input: Input<S, E>) -> Result<Resumed<Y, R>, Raised<E>> {
        let Some(mut body) = self.body.take() else { return Ok(Resumed::Exhausted) };
        // Only a `yield` takes what is sent, and before the start there is none.
        if std::mem::replace(&mut self.has_started, true) {
            self.exchange.input.set(Some(input));
        }
        let resumed = poll_fn(|context| match body.as_mut().poll(context) {
            Poll::Ready(Ok(value)) => Poll::Ready(Ok(Resumed::Returned(value))),
            Poll::Ready(Err(raised)) => Poll::Ready(Err(raised)),
            Poll::Pending => match self.exchange.yielded.take() {
                Some(value) => Poll::Ready(Ok(Resumed::Yielded(value))),
                None => Poll::Pending,
            },
        })
        .await;
        if matches!(resumed, Ok(Resumed::Yielded(_))) {
            self.body = Some(body);
        }
        resumed
    }
}

/// The inside of a generator: what its body yields with.
pub struct Yielder<Y, S, E>(Rc<Exchange<Y, S, E>>);

impl<Y, S, E> Clone for Yielder<Y, S, E> {
    fn clone(&self) -> Yielder<Y, S, E> {
        Yielder(self.0.clone())
    }
}

impl<Y, S, E> Yielder<Y, S, E> {
    /// Python's `yield`: hands the value out and is suspended until the driver resumes; what it sends, or throws.
    pub async fn give(&self, value: Y) -> Result<Option<S>, Raised<E>> {
        match self.exchange(value).await {
            Input::Sent(value) => Ok(value),
            Input::Thrown(raised) => Err(raised),
        }
    }

    async fn exchange(&self, value: Y) -> Input<S, E> {
        self.0.yielded.set(Some(value));
        poll_fn(|_| match self.0.input.take() {
            Some(input) => Poll::Ready(input),
            None => Poll::Pending,
        })
        .await
    }

    /// Python's `yield from`: hands out whatever the other generator yields, passes on whatever comes in, and gives what it
    /// returns.
    pub async fn give_from<R>(&self, inner: &mut Generator<Y, S, E, R>) -> Result<Option<R>, Raised<E>> {
        let mut resumed = inner.next().await?;
        loop {
            resumed = match resumed {
                Resumed::Returned(value) => return Ok(Some(value)),
                Resumed::Exhausted => return Ok(None),
                Resumed::Yielded(value) => match self.exchange(value).await {
                    Input::Sent(None) => inner.next().await?,
                    Input::Sent(Some(value)) => inner.send(value).await?,
                    Input::Thrown(Raised::Exit) => {
                        inner.close().await?;
                        return Err(Raised::Exit);
                    }
                    Input::Thrown(raised) => inner.throw(raised).await?,
                },
            };
        }
    }
}
