//! Counting primes by trial division: the honest way to keep a processor busy with integers and nothing else.

use crate::kernel::{Advance, Resumable};
use crate::{Compute, Known, Step, Work, identical};

/// Looks at one number per unit, from two upwards.
pub(crate) struct TrialDivision {
    next: u32,
    below: u32,
    found: u64,
}

impl TrialDivision {
    pub(crate) fn new(below: u32) -> TrialDivision {
        TrialDivision { next: 2, below, found: 0 }
    }
}

impl Resumable for TrialDivision {
    fn advance(&mut self, units: u64) -> Advance {
        let left = self.below.saturating_sub(self.next);
        let now = units.min(u64::from(left));
        let end = self.next + now as u32;
        let mut found = 0;
        for candidate in self.next..end {
            found += u64::from(is_prime(candidate));
        }
        self.found += found;
        self.next = end;
        Advance { units: now, is_done: end >= self.below }
    }

    fn answer(&self) -> u64 {
        self.found
    }

    fn unit_nanos(&self) -> u64 {
        100
    }
}

fn is_prime(candidate: u32) -> bool {
    if candidate.is_multiple_of(2) {
        return candidate == 2;
    }
    let mut divisor = 3;
    // Divided, not squared: a square of a divisor can be beyond 32 bits.
    while divisor <= candidate / divisor {
        if candidate.is_multiple_of(divisor) {
            return false;
        }
        divisor += 2;
    }
    candidate > 1
}

/// The number of primes below `below`, by a sieve over the odd numbers: what the trial division must come to.
pub(crate) fn by_sieve(below: u32) -> u64 {
    if below <= 2 {
        return 0;
    }
    // Index i stands for 2 i + 1; index 0, the number one, stands for the prime two.
    let size = (below / 2) as usize;
    let mut composite = vec![false; size];
    for index in 1.. {
        let step = 2 * index + 1;
        let square = step * step / 2;
        if square >= size {
            break;
        }
        if !composite[index] {
            (square..size).step_by(step).for_each(|multiple| composite[multiple] = true);
        }
    }
    composite.into_iter().filter(|&composite| !composite).count() as u64
}

/// Every job counts the primes below `below`.
pub fn primes(jobs: u32, below: u32) -> Work {
    let expected = Known::later(move || u64::from(jobs) * by_sieve(below));
    Work::apart(identical(jobs, &[Step::Compute(Compute::Primes { below })]), expected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::tests::answer_in_quanta;

    fn by_trial_division(below: u32, quantum: u64) -> u64 {
        answer_in_quanta(Compute::Primes { below }, quantum)
    }

    #[test]
    fn both_ways_agree_with_the_tables() {
        for (below, count) in [(0, 0), (2, 0), (3, 1), (10, 4), (100, 25), (1_000, 168), (100_000, 9_592)] {
            assert_eq!((by_sieve(below), by_trial_division(below, 1_000)), (count, count), "below {below}");
        }
        assert_eq!(by_sieve(10_000_000), 664_579);
    }

    proptest! {
        #[test]
        fn the_quantum_changes_nothing(below in 0u32..20_000, quantum in 1u64..5_000) {
            prop_assert_eq!(by_trial_division(below, quantum), by_sieve(below));
        }
    }
}
