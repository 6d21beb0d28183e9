//! The time axis that bars and lanes share.
//!
//! ```text
//!   0        100       200       300       400 ms      ticks at round times,
//!   ├─────────┼─────────┼─────────┼─────────┼───┤      the end at the longest run
//! ```

/// From nothing to the longest run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// The time at its end.
    pub end_nanos: u64,
    /// How long it is drawn.
    pub width: f64,
}

/// A round time on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where it is drawn.
    pub x: f64,
    /// What stands there, in milliseconds.
    pub label: String,
}

/// The least distance between two ticks that leaves room for their labels.
const LEAST_DISTANCE: f64 = 56.0;

impl Axis {
    /// Where a time is drawn. What is beyond the ends is drawn at them.
    pub fn x_from_nanos(&self, nanos: i64) -> f64 {
        let end = self.end_nanos.max(1) as f64;
        (nanos as f64 / end).clamp(0.0, 1.0) * self.width
    }

    /// The time that is drawn there.
    pub fn nanos_from_x(&self, x: f64) -> u64 {
        let part = if self.width > 0.0 { (x / self.width).clamp(0.0, 1.0) } else { 0.0 };
        (part * self.end_nanos as f64) as u64
    }

    /// Ticks at round times, as close as their labels allow.
    pub fn ticks(&self) -> Vec<Tick> {
        if self.end_nanos == 0 || self.width < LEAST_DISTANCE {
            return vec![Tick { x: 0.0, label: "0".into() }];
        }
        let end_millis = self.end_nanos as f64 / 1e6;
        let (step, places) = round_step(end_millis * LEAST_DISTANCE / self.width);
        let count = (end_millis / step).floor() as u32;
        (0..=count)
            .map(|index| {
                let millis = f64::from(index) * step;
                Tick { x: millis / end_millis * self.width, label: format!("{millis:.places$}") }
            })
            .collect()
    }
}

/// The smallest of 1, 2, 5, 10, … times a power of ten that is not below the least, and the places its multiples need.
fn round_step(least: f64) -> (f64, usize) {
    let power = least.log10().floor();
    let unit = 10f64.powf(power);
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * unit >= least * (1.0 - 1e-9));
    let (step, power) = factor.map_or((10.0 * unit, power + 1.0), |factor| (factor * unit, power));
    (step, (-power).max(0.0) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(end_nanos: u64, width: f64, expected: &str) {
        let labels: Vec<_> = Axis { end_nanos, width }.ticks().into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels.join(" "), expected);
    }

    #[test]
    fn ticks_stand_at_round_times() {
        check(412_000_000, 560.0, "0 50 100 150 200 250 300 350 400");
        check(412_000_000, 240.0, "0 100 200 300 400");
        check(412_000_000, 200.0, "0 200 400");
        check(3_400_000, 560.0, "0.0 0.5 1.0 1.5 2.0 2.5 3.0");
        check(10_000_000_000, 560.0, "0 1000 2000 3000 4000 5000 6000 7000 8000 9000 10000");
    }

    #[test]
    fn an_axis_of_no_length_has_its_origin() {
        check(0, 560.0, "0");
        check(412_000_000, 0.0, "0");
    }

    #[test]
    fn times_beyond_the_ends_are_drawn_at_them() {
        let axis = Axis { end_nanos: 100, width: 50.0 };
        assert_eq!([-5, 0, 50, 100, 400].map(|nanos| axis.x_from_nanos(nanos)), [0.0, 0.0, 25.0, 50.0, 50.0]);
        assert_eq!([-1.0, 0.0, 25.0, 60.0].map(|x| axis.nanos_from_x(x)), [0, 0, 50, 100]);
    }
}
