//! The facts about the event loop: coroutines, their handles, calling off, callbacks, queues.
//!
//! `raise ValueError("bad")` is the failure of a bad request here. Where the recorded script sleeps so that one thing
//! happens before another, here the one happens because of the other, or the other would take an hour: a busy machine may
//! delay any sleep.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use trace::Failure;

use crate::event_loop::{Coroutine, Event, EventLoop, GroupError, LoopQueue, TimeoutError, Unstarted, Until};
use crate::{Host, Lane, TicketError};

const MILLI: u64 = 1_000_000;
const HOUR: u64 = 3_600_000 * MILLI;

type Lines = Vec<String>;

/// What coroutines note down, in the order in which they do.
#[derive(Clone, Default)]
struct Diary(Rc<RefCell<Lines>>);

impl Diary {
    fn note(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    fn take(&self) -> Lines {
        self.0.take()
    }

    /// A coroutine that notes its start and its end, and what it waits for in between.
    fn told<L: Lane>(&self, name: &'static str, pause: Pause) -> Unstarted<L, &'static str> {
        let diary = self.clone();
        Unstarted::new(move |coroutine: Coroutine<L>| async move {
            diary.note(format!("start {name}"));
            match &pause {
                Pause::Sleep(nanos) => coroutine.sleep(*nanos).await?,
                Pause::Until(event, _) => event.wait(&coroutine).await?,
            }
            diary.note(format!("end {name}"));
            if let Pause::Until(_, then) = &pause {
                then.set();
            }
            Ok(name)
        })
    }
}

enum Pause {
    Sleep(u64),
    /// Until the one happens; at the end the other does.
    Until(Event, Event),
}

/// Runs a main coroutine on a loop of its own.
async fn run<H: Host, T, F>(host: &H, main: impl FnOnce(Coroutine<H::Lane>, Diary) -> F + 'static) -> Result<T, Failure>
where
    T: Clone + 'static,
    F: Future<Output = Result<T, Failure>> + 'static,
{
    EventLoop::run(host.lane().clone(), |coroutine| main(coroutine, Diary::default())).await
}

fn value_error() -> Failure {
    Failure::BadRequest { message: "bad".into() }
}

/// A coroutine that fails after so long.
fn failing<L: Lane, T: Clone + 'static>(nanos: u64) -> Unstarted<L, T> {
    Unstarted::new(move |coroutine: Coroutine<L>| async move {
        coroutine.sleep(nanos).await?;
        Err(value_error())
    })
}

fn sleeping<L: Lane>(coroutine: &Coroutine<L>, nanos: u64) -> crate::Handle<()> {
    coroutine.event_loop().start(move |own| async move { Ok(own.sleep(nanos).await?) })
}

/// What Python calls the exception.
fn exception(failure: &Failure) -> String {
    if *failure == value_error() { "ValueError".into() } else { failure.to_string() }
}

pub(super) async fn coroutines_are_lazy<H: Host>(host: &H) -> Result<Lines, Failure> {
    run(host, |main, diary| async move {
        let coroutine = diary.told("x", Pause::Sleep(0));
        diary.note("coro created");
        coroutine.value(&main).await?;
        Ok(diary.take())
    })
    .await
}

pub(super) async fn starts_at_the_next_turn<H: Host>(host: &H) -> Result<Lines, Failure> {
    run(host, |main, diary| async move {
        let handle = main.event_loop().start_unstarted(diary.told("x", Pause::Sleep(0)));
        diary.note("task created");
        handle.value(&main).await?;
        Ok(diary.take())
    })
    .await
}

/// `b`, then `c`, then `a` end, one because of the other.
pub(super) async fn gather<H: Host>(host: &H) -> Result<(Vec<&'static str>, Lines), Failure> {
    run(host, |main, diary| async move {
        let (first, after_b, after_c) = (Event::new(), Event::new(), Event::new());
        let told = [
            diary.told("a", Pause::Until(after_c.clone(), Event::new())),
            diary.told("b", Pause::Until(first.clone(), after_b.clone())),
            diary.told("c", Pause::Until(after_b, after_c)),
        ];
        main.event_loop().call_later(10 * MILLI, move || first.set());
        Ok((main.gather(told).await?, diary.take()))
    })
    .await
}

pub(super) async fn gather_failing<H: Host>(host: &H) -> Result<String, Failure> {
    run(host, |main, diary| async move {
        let slow = main.event_loop().start_unstarted(diary.told("slow", Pause::Sleep(HOUR)));
        let bad = main.event_loop().start_unstarted(failing(10 * MILLI));
        let gathered = main.gather([slow.clone(), bad]).await;
        Ok(match gathered {
            // Python writes its truth with a capital letter.
            Err(failure) if failure == value_error() => {
                let runs_on = if slow.is_over() { "False" } else { "True" };
                format!("raises first; others keep running: [{runs_on}]")
            }
            other => format!("{other:?}"),
        })
    })
    .await
}

pub(super) async fn gather_results<H: Host>(host: &H) -> Result<Lines, Failure> {
    run(host, |main, diary| async move {
        let results = main.gather_results([diary.told("ok", Pause::Sleep(0)), failing(0)]).await?;
        let words = results.into_iter().map(|result| match result {
            Ok(value) => value.to_owned(),
            Err(TicketError::Failed(failure)) => exception(&failure),
            Err(TicketError::Cancelled) => "CancelledError".into(),
        });
        Ok(words.collect())
    })
    .await
}

/// How many are over, how many are not, and whether those were called off.
pub(super) async fn wait_with_a_timeout<H: Host>(host: &H) -> Result<(usize, usize, Vec<bool>), Failure> {
    run(host, |main, _| async move {
        let handles = [sleeping(&main, 10 * MILLI), sleeping(&main, HOUR)];
        // Were it to be over only while the others wait, it could come too late on a busy machine.
        handles[0].value(&main).await?;
        let waited = main.wait(handles.clone(), Until::AllCompleted, Some(50 * MILLI)).await?;
        let (done, pending) = waited.map_err(|error| Failure::BadRequest { message: error.to_string() })?;
        let called_off = pending.iter().map(|&place| handles[place].is_cancelled()).collect();
        Ok((done.len(), pending.len(), called_off))
    })
    .await
}

pub(super) async fn wait_for_the_first_exception<H: Host>(host: &H) -> Result<[usize; 2], Failure> {
    run(host, |main, _| async move {
        let handles = [main.event_loop().start_unstarted(failing(0)), sleeping(&main, HOUR)];
        let waited = main.wait(handles.clone(), Until::FirstException, None).await?;
        let (done, pending) = waited.map_err(|error| Failure::BadRequest { message: error.to_string() })?;
        // Asked for, as in the script, so that it is nobody's surprise.
        let _ = handles[0].peek();
        Ok([done.len(), pending.len()])
    })
    .await
}

pub(super) async fn wait_for_a_coroutine<H: Host>(host: &H) -> Result<String, Failure> {
    run(host, |main, diary| async move {
        let waited = main.wait([diary.told("z", Pause::Sleep(0))], Until::AllCompleted, None).await?;
        Ok(waited.map_or_else(|refusal| refusal.to_string(), |found| format!("waited: {found:?}")))
    })
    .await
}

fn timeout_error<T>(result: Result<T, TimeoutError>) -> &'static str {
    match result {
        Err(TimeoutError::Expired) => "TimeoutError",
        Err(TimeoutError::Failed(_)) => "another error",
        Ok(_) => "no error",
    }
}

/// With the module in which Python has had the exception since 3.11.
pub(super) async fn value_within<H: Host>(host: &H) -> Result<String, Failure> {
    run(host, |main, _| async move {
        let sleeping = sleeping(&main, HOUR);
        let raised = timeout_error(main.value_within(10 * MILLI, &sleeping).await);
        Ok(if sleeping.is_cancelled() { format!("builtins.{raised}") } else { "it runs on".into() })
    })
    .await
}

pub(super) async fn timeout<H: Host>(host: &H) -> Result<&'static str, Failure> {
    run(host, |main, _| async move {
        let body = async { Ok(main.sleep(HOUR).await?) };
        Ok(timeout_error(main.timeout(10 * MILLI, body).await))
    })
    .await
}

