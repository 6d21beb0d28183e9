//! Who of those who wait will wait for ever.

use std::collections::BTreeSet;

use trace::Wait;

use crate::Waits;

/// How it stands with the threads of a pool that jobs hand further jobs to.
#[derive(Clone, Debug, Default)]
pub(crate) struct PoolUse {
    /// How many threads it has.
    pub(crate) threads: usize,
    /// The jobs that have one.
    pub(crate) busy: BTreeSet<u32>,
}

/// The waits of those jobs that nobody can rouse any more: at first all who wait are suspected, and then everybody is
/// taken out who waits for something that one who is not suspected can still bring about. `others` says whether there are
/// jobs that neither wait nor are over.
pub(crate) fn for_ever(waits: &Waits, pool: &PoolUse, others: bool) -> Waits {
    let mut suspects = waits.clone();
    loop {
        let numbers: BTreeSet<u32> = suspects.iter().map(|&(job, _)| job).collect();
        let somebody_goes_on = others || numbers.len() < waits.len();
        let is_stuck = |wait: Wait| match wait {
            Wait::ForLock { held_by: job, .. } | Wait::ForJob { job } => numbers.contains(&job),
            Wait::ForThread => pool.busy.len() >= pool.threads && pool.busy.is_subset(&numbers),
            Wait::ForRoom { .. } | Wait::ForItem { .. } => !somebody_goes_on,
            // These end by themselves.
            Wait::ForGil
            | Wait::ForCore
            | Wait::ForLanes
            | Wait::ForTime
            | Wait::ForTurn
            | Wait::ForEvent
            | Wait::ForPage => false,
        };
        let before = suspects.len();
        suspects.retain(|&(_, wait)| is_stuck(wait));
        if suspects.len() == before {
            return suspects;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: Wait = Wait::ForItem { queue: 0 };
    const THREAD: Wait = Wait::ForThread;

    fn lock_of(held_by: u32) -> Wait {
        Wait::ForLock { lock: 0, held_by }
    }

    #[track_caller]
    fn check(waits: &[(u32, Wait)], busy: &[u32], others: bool, expected: &[u32]) {
        let pool = PoolUse { threads: 2, busy: busy.iter().copied().collect() };
        let stuck: Vec<u32> = for_ever(&waits.to_vec(), &pool, others).into_iter().map(|(job, _)| job).collect();
        assert_eq!(stuck, expected);
    }

    #[test]
    fn a_circle_of_locks_and_who_waits_for_it_is_stuck() {
        check(&[(0, lock_of(1)), (1, lock_of(0)), (2, lock_of(1))], &[], true, &[0, 1, 2]);
        check(&[(0, lock_of(1)), (1, lock_of(2))], &[], true, &[]);
    }

    #[test]
    fn whoever_waits_for_a_queue_is_stuck_when_nobody_is_left() {
        check(&[(0, ITEM), (1, ITEM)], &[], false, &[0, 1]);
        check(&[(0, ITEM), (1, ITEM)], &[], true, &[]);
        check(&[(0, ITEM), (1, lock_of(0))], &[], false, &[0, 1]);
    }

    #[test]
    fn a_pool_whose_threads_all_wait_for_its_queue_is_stuck() {
        let parents =
            [(0, Wait::ForJob { job: 4 }), (1, Wait::ForJob { job: 5 }), (2, THREAD), (4, THREAD), (5, THREAD)];
        check(&parents, &[0, 1], true, &[0, 1, 2, 4, 5]);
        // One of its threads is free, or somebody on it goes on.
        check(&parents, &[0], true, &[]);
        check(&parents[1..], &[0, 1], true, &[]);
    }

    #[test]
    fn a_pool_can_be_stuck_on_a_lock_too() {
        check(&[(0, lock_of(4)), (1, Wait::ForJob { job: 4 }), (4, THREAD)], &[0, 1], true, &[0, 1, 4]);
    }
}
