//! Calls with stacks of their own, by JavaScript Promise Integration: the browser sets a whole wasm stack aside while an
//! import waits for a promise.
//!
//! The part of the stack that lies in memory (the shadow stack) is moved away meanwhile, and every call begins at the same
//! place. So nobody may hold a pointer to the locals of a call that is set aside; what it shares with others lies on the heap.
#![expect(deprecated, reason = "wasm-bindgen marks JSPI as experimental by deprecating it")]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use models::{Inside, Progress, Stack};
use protocol::trace::{Failure, Missing};
use wasm_bindgen::prelude::*;

use crate::loop_lane::LoopLane;

// In `www/engine/stacks.js`.
#[wasm_bindgen(js_namespace = interleaveEngine)]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = canSetAside)]
    static CAN_SET_ASIDE: bool;

    /// Calls `runStack` in a moment.
    #[wasm_bindgen(js_name = beginStack)]
    fn begin(key: u32);

    /// Sets the calling stack aside.
    #[wasm_bindgen(suspending, js_name = setAside)]
    fn set_aside(key: u32);

    /// Lets a stack that is set aside go on in a moment.
    #[wasm_bindgen(js_name = goOn)]
    fn go_on(key: u32);
}

thread_local! {
    static LAST_KEY: Cell<u32> = const { Cell::new(0) };
    /// What the calls are to do that have not begun.
    static BODIES: RefCell<BTreeMap<u32, Box<dyn FnOnce()>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Where every call with a stack of its own begins.
#[wasm_bindgen(jspi, js_name = runStack)]
pub fn run(key: u32) {
    let body = BODIES.with_borrow_mut(|bodies| bodies.remove(&key));
    if let Some(body) = body {
        body();
    }
}

/// What both sides of a call know.
struct Common {
    key: u32,
    /// How the call last gave control back; nothing while it has it.
    given_back: Cell<Option<Progress>>,
    outside: Cell<Option<Waker>>,
}

impl Common {
    fn give_back(&self, progress: Progress) {
        self.given_back.set(Some(progress));
        self.outside.take().into_iter().for_each(Waker::wake);
    }
}

/// A call with a stack of its own.
pub struct WebStack {
    common: Rc<Common>,
    has_begun: bool,
}

impl WebStack {
    /// A call that does this as soon as it is told to go on.
    pub fn new<F: Future<Output = ()> + 'static>(
        lane: &LoopLane,
        body: impl FnOnce(WebInside) -> F + 'static,
    ) -> Result<WebStack, Failure> {
        if !CAN_SET_ASIDE.with(|can| *can) {
            return Err(Failure::Unavailable(Missing::StackSwitching));
        }
        let key = LAST_KEY.get().wrapping_add(1);
        LAST_KEY.set(key);
        let common = Rc::new(Common { key, given_back: Cell::new(None), outside: Cell::new(None) });
        let inside = WebInside { lane: lane.clone(), common: common.clone() };
        let call = move || {
            let common = inside.common.clone();
            complete(body(inside));
            common.give_back(Progress::Ended);
        };
        BODIES.with_borrow_mut(|bodies| bodies.insert(key, Box::new(call)));
        Ok(WebStack { common, has_begun: false })
    }
}

/// Completes a future that waits by setting its stack aside: one poll must do.
fn complete(future: impl Future<Output = ()>) {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(()) => {}
        Poll::Pending => unreachable!("what runs on a stack of its own sets it aside instead of giving it back"),
    }
}

impl Stack for WebStack {
    type Inside = WebInside;

    async fn go_on(&mut self) -> Progress {
        self.common.given_back.set(None);
        if std::mem::replace(&mut self.has_begun, true) {
            go_on(self.common.key);
        } else {
            begin(self.common.key);
        }
        poll_fn(|context| match self.common.given_back.get() {
            Some(progress) => Poll::Ready(progress),
            None => {
                self.common.outside.set(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}

impl Drop for WebStack {
    /// A call that never began leaves nothing behind.
    fn drop(&mut self) {
        drop(BODIES.with_borrow_mut(|bodies| bodies.remove(&self.common.key)));
    }
}

/// The same call, seen from within.
#[derive(Clone)]
pub struct WebInside {
    lane: LoopLane,
    common: Rc<Common>,
}

impl WebInside {
    /// Gives control back, in the middle of any call, until the outside lets the stack go on.
    pub fn set_aside_now(&self) {
        self.common.give_back(Progress::SetAside);
        set_aside(self.common.key);
    }
}

/// Lets a stack go on that has been set aside by `hold`, unless it has not been yet.
struct Hold {
    key: u32,
    is_woken: AtomicBool,
    is_set_aside: AtomicBool,
}

impl Wake for Hold {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::Relaxed);
        if self.is_set_aside.swap(false, Ordering::Relaxed) {
            go_on(self.key);
        }
    }
}

impl Inside for WebInside {
    type Lane = LoopLane;

    fn lane(&self) -> &LoopLane {
        &self.lane
    }

    async fn set_aside(&self) {
        self.set_aside_now();
    }

    /// Whoever waits outside for this call still does: it has not given control back.
    async fn hold<T>(&self, future: impl Future<Output = T>) -> T {
        let key = self.common.key;
        let hold = Arc::new(Hold { key, is_woken: AtomicBool::new(false), is_set_aside: AtomicBool::new(false) });
        let waker = Waker::from(hold.clone());
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return value;
            }
            if !hold.is_woken.swap(false, Ordering::Relaxed) {
                hold.is_set_aside.store(true, Ordering::Relaxed);
                set_aside(key);
                hold.is_woken.store(false, Ordering::Relaxed);
            }
        }
    }
}
