//! The bootstrap of medians, without drawing: Efron's idea (*Bootstrap methods*, 1979) is to draw as many measurements from
//! those at hand, with replacement, and to look how the median varies. For medians how often each result comes is known
//! (Maritz and Jarrett, *A note on estimating the variance of the sample median*, 1978), so nothing needs to be drawn, and no
//! seed changes what the reader is told.

use super::binomial;
use super::{Interval, LEAST_FOR_INTERVALS, Sample};

/// Medians rarer than this are left out: a hundred thousand of them change no end of an interval that is shown.
const RAREST: f64 = 1e-9;

/// Halvings of the range in which an end is looked for; beyond these a float has no more places.
const HALVINGS: u32 = 60;

/// A median that can come of drawing anew, and how often it comes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Chance {
    median: f64,
    mass: f64,
}

/// Every median that drawing anew can give, the least first.
fn medians(sample: &Sample) -> Vec<Chance> {
    let sorted = sample.sorted();
    let mut chances = if sorted.len() % 2 == 1 { single(sorted) } else { paired(sorted) };
    chances.retain(|chance| chance.mass > RAREST);
    chances.sort_by(|one, other| one.median.total_cmp(&other.median));
    chances
}

/// How often the `rank`th of `n` new draws is the first value, the second, and so on: it is at most the `k`th if at least
/// `rank` draws are, and each draw is with probability `k ÷ n`.
fn masses_of_rank(n: usize, rank: usize) -> Vec<f64> {
    let mut before = 0.0;
    let at_most = |k: usize| binomial(n, k as f64 / n as f64)[rank..].iter().sum::<f64>();
    (1..=n)
        .map(|k| {
            let up_to = at_most(k);
            let mass = up_to - before;
            before = up_to;
            mass
        })
        .collect()
}

/// Of an odd number the median is one of the values.
fn single(sorted: &[f64]) -> Vec<Chance> {
    let masses = masses_of_rank(sorted.len(), sorted.len().div_ceil(2));
    sorted.iter().zip(masses).map(|(&median, mass)| Chance { median, mass }).collect()
}

/// Of an even number it lies half-way between two. The lower is the `i`th value and the upper the `j`th, a later one, if half of
/// the draws are at most the `i`th and one of them is it, and the other half at least the `j`th and one of them is it. What
/// then remains of the chance that the lower is the `i`th is that both are.
fn paired(sorted: &[f64]) -> Vec<Chance> {
    let n = sorted.len();
    let half = n / 2;
    let halves = binomial(n, 0.5)[half].ln() + n as f64 * core::f64::consts::LN_2;
    // That `half` draws are among the first `k` values and one of them is the `k`th, as a logarithm.
    let reach: Vec<f64> = (1..=n)
        .map(|k| {
            let missed = ((k - 1) as f64 / k as f64).powi(half as i32);
            half as f64 * (k as f64 / n as f64).ln() + (-missed).ln_1p()
        })
        .collect();
    let mut chances = Vec::new();
    for (i, lower_mass) in masses_of_rank(n, half).into_iter().enumerate() {
        let mut apart = 0.0;
        for j in i + 1..n {
            let mass = (halves + reach[i] + reach[n - 1 - j]).exp();
            apart += mass;
            chances.push(Chance { median: sorted[i].midpoint(sorted[j]), mass });
        }
        chances.push(Chance { median: sorted[i], mass: (lower_mass - apart).max(0.0) });
    }
    chances
}

/// Where the ratio of two true medians lies with this confidence: the percentiles of the bootstrap of both. Nothing if either
/// has too few measurements, or if the divisor can be nothing.
pub(super) fn ratio_interval(sample: &Sample, divisor: &Sample, confidence: f64) -> Option<Interval> {
    if sample.count().min(divisor.count()) < LEAST_FOR_INTERVALS || divisor.min() <= 0.0 {
        return None;
    }
    let (above, below) = (medians(sample), medians(divisor));
    let outside = (1.0 - confidence) / 2.0;
    let low = percentile(&above, &below, outside, sample, divisor);
    let high = percentile(&above, &below, 1.0 - outside, sample, divisor);
    Some(Interval { low, high: high.max(low) })
}

/// The ratio that is not exceeded in this part of all pairs of medians.
fn percentile(above: &[Chance], below: &[Chance], part: f64, sample: &Sample, divisor: &Sample) -> f64 {
    let whole: f64 =
        [above, below].iter().map(|chances| chances.iter().map(|chance| chance.mass).sum::<f64>()).product();
    let not_exceeded = |ratio: f64| {
        let (mut passed, mut passed_mass, mut sum) = (0, 0.0, 0.0);
        for chance in below {
            while passed < above.len() && above[passed].median <= ratio * chance.median {
                passed_mass += above[passed].mass;
                passed += 1;
            }
            sum += chance.mass * passed_mass;
        }
        sum / whole
    };
    let (mut low, mut high) = (sample.min() / divisor.max(), sample.max() / divisor.min());
    if not_exceeded(low) >= part {
        return low;
    }
    for _ in 0..HALVINGS {
        let middle = low.midpoint(high);
        if not_exceeded(middle) >= part {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[f64]) -> Sample {
        Sample::new(values.iter().copied()).expect("the test's values are times")
    }

    /// Every way to draw `n` of `n`, counted.
    fn counted(values: &[f64]) -> Vec<Chance> {
        let n = values.len();
        let mut chances: Vec<Chance> = Vec::new();
        for mut ways in 0..n.pow(n as u32) {
            let drawn = (0..n).map(|_| {
                let value = values[ways % n];
                ways /= n;
                value
            });
            let median = sample(&drawn.collect::<Vec<_>>()).median();
            let mass = 1.0 / (n as f64).powi(n as i32);
            match chances.iter_mut().find(|chance| chance.median == median) {
                Some(chance) => chance.mass += mass,
                None => chances.push(Chance { median, mass }),
            }
        }
        chances.sort_by(|one, other| one.median.total_cmp(&other.median));
        chances
    }

    #[test]
    fn chances_are_those_of_drawing_in_every_way() {
        // Distances are powers of two, so that no two pairs have the same middle.
        for values in [&[1.0, 2.0, 4.0, 8.0, 16.0][..], &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]] {
            let (found, expected) = (medians(&sample(values)), counted(values));
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found.median, expected.median);
                assert!((found.mass - expected.mass).abs() < 1e-12, "{found:?} is not {expected:?}");
            }
        }
    }

    #[test]
    fn chances_sum_to_one_however_many_there_are() {
        for n in [1_usize, 2, 7, 8, 61, 200, 400, 1_001] {
            let values: Vec<f64> = (1..=n).map(|value| value as f64).collect();
            let sum: f64 = medians(&sample(&values)).iter().map(|chance| chance.mass).sum();
            assert!((sum - 1.0).abs() < 1e-4, "{n}: {sum}");
        }
    }

    #[test]
    fn what_does_not_vary_has_an_interval_without_width() {
        let interval = ratio_interval(&sample(&[3.0; 8]), &sample(&[2.0; 7]), 0.95).expect("there are enough");
        assert!((interval.low - 1.5).abs() < 1e-9 && (interval.high - 1.5).abs() < 1e-9, "{interval:?}");
    }

    #[test]
    fn too_few_or_nothing_to_divide_by_have_none() {
        assert_eq!(ratio_interval(&sample(&[1.0; 6]), &sample(&[1.0; 7]), 0.95), None);
        assert_eq!(ratio_interval(&sample(&[1.0; 7]), &sample(&[0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]), 0.95), None);
    }
}
