//! What a computing step computes, and how it is driven.

use crate::arithmetic::ArithmeticLoop;
use crate::integral::Midpoints;
use crate::mandelbrot::{Band, EscapeTimes};
use crate::matrix::Product;
use crate::monte_carlo::Darts;
use crate::primes::TrialDivision;
use crate::queens::Backtracking;
use crate::sha256::HashChain;
use crate::sorting::MergeSort;

/// What a computing step computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compute {
    /// The number of primes below a number.
    Primes {
        /// The first number that is not looked at.
        below: u32,
    },
    /// The tutorials' sum.
    ArithmeticLoop {
        /// How many numbers are put into it.
        rounds: u32,
    },
    /// Some rows of a picture of the Mandelbrot set.
    Mandelbrot(Band),
    /// The product of two matrices.
    Matrix {
        /// How many rows and columns each has.
        side: u32,
        /// What the matrices are drawn from.
        seed: u64,
        /// Whose matrices they are.
        job: u32,
    },
    /// The ways to place queens of which none attacks another.
    Queens {
        /// How many queens, on a board of as many rows and columns.
        queens: u32,
        /// The columns, as bits, in which the first row's queen is tried.
        first_columns: u32,
    },
    /// A hash of a hash, again and again.
    Sha256 {
        /// How many hashes.
        hashes: u32,
        /// What the first one is of.
        seed: u64,
    },
    /// Random numbers, brought into order.
    Sorting {
        /// How many.
        numbers: u32,
        /// What they are drawn from.
        seed: u64,
        /// Whose numbers they are.
        job: u32,
    },
    /// Random points, of which those within the quarter of a circle are counted.
    MonteCarloPi {
        /// How many.
        points: u32,
        /// What they are drawn from.
        seed: u64,
        /// Whose points they are.
        job: u32,
    },
    /// The area under a curve, by rectangles.
    Integral {
        /// How many rectangles.
        slices: u32,
    },
}

impl Compute {
    /// The computation, not begun.
    pub fn kernel(self) -> Kernel {
        Kernel(match self {
            Compute::Primes { below } => Box::new(TrialDivision::new(below)),
            Compute::ArithmeticLoop { rounds } => Box::new(ArithmeticLoop::new(rounds)),
            Compute::Mandelbrot(band) => Box::new(EscapeTimes::new(band)),
            Compute::Matrix { side, seed, job } => Box::new(Product::new(side, seed, job)),
            Compute::Queens { queens, first_columns } => Box::new(Backtracking::new(queens, first_columns)),
            Compute::Sha256 { hashes, seed } => Box::new(HashChain::new(hashes, seed)),
            Compute::Sorting { numbers, seed, job } => Box::new(MergeSort::new(numbers, seed, job)),
            Compute::MonteCarloPi { points, seed, job } => Box::new(Darts::new(points, seed, job)),
            Compute::Integral { slices } => Box::new(Midpoints::new(slices)),
        })
    }
}

/// How far a computation has come in one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advance {
    /// How many units it has done. A part that cannot be divided may make it a few more than were asked for.
    pub units: u64,
    /// Whether nothing is left to do.
    pub is_done: bool,
}

impl Advance {
    /// So many smaller parts have been done, of which a unit has so many.
    pub(crate) fn of(parts: u64, parts_of_a_unit: u32, is_done: bool) -> Advance {
        Advance { units: parts.div_ceil(u64::from(parts_of_a_unit)), is_done }
    }
}

/// A computation that can be left and taken up again.
pub struct Kernel(Box<dyn Resumable + Send>);

impl Kernel {
    pub(crate) fn new(computation: impl Resumable + Send + 'static) -> Kernel {
        Kernel(Box::new(computation))
    }

    /// Does about `units` more, fewer where nothing is left to do. A unit takes well under ten microseconds.
    pub fn advance(&mut self, units: u64) -> Advance {
        self.0.advance(units)
    }

    /// The answer, once [`Kernel::advance`] has said that it is done.
    pub fn answer(&self) -> u64 {
        self.0.answer()
    }

    /// What a unit costs by statement: the price in virtual time, and the first guess in real time.
    pub fn unit_nanos(&self) -> u64 {
        self.0.unit_nanos()
    }

    /// The picture that the computation draws, if it draws one: a byte per pixel, row by row.
    pub fn picture(&self) -> Option<&[u8]> {
        self.0.picture()
    }
}

/// What each computation does in its own way.
pub(crate) trait Resumable {
    /// See [`Kernel::advance`].
    fn advance(&mut self, units: u64) -> Advance;

    /// See [`Kernel::answer`].
    fn answer(&self) -> u64;

    /// See [`Kernel::unit_nanos`].
    fn unit_nanos(&self) -> u64;

    /// See [`Kernel::picture`].
    fn picture(&self) -> Option<&[u8]> {
        None
    }
}

/// How many of `left` smaller parts a quantum of `units` covers, when a unit is `parts` of them.
pub(crate) fn within(left: u32, units: u64, parts: u32) -> u32 {
    units.saturating_mul(u64::from(parts)).min(u64::from(left)) as u32
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The answer, found in quanta of so many units.
    pub(crate) fn answer_in_quanta(compute: Compute, units: u64) -> u64 {
        let mut kernel = compute.kernel();
        while !kernel.advance(units).is_done {}
        assert_eq!(
            kernel.advance(units),
            Advance { units: 0, is_done: true },
            "{compute:?} begins again after its end"
        );
        kernel.answer()
    }

    #[test]
    fn a_quantum_of_any_size_is_accepted() {
        for compute in [
            Compute::Primes { below: 100 },
            Compute::ArithmeticLoop { rounds: 100 },
            Compute::Mandelbrot(Band { side: 8, first_row: 0, end_row: 8, iterations: 50 }),
            Compute::Matrix { side: 8, seed: 1, job: 0 },
            Compute::Queens { queens: 6, first_columns: 0b11_1111 },
            Compute::Sha256 { hashes: 10, seed: 1 },
            Compute::Sorting { numbers: 100, seed: 1, job: 0 },
            Compute::MonteCarloPi { points: 100, seed: 1, job: 0 },
            Compute::Integral { slices: 100 },
        ] {
            assert_eq!(answer_in_quanta(compute, u64::MAX), answer_in_quanta(compute, 1), "{compute:?}");
        }
    }

    #[test]
    fn units_are_what_was_done_and_not_what_was_asked_for() {
        let units = |compute: Compute, quantum| {
            let (mut kernel, mut units) = (compute.kernel(), 0);
            loop {
                let advance = kernel.advance(quantum);
                units += advance.units;
                if advance.is_done {
                    return units;
                }
            }
        };
        for (compute, expected) in [
            (Compute::Primes { below: 1_002 }, 1_000),
            (Compute::ArithmeticLoop { rounds: 6_400 }, 100),
            (Compute::Sha256 { hashes: 10, seed: 1 }, 10),
            (Compute::MonteCarloPi { points: 6_400, seed: 1, job: 0 }, 100),
            (Compute::Integral { slices: 6_400 }, 100),
        ] {
            for quantum in [1, 7, 1_000_000] {
                assert_eq!(units(compute, quantum), expected, "{compute:?} in quanta of {quantum}");
            }
        }
        // Where a piece ends within a unit, each piece counts one more.
        let compute = Compute::Queens { queens: 8, first_columns: 0xff };
        assert!((units(compute, 1_000_000)..=units(compute, 1_000_000) + 1).contains(&units(compute, 7)));
    }
}
