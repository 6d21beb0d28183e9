//! The way of a slider, whose values may be far apart.

use session::catalog::{Param, Scale};

/// The positions of a logarithmic slider.
pub const STEPS: u64 = 200;

/// The slider's position for a value.
pub fn step_from_value(param: &Param, value: u64) -> u64 {
    match param.scale {
        Scale::Linear => value,
        Scale::Logarithmic => {
            let (min, max) = (param.min.max(1) as f64, param.max as f64);
            let part = (value.max(1) as f64 / min).ln() / (max / min).ln();
            (part * STEPS as f64).round().clamp(0.0, STEPS as f64) as u64
        }
    }
}

/// The value for a slider's position: a round one, and the limits themselves at the ends.
pub fn value_from_step(param: &Param, step: u64) -> u64 {
    match param.scale {
        Scale::Linear => step.clamp(param.min, param.max),
        Scale::Logarithmic if step == 0 => param.min,
        Scale::Logarithmic if step >= STEPS => param.max,
        Scale::Logarithmic => {
            let (min, max) = (param.min.max(1) as f64, param.max as f64);
            let value = min * (max / min).powf(step as f64 / STEPS as f64);
            // Two figures are as much as a hand on a slider means.
            let unit = 10f64.powf(value.log10().floor() - 1.0).max(1.0);
            ((value / unit).round() * unit).clamp(min, max) as u64
        }
    }
}

#[cfg(test)]
mod tests {
    use session::catalog::WORKLOADS;

    use super::*;

    #[test]
    fn the_ends_are_the_limits_and_the_way_back_ends_within_a_step() {
        for param in WORKLOADS.iter().flat_map(|workload| workload.params) {
            let last = step_from_value(param, param.max);
            assert_eq!(value_from_step(param, step_from_value(param, param.min)), param.min, "{}", param.slug);
            assert_eq!(value_from_step(param, last), param.max, "{}", param.slug);
            let step = step_from_value(param, param.default);
            let back = step_from_value(param, value_from_step(param, step));
            assert!(back.abs_diff(step) <= 1, "{}: from {step} to {back}", param.slug);
        }
    }

    #[test]
    fn values_grow_with_the_position() {
        for param in WORKLOADS.iter().flat_map(|workload| workload.params) {
            let (first, last) = (step_from_value(param, param.min), step_from_value(param, param.max));
            let values: Vec<_> = (first..=last).map(|step| value_from_step(param, step)).collect();
            assert!(values.is_sorted(), "{}: {values:?}", param.slug);
        }
    }
}
