//! Who of those who wait will wait for ever.

use std::collections::BTreeSet;

use trace::Wait;

use crate::Waits;

/// How it stands with the lanes on which jobs run from their beginning to their end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lanes {
    /// How many there are; none stands for as many as there are jobs.
    pub(crate) most: usize,
    /// The jobs that have begun and are not over.
    pub(crate) begun: BTreeSet<u32>,
}

impl Lanes {
    fn are_taken(&self) -> bool {
        self.most > 0 && self.begun.len() >= self.most
    }

    /// Whether, of so many jobs of which so many are over, there are some that neither wait nor are kept from beginning.
    pub(crate) fn let_others_go_on(&self, waits: &Waits, jobs: usize, done: usize) -> bool {
        let waiting: BTreeSet<u32> = waits.iter().map(|&(job, _)| job).collect();
        let have_not_begun = jobs > done + waiting.union(&self.begun).count();
        !self.begun.is_subset(&waiting) || (have_not_begun && !self.are_taken())
    }
}

/// The waits of those jobs that nobody can rouse any more: at first all who wait are suspected, and then everybody is
/// taken out who waits for something that one who is not suspected can still bring about. `others` says whether there are
/// jobs that neither wait nor are over, and can go on.
pub(crate) fn for_ever(waits: &Waits, lanes: &Lanes, others: bool) -> Waits {
    let mut suspects = waits.clone();
    loop {
        let numbers: BTreeSet<u32> = suspects.iter().map(|&(job, _)| job).collect();
        let somebody_goes_on = others || numbers.len() < waits.len();
        let is_stuck = |wait: Wait| match wait {
            Wait::ForLock { held_by: job, .. } | Wait::ForJob { job } => numbers.contains(&job),
            Wait::ForThread => lanes.are_taken() && lanes.begun.is_subset(&numbers),
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
        let lanes = Lanes { most: 2, begun: busy.iter().copied().collect() };
        let stuck: Vec<u32> = for_ever(&waits.to_vec(), &lanes, others).into_iter().map(|(job, _)| job).collect();
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
    fn who_has_not_begun_goes_on_only_on_a_lane_that_is_free() {
        let others = |most, begun: &[u32], waiting: &[u32], done| {
            let waits = waiting.iter().map(|&job| (job, ITEM)).collect();
            Lanes { most, begun: begun.iter().copied().collect() }.let_others_go_on(&waits, 4, done)
        };
        assert!(!others(1, &[0], &[0], 0), "the one lane is taken by a job that waits");
        assert!(others(2, &[0], &[0], 0));
        assert!(others(0, &[0], &[0], 0));
        assert!(others(1, &[0], &[], 0), "the job that has begun goes on");
        assert!(!others(0, &[2, 3], &[2, 3], 2), "nobody is left");
        assert!(!others(0, &[], &[2, 3], 2), "nobody is left, where nobody says that he begins");
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
