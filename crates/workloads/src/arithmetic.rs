//! The loop of the tutorials: `sum += i * i + i % 7 - (i // 9) ** 3`.

use crate::kernel::{Advance, Resumable, within};
use crate::{Compute, Known, Step, Work, identical};

/// How many rounds a unit has.
const UNIT: u32 = 64;

/// Adds up, in the sum's last 32 bits: of those, overflow takes nothing away.
pub(crate) struct ArithmeticLoop {
    next: u32,
    rounds: u32,
    sum: u32,
}

impl ArithmeticLoop {
    pub(crate) fn new(rounds: u32) -> ArithmeticLoop {
        ArithmeticLoop { next: 0, rounds, sum: 0 }
    }
}

impl Resumable for ArithmeticLoop {
    fn advance(&mut self, units: u64) -> Advance {
        let now = within(self.rounds - self.next, units, UNIT);
        let end = self.next + now;
        self.sum = self.sum.wrapping_add(sum_over(self.next, end));
        self.next = end;
        Advance::of(now.into(), UNIT, end == self.rounds)
    }

    fn answer(&self) -> u64 {
        u64::from(self.sum)
    }

    fn unit_nanos(&self) -> u64 {
        100
    }
}

/// With SIMD, as native code has it by itself; every browser that the page supports has it.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn sum_over(first: u32, end: u32) -> u32 {
    let mut sum = 0u32;
    for i in first..end {
        let ninth = i / 9;
        let cube = ninth.wrapping_mul(ninth).wrapping_mul(ninth);
        sum = sum.wrapping_add(i.wrapping_mul(i)).wrapping_add(i % 7).wrapping_sub(cube);
    }
    sum
}

/// The same sum without a loop: squares and cubes by their formulas, remainders by their period.
fn by_formula(rounds: u32) -> u64 {
    let n = i128::from(rounds);
    let below = |n: i128| n * (n - 1) / 2;
    let squares = if n == 0 { 0 } else { (n - 1) * n * (2 * n - 1) / 6 };
    let remainders = n / 7 * 21 + below(n % 7);
    let (ninths, rest) = (n / 9, n % 9);
    let cubes = 9 * below(ninths).pow(2) + rest * ninths.pow(3);
    (squares + remainders - cubes).rem_euclid(1 << 32) as u64
}

/// Every job goes through the tutorials' loop `rounds` times. The answer of each is the sum's last 32 bits.
pub fn arithmetic_loop(jobs: u32, rounds: u32) -> Work {
    let expected = Known::later(move || u64::from(jobs) * by_formula(rounds));
    Work::apart(identical(jobs, &[Step::Compute(Compute::ArithmeticLoop { rounds })]), expected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::tests::answer_in_quanta;

    #[test]
    fn the_formula_is_the_loop() {
        // What CPython says, modulo 2 ** 32.
        for (rounds, sum) in [(0, 0), (1, 0), (10, 308), (1_000, 4_290_996_937), (1_000_000, 3_893_851_717)] {
            assert_eq!(by_formula(rounds), sum, "{rounds} rounds");
        }
    }

    proptest! {
        #[test]
        fn the_quantum_changes_nothing(rounds in 0u32..200_000, quantum in 1u64..500) {
            prop_assert_eq!(answer_in_quanta(Compute::ArithmeticLoop { rounds }, quantum), by_formula(rounds));
        }
    }
}