pub(super) async fn group<H: Host>(host: &H) -> Result<(usize, Lines), Failure> {
    run(host, |main, diary| async move {
        let own = diary.clone();
        let grouped = main
            .group(|group| async move {
                group.start(move |coroutine| async move {
                    let slept = coroutine.sleep(HOUR).await;
                    if slept.is_err() {
                        own.note("a cancelled");
                    }
                    Ok(slept?)
                });
                group.start(|coroutine| async move { failing(10 * MILLI).value(&coroutine).await });
                Ok(())
            })
            .await;
        let failures = match grouped {
            Err(GroupError::Failed { failures, .. }) => failures.len(),
            Err(GroupError::Cancelled) | Ok(()) => 0,
        };
        Ok((failures, diary.take()))
    })
    .await
}

pub(super) async fn cancel<H: Host>(host: &H) -> Result<bool, Failure> {
    run(host, |main, _| async move {
        let handle = sleeping(&main, HOUR);
        main.sleep(0).await?;
        handle.cancel();
        let result = handle.result(&main).await?;
        Ok(result == Err(TicketError::Cancelled) && handle.is_cancelled())
    })
    .await
}

pub(super) async fn cancel_swallowed<H: Host>(host: &H) -> Result<(&'static str, bool, Lines), Failure> {
    run(host, |main, diary| async move {
        let own = diary.clone();
        let stubborn = main.event_loop().start(|coroutine| async move {
            if coroutine.sleep(HOUR).await.is_err() {
                own.note("swallowed");
            }
            Ok("done")
        });
        main.sleep(0).await?;
        stubborn.cancel();
        Ok((stubborn.value(&main).await?, stubborn.is_cancelled(), diary.take()))
    })
    .await
}

