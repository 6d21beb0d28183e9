//! Something that goes on beside a future for as long as that takes.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Drives both until the first is done.
pub async fn beside<T>(future: impl Future<Output = T>, endless: impl Future<Output = Infallible>) -> T {
    let (mut future, mut endless) = (pin!(future), pin!(endless));
    poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(value);
        }
        match endless.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(never) => match never {},
        }
    })
    .await
}
