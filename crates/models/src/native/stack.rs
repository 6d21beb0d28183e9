//! Calls with stacks of their own on the operating system's threads: each has one, and a baton sees to it that exactly one
//! side runs.

use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use trace::Failure;

use super::{NativeLane, complete};
use crate::stack::{Inside, Progress, Stack};

/// A stack holds some frames of an interpreter of steps, not a program.
const STACK_BYTES: usize = 256 << 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Runs {
    Outside(Progress),
    Inside,
}

/// Says which side runs; the other one waits for it.
struct Baton {
    runs: Mutex<Runs>,
    passed: Condvar,
}

impl Baton {
    fn runs(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(&self, to: Runs) {
        *self.runs() = to;
        self.passed.notify_one();
    }

    fn wait_for_inside(&self) {
        let outside = |runs: &mut Runs| *runs != Runs::Inside;
        drop(self.passed.wait_while(self.runs(), outside).unwrap_or_else(PoisonError::into_inner));
    }

    fn wait_for_outside(&self) -> Progress {
        let inside = |runs: &mut Runs| *runs == Runs::Inside;
        match *self.passed.wait_while(self.runs(), inside).unwrap_or_else(PoisonError::into_inner) {
            Runs::Outside(progress) => progress,
            Runs::Inside => unreachable!("that is what was waited out"),
        }
    }
}

/// Passes the baton back when the call ends, by a panic too.
struct End(Arc<Baton>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.pass(Runs::Outside(Progress::Ended));
    }
}

/// A call on a thread of its own.
pub struct NativeStack {
    baton: Arc<Baton>,
    thread: Option<JoinHandle<()>>,
}

impl NativeStack {
    pub(super) fn new<F: Future<Output = ()> + 'static>(
        lane: &NativeLane,
        body: impl FnOnce(NativeInside) -> F + Send + 'static,
    ) -> Result<NativeStack, Failure> {
        let baton = Arc::new(Baton { runs: Mutex::new(Runs::Outside(Progress::SetAside)), passed: Condvar::new() });
        let inside = NativeInside { lane: lane.clone(), baton: baton.clone() };
        let thread = std::thread::Builder::new().name("stack".into()).stack_size(STACK_BYTES).spawn(move || {
            inside.baton.wait_for_inside();
            let _end = End(inside.baton.clone());
            complete(body(inside));
        });
        let could_not =
            |error: std::io::Error| Failure::CouldNotStart { what: "a stack".into(), message: error.to_string() };
        Ok(NativeStack { baton, thread: Some(thread.map_err(could_not)?) })
    }
}

impl Stack for NativeStack {
    type Inside = NativeInside;

    async fn go_on(&mut self) -> Progress {
        self.baton.pass(Runs::Inside);
        let progress = self.baton.wait_for_outside();
        if let Some(thread) = self.thread.take_if(|_| progress == Progress::Ended) {
            thread.join().expect("what runs on a stack catches its panics");
        }
        progress
    }
}

/// The same call, seen from its own thread.
#[derive(Clone)]
pub struct NativeInside {
    lane: NativeLane,
    baton: Arc<Baton>,
}

impl Inside for NativeInside {
    type Lane = NativeLane;

    fn lane(&self) -> &NativeLane {
        &self.lane
    }

    async fn set_aside(&self) {
        self.baton.pass(Runs::Outside(Progress::SetAside));
        self.baton.wait_for_inside();
    }
}
