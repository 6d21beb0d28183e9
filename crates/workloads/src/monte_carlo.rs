//! π by throwing darts at a square and counting those within the quarter of a circle.

use crate::kernel::{Advance, Resumable, within};
use crate::random::{Numbers, numbers};
use crate::{Compute, Known, Step, Work, one_each};

/// How many points a unit has.
const UNIT: u32 = 64;

/// How many bits a coordinate has. The square of one has twice as many, which is just what a float holds, so that
/// floats and whole numbers agree about every point.
const BITS: u32 = 26;

/// A point in a square of 2²⁶ × 2²⁶.
fn point(numbers: &mut Numbers) -> (u32, u32) {
    let bits = numbers.next();
    ((bits >> (64 - BITS)) as u32, (bits as u32) >> (32 - BITS))
}

/// Throws one dart after another.
pub(crate) struct Darts {
    left: u32,
    numbers: Numbers,
    hits: u64,
}

impl Darts {
    pub(crate) fn new(points: u32, seed: u64, job: u32) -> Darts {
        Darts { left: points, numbers: numbers(seed, job), hits: 0 }
    }
}

impl Resumable for Darts {
    fn advance(&mut self, units: u64) -> Advance {
        const SIDE: f64 = (1 << BITS) as f64;
        let now = within(self.left, units, UNIT);
        let mut hits = 0;
        for _ in 0..now {
            let (x, y) = point(&mut self.numbers);
            let (x, y) = (f64::from(x) / SIDE, f64::from(y) / SIDE);
            hits += u32::from(x * x + y * y < 1.0);
        }
        self.hits += u64::from(hits);
        self.left -= now;
        Advance::of(now.into(), UNIT, self.left == 0)
    }

    fn answer(&self) -> u64 {
        self.hits
    }

    fn unit_nanos(&self) -> u64 {
        150
    }
}

/// The hits of all jobs, in whole numbers, chunk by chunk.
fn in_whole_numbers(jobs: u32, points: u32, seed: u64) -> impl Iterator<Item = u64> {
    const CHUNK: u32 = 1 << 14;
    (0..jobs).flat_map(move |job| {
        let mut series = numbers(seed, job);
        (0..points).step_by(CHUNK as usize).map(move |begin| hits_among(&mut series, CHUNK.min(points - begin)))
    })
}

// Kept a function of its own: a browser puts better code in its place between two calls, but never within one.
#[inline(never)]
fn hits_among(series: &mut Numbers, points: u32) -> u64 {
    let mut hits = 0;
    for _ in 0..points {
        let (x, y) = point(series);
        let square = |side: u32| u64::from(side) * u64::from(side);
        hits += u64::from(square(x) + square(y) < 1 << (2 * BITS));
    }
    hits
}

/// Every job throws `points` darts of its own. Its answer is the number of hits.
pub fn monte_carlo_pi(jobs: u32, points: u32, seed: u64) -> Work {
    let expected = Known::in_parts(in_whole_numbers(jobs, points, seed));
    Work::apart(one_each(jobs, |job| vec![Step::Compute(Compute::MonteCarloPi { points, seed, job })]), expected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::tests::answer_in_quanta;

    #[test]
    fn the_hits_come_near_pi() {
        let points = 1_000_000;
        let hits = answer_in_quanta(Compute::MonteCarloPi { points, seed: 1, job: 0 }, 1_000);
        // Five standard deviations of a million throws.
        let estimate = 4.0 * hits as f64 / f64::from(points);
        assert!((estimate - std::f64::consts::PI).abs() < 5.0 * 0.001_642, "{estimate}");
    }

    proptest! {
        #[test]
        fn the_quantum_changes_nothing(points in 0u32..20_000, seed: u64, job in 0u32..9, quantum in 1u64..50) {
            let until = |job| in_whole_numbers(job, points, seed).sum::<u64>();
            let hits = answer_in_quanta(Compute::MonteCarloPi { points, seed, job }, quantum);
            prop_assert_eq!(until(job) + hits, until(job + 1));
        }
    }
}
