//! Whether the machine stayed the same while it was measured.

use super::bootstrap::ratio_interval;
use super::{LEAST_FOR_INTERVALS, MATTERS, Sample};

/// How many standard deviations a trend must be from none: by chance that happens in one series of a hundred.
const SURE: f64 = 2.576;

/// By how much measurements have grown from first to last, as a part of their median, if they have a trend: by Mann's test
/// (*Nonparametric tests against trend*, 1945; its variance with ties after Kendall) and by the median of all slopes between two
/// of them (Sen, 1968). Absent when there is none, when it does not matter, and for too few measurements.
pub fn drift(values: &[f64]) -> Option<f64> {
    let n = values.len();
    let median = Sample::new(values.iter().copied())?.median();
    if n < LEAST_FOR_INTERVALS || median <= 0.0 {
        return None;
    }
    let pairs = || (0..n).flat_map(|earlier| (earlier + 1..n).map(move |later| (earlier, later)));
    let signs = pairs().map(|(earlier, later)| values[later].total_cmp(&values[earlier]) as i64 as f64);
    let sum: f64 = signs.sum();
    let spread = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let ties: f64 = sorted.chunk_by(|one, other| one == other).map(|equal| spread(equal.len() as f64)).sum();
    let variance = (spread(n as f64) - ties) / 18.0;
    // One less, because the sum goes in steps.
    if variance <= 0.0 || (sum.abs() - 1.0) / variance.sqrt() < SURE {
        return None;
    }
    let mut slopes: Vec<f64> =
        pairs().map(|(earlier, later)| (values[later] - values[earlier]) / (later - earlier) as f64).collect();
    slopes.sort_by(f64::total_cmp);
    let change = slopes[slopes.len() / 2] * (n - 1) as f64 / median;
    (change.abs() >= MATTERS).then_some(change)
}

/// Whether every second measurement of one thing differs from the others, as it should not: a machine on which it does would
/// show differences between things that are the same. At 99 %, so that it is said of one quiet machine in a hundred.
pub fn halves_disagree(values: &[f64]) -> bool {
    let half = |first: usize| Sample::new(values.iter().copied().skip(first).step_by(2));
    let (Some(one), Some(other)) = (half(0), half(1)) else {
        return false;
    };
    let matters = (one.median() / other.median() - 1.0).abs() >= MATTERS;
    matters && ratio_interval(&one, &other, 0.99).is_some_and(|interval| !interval.holds(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_has_a_trend_and_what_varies_has_none() {
        let growing: Vec<f64> = (0..12).map(|round| 100.0 + f64::from(round) + f64::from(round % 2)).collect();
        let change = drift(&growing).expect("it grows");
        assert!((change - 0.11).abs() < 0.02, "{change}");
        let falling: Vec<f64> = growing.iter().rev().copied().collect();
        assert!(drift(&falling).is_some_and(|change| change < -0.08));
        assert_eq!(drift(&[5.0, 9.0, 4.0, 8.0, 5.0, 7.0, 6.0, 9.0, 4.0]), None);
    }

    #[test]
    fn a_trend_that_does_not_matter_is_none() {
        let creeping: Vec<f64> = (0..20).map(|round| 1_000.0 + f64::from(round) / 10.0).collect();
        assert_eq!(drift(&creeping), None);
    }

    #[test]
    fn few_equal_or_senseless_values_have_none() {
        assert_eq!(drift(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), None);
        assert_eq!(drift(&[3.0; 50]), None);
        assert_eq!(drift(&[0.0; 50]), None);
        assert_eq!(drift(&[]), None);
        assert_eq!(drift(&[f64::NAN; 9]), None);
    }

    #[test]
    fn halves_that_are_alike_agree() {
        let alike: Vec<f64> = (0..40).map(|round| 100.0 + f64::from(round * 7 % 11)).collect();
        assert!(!halves_disagree(&alike));
        let apart: Vec<f64> = (0..40).map(|round| alike[round] * if round % 2 == 0 { 1.0 } else { 1.3 }).collect();
        assert!(halves_disagree(&apart));
        assert!(!halves_disagree(&apart[..12]), "six each are too few to say so");
        assert!(!halves_disagree(&[0.0; 40]) && !halves_disagree(&[]));
    }
}