pub(super) async fn soon_and_later<H: Host>(host: &H) -> Result<Lines, Failure> {
    run(host, |main, diary| async move {
        let (soon, later) = (diary.clone(), diary.clone());
        main.event_loop().call_later(0, move || later.note("later0"));
        main.event_loop().call_soon(move || soon.note("soon"));
        main.sleep(10 * MILLI).await?;
        Ok(diary.take())
    })
    .await
}

pub(super) async fn sleeping_for_no_time<H: Host>(host: &H) -> Result<Lines, Failure> {
    run(host, |main, diary| async move {
        main.gather(["1", "2"].map(|name| diary.told(name, Pause::Sleep(0)))).await?;
        Ok(diary.take())
    })
    .await
}

/// In tenths of a second, as the recorded time was rounded to them: one for each of four calls of a tenth that began only
/// when those before it had ended. Measured, a busy machine would make it more.
pub(super) async fn blocking<H: Host>(host: &H) -> Result<f64, Failure> {
    const NANOS: u64 = 100 * MILLI;
    run(host, |main, _| async move {
        let calls = (0..4).map(|_| {
            Unstarted::new(|coroutine: Coroutine<H::Lane>| async move {
                let began = coroutine.now_nanos();
                coroutine.block_for(NANOS).await?;
                Ok((began, coroutine.now_nanos()))
            })
        });
        let mut calls = main.gather(calls).await?;
        calls.sort_unstable();
        let (mut free, mut tenths) = (0, 0);
        for (began, ended) in calls {
            tenths += u32::from(began >= free);
            free = free.max(ended);
        }
        Ok(f64::from(tenths) / 10.0)
    })
    .await
}

pub(super) async fn queue_of_one<H: Host>(host: &H) -> Result<Lines, Failure> {
    run(host, |main, diary| async move {
        let queue = LoopQueue::new(1);
        let (puts, gets) = (diary.clone(), diary.clone());
        let source = queue.clone();
        let produce = Unstarted::new(move |coroutine: Coroutine<H::Lane>| async move {
            for number in 0..3 {
                source.put(&coroutine, number).await?;
                puts.note(format!("put{number}"));
            }
            Ok(())
        });
        let consume = Unstarted::new(move |coroutine: Coroutine<H::Lane>| async move {
            for _ in 0..3 {
                gets.note(format!("get{}", queue.get(&coroutine).await?));
                coroutine.sleep(0).await?;
            }
            Ok(())
        });
        main.gather([produce, consume]).await?;
        Ok(diary.take())
    })
    .await
}
