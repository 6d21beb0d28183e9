//! The part of the seam that greenlets need: ordinary calls that can be set aside in the middle.
//!
//! ```text
//!   outside ── go_on ──▶ inside: calls, as deep as it likes
//!      ▲                    │
//!      └──── set_aside ◀────┘ (and later goes on right there)
//! ```
//!
//! Exactly one of the two sides runs at any time.

use std::convert::Infallible;
use std::future::Future;
use std::marker::PhantomData;

use crate::Lane;

/// How far a call has come when it gives control back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It waits in its middle.
    SetAside,
    /// It has returned.
    Ended,
}

/// A call with a stack of its own, as whoever started it sees it. Only one of a lane's calls may run at a time, and each
/// has to be brought to its end: a stack that is given up keeps what lies on it.
pub trait Stack: Sized {
    /// The call as it sees itself.
    type Inside: Inside;

    /// Lets the call begin or go on until it sets itself aside or ends.
    fn go_on(&mut self) -> impl Future<Output = Progress>;
}

/// A call with a stack of its own, seen from within. What it waits for with these futures, it waits for in the middle of
/// whatever ordinary calls it is in: on real stacks each is ready at its first poll.
///
/// While the call is set aside nobody may hold a pointer to its locals, because a browser moves the stack away. What it
/// shares with others lies on the heap.
pub trait Inside: Clone + 'static {
    /// The lane beneath all calls of a loop.
    type Lane: Lane;

    /// The lane beneath.
    fn lane(&self) -> &Self::Lane;

    /// Gives control back until the outside lets the call go on.
    fn set_aside(&self) -> impl Future<Output = ()>;

    /// Waits for something of the lane beneath without giving control back.
    fn hold<T>(&self, future: impl Future<Output = T>) -> impl Future<Output = T> {
        future
    }
}

/// Both sides of a call on lanes that have no stacks to give: there never is one.
pub struct NoStack<L>(Infallible, PhantomData<L>);

impl<L> Clone for NoStack<L> {
    fn clone(&self) -> NoStack<L> {
        match self.0 {}
    }
}

impl<L: Lane> Stack for NoStack<L> {
    type Inside = NoStack<L>;

    async fn go_on(&mut self) -> Progress {
        match self.0 {}
    }
}

impl<L: Lane> Inside for NoStack<L> {
    type Lane = L;

    fn lane(&self) -> &L {
        match self.0 {}
    }

    async fn set_aside(&self) {
        match self.0 {}
    }
}
