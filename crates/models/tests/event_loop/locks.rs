//! What coroutines of one loop share.

use models::{Event, Lane, LoopLock, LoopQueue, QueueFull, Semaphore, Unstarted};

use super::{MILLI, Main, Notes, note, run};

#[test]
fn a_lock_goes_to_whoever_came_first_and_never_to_whoever_comes_between() {
    let order = run(|main| async move {
        let (notes, lock) = (Notes::default(), LoopLock::new());
        let turns = ["a", "b", "c"].map(|name| {
            let (notes, lock) = (notes.clone(), lock.clone());
            Unstarted::new(move |own: Main| async move {
                for round in 0..2 {
                    let _permit = lock.acquire(&own).await?;
                    note(&notes, format!("{name}{round}"));
                    own.hop().await?;
                }
                Ok(())
            })
        });
        main.gather(turns).await?;
        assert!(!lock.is_locked());
        Ok(notes.take())
    });
    assert_eq!(order, ["a0", "b0", "c0", "a1", "b1", "c1"]);
}

#[test]
fn a_permit_granted_to_somebody_called_off_goes_to_the_next() {
    let at = run(|main| async move {
        let semaphore = Semaphore::new(1);
        let held = semaphore.acquire(&main).await?;
        let waiting = [0, 1].map(|_| {
            let semaphore = semaphore.clone();
            main.event_loop().start(move |own: Main| async move {
                let _permit = semaphore.acquire(&own).await?;
                Ok(own.now_nanos())
            })
        });
        main.sleep(MILLI).await?;
        // The first is granted the permit and called off before it can know.
        drop(held);
        waiting[0].cancel();
        waiting[1].value(&main).await
    });
    assert_eq!(at, MILLI);
}

#[test]
fn an_event_lets_all_go_who_wait_even_if_it_is_cleared_at_once() {
    let gone = run(|main| async move {
        let event = Event::new();
        let waiting = [0, 1, 2].map(|_| {
            let event = event.clone();
            main.event_loop().start(move |own: Main| async move { Ok(event.wait(&own).await?) })
        });
        main.sleep(MILLI).await?;
        event.set();
        event.clear();
        main.gather(waiting).await.map(|gone| gone.len())
    });
    assert_eq!(gone, 3);
}

#[test]
fn a_queue_refuses_what_it_has_no_room_for() {
    let queue = LoopQueue::new(2);
    assert_eq!([1, 2, 3].map(|item| queue.try_put(item)), [Ok(()), Ok(()), Err(QueueFull)]);
    assert_eq!((queue.try_get(), queue.len()), (Some(1), 1));
    assert_eq!((queue.try_get(), queue.try_get(), queue.is_empty()), (Some(2), None, true));
    let unbounded = LoopQueue::new(0);
    assert!((0..1_000).all(|item| unbounded.try_put(item).is_ok()));
}
