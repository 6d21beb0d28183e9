//! The cases, each in the browsers it is about, one after another.
//!
//! Measured runs must not disturb each other, so there is one browser at a time, and every case opens a document of its
//! own from a server of its own. A case that fails is not tried again; the next one gets a new browser.

mod accessible;
mod answers;
mod back;
mod bench;
mod custom;
mod element;
mod embedded;
mod faults;
mod frames;
mod golden;
mod greenlets;
mod harness;
mod isolated;
mod loads;
mod message_queue;
mod not_isolated;
mod pages;
mod processes;
mod repeats;
mod stop;
mod threads;
mod workloads;

use bench::{Bench, Case};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    process::ExitCode,
    sync::{Mutex, PoisonError},
};
use tests::{
    browser::{Browser, Kind},
    error::{Error, Result},
    session::Session,
};

/// The browser that the last case left, for the next one of its kind.
static KEPT: Mutex<Option<Session>> = Mutex::new(None);

/// Every case, in the order of a page's life.
const CASES: &[&[Case]] = &[
    harness::CASES,
    loads::CASES,
    isolated::CASES,
    processes::CASES,
    message_queue::CASES,
    threads::CASES,
    workloads::CASES,
    repeats::CASES,
    pages::CASES,
    custom::CASES,
    not_isolated::CASES,
    embedded::CASES,
    element::CASES,
    stop::CASES,
    back::CASES,
    greenlets::CASES,
    golden::CASES,
    accessible::CASES,
    frames::CASES,
    faults::CASES,
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let browsers = match Browser::chosen() {
        Ok(browsers) => browsers,
        Err(error) => {
            eprintln!("INTERLEAVE_BROWSER: {error}");
            return ExitCode::FAILURE;
        }
    };
    let cases = || CASES.iter().copied().flatten().copied();
    let kinds = Kind::ALL.into_iter().filter(|kind| browsers.contains(&kind.browser));
    let trials =
        kinds.flat_map(|kind| cases().filter(move |case| case.kinds.contains(&kind)).map(move |c| trial(kind, c)));
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    keep(None);
    conclusion.exit_code()
}

fn trial(kind: Kind, case: Case) -> Trial {
    Trial::ignorable_test(format!("{}::{}", kind.name(), case.name), move || {
        if let Err(missing) = kind.browser.programs() {
            return Ok(Completion::ignored_with(missing));
        }
        match check(kind, case) {
            Ok(()) => Ok(Completion::Completed),
            // The case needs a program that is not here, and says which.
            Err(Error::Missing(reason)) => Ok(Completion::ignored_with(reason)),
            Err(error) => Err(Failed::from(error.to_string())),
        }
    })
}

fn check(kind: Kind, case: Case) -> Result<()> {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner).take();
    // Another kind's browser goes before the new one comes: both would share the two cores.
    let session = match kept.filter(|session| session.kind == kind) {
        Some(session) => session,
        None => Session::start(kind)?,
    };
    session.console_errors();
    let bench = Bench::new(session);
    let outcome = catch_unwind(AssertUnwindSafe(|| (case.check)(&bench).and_then(|()| bench.no_unexpected_errors())));
    match outcome {
        Ok(Ok(())) => {
            // A browser that cannot even leave the page is not kept; the case has passed all the same.
            keep(bench.into_session().ok());
            Ok(())
        }
        Ok(Err(error)) => Err(error),
        Err(panic) => {
            drop(bench);
            resume_unwind(panic)
        }
    }
}

fn keep(session: Option<Session>) {
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = session;
}
