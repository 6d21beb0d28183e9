//! What repeated measurements say, and how sure one can be of it. Nothing here draws at random: what others find by
//! resampling is computed, so that the same measurements always give the same sentence.
//!
//! Times of runs are skewed: a busy machine makes some of them longer and none shorter. So all of it is about medians, and
//! nothing assumes a normal distribution.

mod bootstrap;
mod compare;
mod drift;
mod run;
mod sample;

pub use compare::{Comparison, MATTERS, Verdict, compare};
pub use drift::{drift, halves_disagree};
pub use run::RunFigures;
pub use sample::{Interval, Sample};

/// From this many measurements on there are intervals. Of five the lowest and the highest already miss the median in one
/// case of sixteen, so that no interval of 95 % can be had; with six it must reach from end to end. Seven are the first that
/// leave something to choose, and the simulations in `tests/coverage.rs` hold from there.
pub const LEAST_FOR_INTERVALS: usize = 7;

/// How often an interval holds the true value when all is repeated many times.
pub const CONFIDENCE: f64 = 0.95;

/// The probabilities of 0 to `n` hits in `n` trials that each hit with probability `p`. By logarithms, because the numbers of
/// combinations of a thousand things are beyond what a float can hold.
fn binomial(n: usize, p: f64) -> Vec<f64> {
    let mut combinations = 0.0_f64;
    let mut masses = Vec::with_capacity(n + 1);
    for hits in 0..=n {
        if hits > 0 {
            combinations += ((n - hits + 1) as f64 / hits as f64).ln();
        }
        // Nothing to the power of nothing is one.
        let power = |base: f64, exponent: usize| if exponent == 0 { 0.0 } else { exponent as f64 * base.ln() };
        masses.push((combinations + power(p, hits) + power(1.0 - p, n - hits)).exp());
    }
    masses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_as_probable_as_a_table_says() {
        let masses = binomial(4, 0.5);
        let expected = [0.0625, 0.25, 0.375, 0.25, 0.0625];
        assert!(masses.iter().zip(expected).all(|(mass, expected)| (mass - expected).abs() < 1e-12), "{masses:?}");
        assert_eq!(binomial(2, 0.0), [1.0, 0.0, 0.0]);
        assert_eq!(binomial(2, 1.0), [0.0, 0.0, 1.0]);
        let sum: f64 = binomial(5_000, 0.3).iter().sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    }
}
