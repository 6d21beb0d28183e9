//! Receives what the page asks for and says what came of it. One run at a time.

use std::cell::RefCell;
use std::future::Future;

use js_sys::{Function, Uint8Array};
use models::{Finished, Log, Stop, beside};
use protocol::catalog::RunSpec;
use protocol::trace::{Failure, LaneKind};
use protocol::{FromEngine, Message, RunId, ToEngine};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::browser::delay;
use crate::clock::Clock;
use crate::loop_lane::LoopLane;
use crate::pages;
use crate::processes;
use crate::runs::{self, Run, Watch};

/// How often the page hears how far a run is, at most.
const PROGRESS_EVERY_MILLIS: f64 = 100.0;

type Begin = fn(RunSpec, Stop) -> Result<Run, Failure>;

struct Conductor {
    send: Function,
    begin: Begin,
    current: Option<(RunId, Stop)>,
}

thread_local! {
    static CONDUCTOR: RefCell<Option<Conductor>> = const { RefCell::new(None) };
}

fn start(send: Function, begin: Begin) {
    CONDUCTOR.set(Some(Conductor { send, begin, current: None }));
    say(&FromEngine::Ready);
}

/// This instance conducts: it takes the page's messages from now on and answers with `send(bytes)`.
#[wasm_bindgen(js_name = startConductor)]
pub fn start_conductor(send: Function) {
    start(send, runs::in_conductor);
}

/// This instance lives on the page and runs event loops there.
#[cfg(not(feature = "threads"))]
#[wasm_bindgen(js_name = startPage)]
pub fn start_page(send: Function) {
    start(send, runs::on_the_page);
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

/// Finds out how pages will be answered, if the run's jobs fetch any, and says so.
async fn find_pages(run_id: RunId, spec: &mut RunSpec, stop: &Stop) -> Result<(), Failure> {
    if models::work_of(spec)?.fetches() {
        let lane = LoopLane::new(Clock::start(), LaneKind::Conductor, 1, &Log::new(), stop, || {});
        spec.pages = pages::find(&lane).await?;
        pages::adopt(spec.pages);
        say(&FromEngine::PagesFound { run_id, pages: spec.pages });
    }
    Ok(())
}

fn run(run_id: RunId, mut spec: RunSpec) {
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
        let found = find_pages(run_id, &mut spec, &stop).await;
        let ended = match found.and_then(|()| begin(spec, stop)) {
            Ok((watch, run)) => watched(run_id, &watch, models::catch_panics_in(run)).await,
            Err(failure) => Err(failure),
        };
        CONDUCTOR.with_borrow_mut(|conductor| {
            if let Some(conductor) = conductor {
                conductor.current = None;
            }
        });
        say(&match ended {
            Ok(Finished { answer, losses, recording }) => FromEngine::Finished { run_id, answer, losses, recording },
            Err(failure) => FromEngine::Failed { run_id: Some(run_id), failure },
        });
    });
}

/// Drives the run, and between its steps tells the page how far it is and whether it is stuck.
async fn watched(
    run_id: RunId,
    watch: &Watch,
    run: impl Future<Output = Result<Finished, Failure>>,
) -> Result<Finished, Failure> {
    let deadlock = RefCell::new(None);
    let tell = async {
        let (mut told, mut suspected) = (0, None);
        loop {
            delay(PROGRESS_EVERY_MILLIS).await;
            let done = watch.jobs_done();
            if done != told {
                told = done;
                say(&FromEngine::Progress { run_id, done, jobs: watch.jobs() });
            }
            let found = watch.deadlock();
            if let Some(waits) = found.clone().filter(|_| found == suspected && *deadlock.borrow() != found) {
                deadlock.replace(found.clone());
                say(&FromEngine::Deadlocked { run_id, waits });
            }
            suspected = found;
        }
    };
    let ended = beside(run, tell).await;
    // A run that was stuck and then stopped failed because it was stuck.
    match (ended, deadlock.take()) {
        (Err(Failure::Stopped), Some(waits)) => Err(Failure::Deadlock { waits }),
        (ended, _) => ended,
    }
}
