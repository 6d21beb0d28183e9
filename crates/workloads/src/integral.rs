//! The area under 4 / (1 + x²) from nought to one, which is π, between a read and a write.

use crate::kernel::{Advance, Resumable, within};
use crate::{Compute, Step, Work, identical};

/// How many rectangles a unit has. Each unit is added up by itself first, so that the order of the additions, and with
/// it the last bits, does not depend on the quanta.
const UNIT: u32 = 64;

/// How the answer counts: the area in hundred millionths. With [`FEWEST`] rectangles or more, the error is too small to
/// be seen in it.
const FRACTIONS: f64 = 1e8;

/// The fewest rectangles with which the answer is π. The midpoint rule is off by 1 / 12 n².
const FEWEST: u32 = 10_000;

/// Adds up rectangles as high as the curve in their middle.
pub(crate) struct Midpoints {
    next: u32,
    slices: u32,
    sum: f64,
}

impl Midpoints {
    pub(crate) fn new(slices: u32) -> Midpoints {
        Midpoints { next: 0, slices, sum: 0.0 }
    }
}

impl Resumable for Midpoints {
    fn advance(&mut self, units: u64) -> Advance {
        let now = within(self.slices - self.next, units, UNIT);
        let last = self.next + now;
        while self.next < last {
            let end = last.min(self.next + UNIT);
            self.sum += heights(self.next, end, 1.0 / f64::from(self.slices));
            self.next = end;
        }
        Advance::of(now.into(), UNIT, self.next == self.slices)
    }

    fn answer(&self) -> u64 {
        if self.slices == 0 { 0 } else { (self.sum / f64::from(self.slices) * FRACTIONS).round() as u64 }
    }

    fn unit_nanos(&self) -> u64 {
        100
    }
}

/// The sum of the heights of some rectangles. With SIMD, as native code has it by itself; every browser that the page
/// supports has it, and one that has not refuses the whole module.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn heights(first: u32, end: u32, width: f64) -> f64 {
    let mut sum = 0.0;
    for slice in first..end {
        let x = (f64::from(slice) + 0.5) * width;
        sum += 4.0 / (1.0 + x * x);
    }
    sum
}

/// Every job waits for its input, finds the area with `slices` rectangles, at least ten thousand, and waits until its
/// output is written. Its answer is π in hundred millionths, and one for each wait.
pub fn integral(jobs: u32, slices: u32, wait_nanos: u64) -> Work {
    let slices = slices.max(FEWEST);
    let wait = Step::Wait { nanos: wait_nanos };
    let steps = [wait.clone(), Step::Compute(Compute::Integral { slices }), wait];
    let area = (std::f64::consts::PI * FRACTIONS).round() as u64;
    Work::apart(identical(jobs, &steps), u64::from(jobs) * (area + 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::tests::answer_in_quanta;

    #[test]
    fn a_few_rectangles_give_what_can_be_reckoned_by_hand() {
        // 4 / (1 + 1/4) and the mean of 4 / (1 + 1/16) and 4 / (1 + 9/16).
        assert_eq!(answer_in_quanta(Compute::Integral { slices: 1 }, 1), 320_000_000);
        assert_eq!(answer_in_quanta(Compute::Integral { slices: 2 }, 1), 316_235_294);
    }

    proptest! {
        #[test]
        fn the_quantum_changes_nothing(slices in FEWEST..100_000, quantum in 1u64..2_000) {
            prop_assert_eq!(answer_in_quanta(Compute::Integral { slices }, quantum), 314_159_265);
        }
    }
}
