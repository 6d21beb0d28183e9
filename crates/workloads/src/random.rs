//! Random numbers that are the same wherever a seed is the same.

use rand_xoshiro::rand_core::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

/// The numbers of one job. The seed is scrambled before the job's number is added, so that neighbouring seeds do not give
/// neighbouring jobs the same numbers.
pub(crate) fn numbers(seed: u64, job: u32) -> Numbers {
    let scrambled = SplitMix64::seed_from_u64(seed).next_u64();
    Numbers(Xoshiro256PlusPlus::seed_from_u64(scrambled.wrapping_add(u64::from(job))))
}

/// An endless series.
pub(crate) struct Numbers(Xoshiro256PlusPlus);

impl Numbers {
    /// The next one, with 64 random bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0.next_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_and_jobs_have_numbers_of_their_own() {
        let mut firsts: Vec<u64> = (0..8).flat_map(|seed| (0..8).map(move |job| numbers(seed, job).next())).collect();
        firsts.sort_unstable();
        firsts.dedup();
        assert_eq!(firsts.len(), 64);
    }
}
