//! Receives what the page asks for and says what came of it. One run at a time.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use js_sys::{Function, Uint8Array};
use models::Stop;
use protocol::catalog::RunSpec;
use protocol::trace::{Failure, Recording};
use protocol::{FromEngine, Message, RunId, ToEngine};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::browser::delay;
use crate::runs::{self, Progress};
use crate::{caught, processes};

/// How often the page hears how far a run is, at most.
const PROGRESS_EVERY_MILLIS: f64 = 100.0;

type Run = (Progress, Pin<Box<dyn Future<Output = Result<(u64, Recording), Failure>>>>);

struct Conductor {
    send: Function,
    begin: fn(RunSpec, Stop) -> Run,
    current: Option<(RunId, Stop)>,
}

thread_local! {
    static CONDUCTOR: RefCell<Option<Conductor>> = const { RefCell::new(None) };
}

fn start(send: Function, begin: fn(RunSpec, Stop) -> Run) {
    CONDUCTOR.set(Some(Conductor { send, begin, current: None }));
    say(&FromEngine::Ready);
}

/// This instance conducts: it takes the page's messages from now on and answers with `send(bytes)`.
#[wasm_bindgen(js_name = startConductor)]
pub fn start_conductor(send: Function) {
    start(send, |spec, stop| {
        let (progress, run) = runs::in_conductor(spec, stop);
        (progress, Box::pin(run))
    });
}

/// This instance lives on the page and runs event loops there.
#[cfg(not(feature = "threads"))]
#[wasm_bindgen(js_name = startPage)]
pub fn start_page(send: Function) {
    start(send, |spec, stop| {
        let (progress, run) = runs::on_the_page(spec, stop);
        (progress, Box::pin(run))
    });
}

/// Everything that lives in this memory is to end.
#[wasm_bindgen(js_name = endEngine)]
pub fn end() {
    CONDUCTOR.with_borrow(|conductor| {
        if let Some((_, stop)) = conductor.as_ref().and_then(|conductor| conductor.current.as_ref()) {
            stop.stop();
        }
    });
    processes::end_all();
    #[cfg(feature = "threads")]
    {
        crate::threads::end();
        crate::pool::end();
    }
}

fn say(message: &FromEngine) {
    let send = CONDUCTOR.with_borrow(|conductor| conductor.as_ref().map(|conductor| conductor.send.clone()));
    if let Some(send) = send {
        let bytes = Uint8Array::from(message.to_bytes().as_slice());
        // `send` posts a message; it throws only if the page is gone, and then nobody is left to be told.
        let _ = send.call1(&JsValue::NULL, &bytes);
    }
}

/// A message from the page.
#[wasm_bindgen]
pub fn receive(bytes: Vec<u8>) {
    match ToEngine::from_bytes(&bytes) {
        Ok(ToEngine::Run { run_id, spec }) => run(run_id, spec),
        Ok(ToEngine::Stop { run_id }) => stop(run_id),
        Err(failure) => say(&FromEngine::Failed { run_id: None, failure }),
    }
}

fn stop(run_id: RunId) {
    let stop = CONDUCTOR.with_borrow(|conductor| {
        let (current, stop) = conductor.as_ref()?.current.as_ref()?;
        (*current == run_id).then(|| stop.clone())
    });
    if let Some(stop) = stop {
        stop.stop();
        processes::stop_all();
    }
}

fn run(run_id: RunId, spec: RunSpec) {
    let stop = Stop::new();
    let begin = CONDUCTOR.with_borrow_mut(|conductor| {
        let conductor = conductor.as_mut().filter(|conductor| conductor.current.is_none())?;
        conductor.current = Some((run_id, stop.clone()));
        Some(conductor.begin)
    });
    let Some(begin) = begin else {
        let message = "another run is still on".to_owned();
        return say(&FromEngine::Failed { run_id: Some(run_id), failure: Failure::BadRequest { message } });
    };
    spawn_local(async move {
        let jobs = spec.values.first().copied().unwrap_or(0) as u32;
        let (progress, run) = begin(spec, stop);
        let ended = with_progress(run_id, jobs, &progress, caught::run(run)).await;
        CONDUCTOR.with_borrow_mut(|conductor| {
            if let Some(conductor) = conductor {
                conductor.current = None;
            }
        });
        say(&match ended {
            Ok((answer, recording)) => FromEngine::Finished { run_id, answer, recording },
            Err(failure) => FromEngine::Failed { run_id: Some(run_id), failure },
        });
    });
}

/// Drives the run, and between its steps tells the page how far it is.
async fn with_progress<T>(run_id: RunId, jobs: u32, progress: &Progress, run: impl Future<Output = T>) -> T {
    let mut told = 0;
    let mut tell = pin!(async {
        loop {
            delay(PROGRESS_EVERY_MILLIS).await;
            let done = progress.jobs_done();
            if done != told {
                told = done;
                say(&FromEngine::Progress { run_id, done, jobs });
            }
        }
    });
    let mut run = pin!(run);
    poll_fn(|context| {
        if let Poll::Ready(value) = run.as_mut().poll(context) {
            return Poll::Ready(value);
        }
        let never: Poll<std::convert::Infallible> = tell.as_mut().poll(context);
        debug_assert!(never.is_pending());
        Poll::Pending
    })
    .await
}
