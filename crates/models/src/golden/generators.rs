//! The facts about generators.

use std::convert::Infallible;

use trace::Failure;

use crate::{Generator, Raised, Resumed};

/// What comes out of a generator of these facts: its error is the one that a fact is about.
type Seen<Y, R> = Result<Resumed<Y, R>, Raised<Infallible>>;

/// Yields how much it has been sent so far, for ever.
fn collecting() -> Generator<usize, &'static str, Infallible, ()> {
    Generator::new(|yielder| async move {
        let mut seen = Vec::new();
        loop {
            seen.push(yielder.give(seen.len()).await?);
        }
    })
}

fn yielded<Y, R>(seen: Seen<Y, R>) -> Result<Y, Failure> {
    let message = match seen {
        Ok(Resumed::Yielded(value)) => return Ok(value),
        Ok(Resumed::Returned(_) | Resumed::Exhausted) => "it ended where it was to yield".into(),
        Err(raised) => raised.to_string(),
    };
    Err(Failure::BadRequest { message })
}

pub(super) async fn send_before_start() -> String {
    match collecting().send("too early").await {
        Ok(_) => "accepted".into(),
        Err(refusal) => refusal.to_string(),
    }
}

/// What comes of `next`, and then of `send`. A `send` that was refused before changes nothing.
pub(super) async fn next_and_send() -> Result<[usize; 2], Failure> {
    let mut started = collecting();
    if started.send("too early").await.is_ok() {
        return Err(Failure::BadRequest { message: "a value was sent before the start".into() });
    }
    Ok([yielded(started.next().await)?, yielded(started.send("value").await)?])
}

pub(super) async fn yield_from() -> Result<[String; 2], Failure> {
    let mut delegating: Generator<String, u32, Infallible, ()> = Generator::new(|outer| async move {
        let mut inner = Generator::new(|inner| async move {
            let got = inner.give("a".to_owned()).await?;
            Ok(format!("ret:{}", got.map_or_else(|| "None".to_owned(), |number: u32| number.to_string())))
        });
        let returned = outer.give_from(&mut inner).await?;
        outer.give(returned.unwrap_or_default()).await?;
        Ok(())
    });
    Ok([yielded(delegating.next().await)?, yielded(delegating.send(7).await)?])
}
