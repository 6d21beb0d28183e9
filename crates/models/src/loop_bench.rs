//! What the bench of the event loop measures, on any lane.

use trace::Failure;

use crate::event_loop::{LoopQueue, Unstarted};
use crate::{Coroutine, EventLoop, Lane};

/// Coroutines that share the work where it is not said otherwise.
const COROUTINES: usize = 1_000;
/// How long the coroutines sleep that are gathered.
const GATHERED_SLEEP_NANOS: u64 = 500_000_000;

/// Does so many of what is named, and says how many nanoseconds it took: `hops` give the loop to the other coroutines,
/// `timers` sleep for a millisecond, `gather` has each of as many coroutines sleep once for half a second, and `messages` go
/// through a queue of one.
pub async fn measure_loop<L: Lane>(lane: L, what: &str, count: usize) -> Result<u64, Failure> {
    let began_nanos = lane.now_nanos();
    match what {
        "hops" => {
            each(lane.clone(), COROUTINES, count / COROUTINES, |coroutine| async move { Ok(coroutine.hop().await?) })
                .await?
        }
        "timers" => {
            let sleep = |coroutine: Coroutine<L>| async move { Ok(coroutine.sleep(1_000_000).await?) };
            each(lane.clone(), COROUTINES, count / COROUTINES, sleep).await?;
        }
        "gather" => {
            let sleep = |coroutine: Coroutine<L>| async move { Ok(coroutine.sleep(GATHERED_SLEEP_NANOS).await?) };
            each(lane.clone(), count, 1, sleep).await?;
        }
        "messages" => messages(lane.clone(), count).await?,
        _ => return Err(Failure::BadRequest { message: format!("the loop's bench measures no {what}") }),
    }
    Ok(lane.now_nanos() - began_nanos)
}

/// So many coroutines together, each of which does the same so often.
async fn each<L: Lane, F>(
    lane: L,
    coroutines: usize,
    times: usize,
    does: impl Fn(Coroutine<L>) -> F + Clone + 'static,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>> + 'static,
{
    EventLoop::run(lane, move |main| async move {
        let all = (0..coroutines).map(|_| {
            let does = does.clone();
            Unstarted::new(move |coroutine: Coroutine<L>| async move {
                for _ in 0..times {
                    does(coroutine.clone()).await?;
                }
                Ok(())
            })
        });
        main.gather(all).await.map(|_| ())
    })
    .await
}

async fn messages<L: Lane>(lane: L, count: usize) -> Result<(), Failure> {
    EventLoop::run(lane, move |main| async move {
        let queue = LoopQueue::new(1);
        let source = queue.clone();
        let producer = Unstarted::new(move |coroutine| async move {
            for number in 0..count {
                queue.put(&coroutine, number).await?;
            }
            Ok(0)
        });
        let consumer = Unstarted::new(move |coroutine| async move {
            let mut sum = 0;
            for _ in 0..count {
                sum += source.get(&coroutine).await?;
            }
            Ok(sum)
        });
        let sum: usize = main.gather([producer, consumer]).await?.into_iter().sum();
        // Every message has come.
        assert_eq!(sum, count * (count - 1) / 2);
        Ok(())
    })
    .await
}
