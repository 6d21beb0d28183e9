//! Calls with stacks of their own in virtual time, where setting one aside means not to poll it.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::VirtualLane;
use crate::stack::{Inside, Progress, Stack};

/// A call that is polled only while it has control.
pub struct VirtualStack {
    life: Pin<Box<dyn Future<Output = ()>>>,
    is_set_aside: Rc<Cell<bool>>,
}

impl VirtualStack {
    pub(super) fn new<F: Future<Output = ()> + 'static>(
        lane: &VirtualLane,
        body: impl FnOnce(VirtualInside) -> F,
    ) -> VirtualStack {
        let is_set_aside = Rc::new(Cell::new(false));
        let inside = VirtualInside { lane: lane.clone(), is_set_aside: is_set_aside.clone() };
        VirtualStack { life: Box::pin(body(inside)), is_set_aside }
    }
}

impl Stack for VirtualStack {
    type Inside = VirtualInside;

    async fn go_on(&mut self) -> Progress {
        self.is_set_aside.set(false);
        poll_fn(|context| match self.life.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Progress::Ended),
            Poll::Pending if self.is_set_aside.get() => Poll::Ready(Progress::SetAside),
            Poll::Pending => Poll::Pending,
        })
        .await
    }
}

/// The same call, seen from within.
#[derive(Clone)]
pub struct VirtualInside {
    lane: VirtualLane,
    is_set_aside: Rc<Cell<bool>>,
}

impl Inside for VirtualInside {
    type Lane = VirtualLane;

    fn lane(&self) -> &VirtualLane {
        &self.lane
    }

    async fn set_aside(&self) {
        self.is_set_aside.set(true);
        poll_fn(|_| if self.is_set_aside.get() { Poll::Pending } else { Poll::Ready(()) }).await;
    }
}
