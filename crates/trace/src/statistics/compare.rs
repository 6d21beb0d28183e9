//! Whether one thing takes longer than another.

use super::bootstrap::ratio_interval;
use super::{CONFIDENCE, Interval, Sample};

/// A ratio nearer to one than this makes no difference in practice, however sure it is: another version of a browser, or where
/// a program comes to lie in memory, changes times by as much.
pub const MATTERS: f64 = 0.02;

/// What can be said of two medians.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It takes less time, and the difference matters.
    Faster,
    /// It takes more time, and the difference matters.
    Slower,
    /// No difference was found, or one that does not matter.
    NoDifference,
    /// There are too few measurements for a verdict.
    TooFew,
}

/// One thing's time compared with another's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// The ratio of the medians.
    pub ratio: f64,
    /// Where the ratio of the true medians lies; absent for too few measurements.
    pub interval: Option<Interval>,
    /// What can be said of it.
    pub verdict: Verdict,
}

/// Compares with a baseline, as one of so many comparisons that are shown together. Nothing if the baseline's median is nothing.
///
/// Of twenty intervals of 95 % one is expected to be wrong. So that *all* of a report's intervals are right in 95 % of reports,
/// each is widened as Bonferroni has it: one of `m` leaves out 5 % ÷ m. Holm's procedure would find a little more, but it
/// decides without giving intervals, and a sentence must not say *faster* beside an interval that says *perhaps*.
pub fn compare(sample: &Sample, baseline: &Sample, comparisons: usize) -> Option<Comparison> {
    if baseline.median() <= 0.0 {
        return None;
    }
    let ratio = sample.median() / baseline.median();
    let confidence = 1.0 - (1.0 - CONFIDENCE) / comparisons.max(1) as f64;
    let interval = ratio_interval(sample, baseline, confidence);
    let verdict = match interval {
        None => Verdict::TooFew,
        Some(interval) if interval.high < 1.0 && ratio <= 1.0 - MATTERS => Verdict::Faster,
        Some(interval) if interval.low > 1.0 && ratio >= 1.0 + MATTERS => Verdict::Slower,
        Some(_) => Verdict::NoDifference,
    };
    Some(Comparison { ratio, interval, verdict })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(values: &[f64]) -> Sample {
        Sample::new(values.iter().copied()).expect("the test's values are times")
    }

    #[track_caller]
    fn check(values: &[f64], baseline: &[f64], verdict: Verdict) {
        let found = compare(&sample(values), &sample(baseline), 3).expect("the baseline takes time");
        assert_eq!(found.verdict, verdict, "{found:?}");
    }

    const TEN: [f64; 8] = [9.7, 10.2, 10.0, 9.9, 10.4, 10.1, 9.8, 10.6];

    #[test]
    fn a_difference_is_said_when_it_is_sure_and_matters() {
        check(&TEN.map(|value| value * 0.5), &TEN, Verdict::Faster);
        check(&TEN.map(|value| value * 1.2), &TEN, Verdict::Slower);
        check(&TEN.map(|value| value + 0.1), &TEN, Verdict::NoDifference);
        check(&TEN[..6], &TEN, Verdict::TooFew);
    }

    #[test]
    fn a_sure_difference_of_one_percent_does_not_matter() {
        check(&[101.0; 9], &[100.0; 9], Verdict::NoDifference);
        check(&[97.0; 9], &[100.0; 9], Verdict::Faster);
    }

    #[test]
    fn nothing_can_be_compared_with_nothing() {
        assert_eq!(compare(&sample(&[1.0; 9]), &sample(&[0.0; 9]), 1), None);
        assert_eq!(compare(&sample(&[0.0; 9]), &sample(&[1.0; 9]), 1).map(|found| found.ratio), Some(0.0));
    }

    proptest! {
        #[test]
        fn more_comparisons_never_narrow_an_interval(
            values in prop::collection::vec(1.0f64..1e12, 7..40), other in prop::collection::vec(1.0f64..1e12, 7..40),
        ) {
            let one = compare(&sample(&values), &sample(&other), 1).expect("the baseline takes time");
            let many = compare(&sample(&values), &sample(&other), 12).expect("the baseline takes time");
            let (narrow, wide) = (one.interval.expect("seven are enough"), many.interval.expect("seven are enough"));
            prop_assert!(wide.low <= narrow.low && narrow.high <= wide.high, "{:?} is not within {:?}", narrow, wide);
            prop_assert!(narrow.low.is_finite() && narrow.high.is_finite());
        }
    }
}
