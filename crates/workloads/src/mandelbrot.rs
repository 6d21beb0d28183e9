//! A picture of the Mandelbrot set by escape times.

use crate::kernel::{Advance, Resumable, within};
use crate::{Compute, Known, Step, Work, one_each};

/// How many iterations a unit has.
const UNIT: u32 = 64;

/// Some rows of a square picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// How many pixels the whole picture is wide and high.
    pub side: u32,
    /// The first of the rows.
    pub first_row: u32,
    /// The first row after them.
    pub end_row: u32,
    /// How many iterations a point gets to leave.
    pub iterations: u32,
}

impl Band {
    fn pixels(&self) -> u32 {
        (self.end_row - self.first_row) * self.side
    }

    /// The point in a pixel's middle. Rows that lie opposite each other have exactly opposite imaginary parts.
    fn point(&self, pixel: u32) -> (f64, f64) {
        let (row, column) = (self.first_row + pixel / self.side, pixel % self.side);
        let from_middle = |place: u32| (f64::from(2 * place + 1) - f64::from(self.side)) / f64::from(self.side);
        (-0.75 + 1.5 * from_middle(column), 1.5 * from_middle(row))
    }
}

/// Follows one point after the other and can stop in the middle of one.
pub(crate) struct EscapeTimes {
    band: Band,
    pixel: u32,
    iteration: u32,
    z: (f64, f64),
    iterations_in_all: u64,
    picture: Vec<u8>,
}

impl EscapeTimes {
    pub(crate) fn new(band: Band) -> EscapeTimes {
        let picture = Vec::with_capacity(band.pixels() as usize);
        EscapeTimes { band, pixel: 0, iteration: 0, z: (0.0, 0.0), iterations_in_all: 0, picture }
    }

    fn end_pixel(&mut self, left: bool) {
        self.iterations_in_all += u64::from(self.iteration);
        // The last shade is for the points that stay.
        self.picture.push(if left { self.iteration.min(254) as u8 } else { 255 });
        self.pixel += 1;
        self.iteration = 0;
        self.z = (0.0, 0.0);
    }
}

impl Resumable for EscapeTimes {
    fn advance(&mut self, units: u64) -> Advance {
        let whole = within(u32::MAX, units, UNIT);
        let mut budget = whole;
        while budget > 0 && self.pixel < self.band.pixels() {
            let (re, im) = self.band.point(self.pixel);
            let end = self.band.iterations.min(self.iteration.saturating_add(budget));
            let begin = self.iteration;
            let (mut x, mut y) = self.z;
            let (mut xx, mut yy) = (x * x, y * y);
            let mut iteration = begin;
            while iteration < end && xx + yy <= 4.0 {
                y = 2.0 * x * y + im;
                x = xx - yy + re;
                (xx, yy) = (x * x, y * y);
                iteration += 1;
            }
            self.iteration = iteration;
            self.z = (x, y);
            let left = xx + yy > 4.0;
            if left || iteration == self.band.iterations {
                self.end_pixel(left);
            }
            // A pixel costs something even if its point leaves at once.
            budget = budget.saturating_sub((iteration - begin).max(1));
        }
        Advance::of((whole - budget).into(), UNIT, self.pixel == self.band.pixels())
    }

    fn answer(&self) -> u64 {
        self.iterations_in_all
    }

    fn unit_nanos(&self) -> u64 {
        200
    }

    fn picture(&self) -> Option<&[u8]> {
        Some(&self.picture)
    }
}

/// The iterations of a whole picture, row by row, with less work: the lower half is the mirror image of the upper half, and
/// a point that returns to exactly where it has been goes round for ever.
fn by_symmetry(side: u32, iterations: u32) -> impl Iterator<Item = u64> {
    let rows_above = side / 2;
    (0..side - rows_above).map(move |row| {
        let band = Band { side, first_row: row, end_row: row + 1, iterations };
        let in_row = (0..side).map(|pixel| u64::from(until_it_leaves(band.point(pixel), iterations))).sum::<u64>();
        if row < rows_above { 2 * in_row } else { in_row }
    })
}

// Kept a function of its own: a browser puts better code in its place between two calls, but never within one.
#[inline(never)]
fn until_it_leaves((re, im): (f64, f64), iterations: u32) -> u32 {
    let (mut x, mut y) = (0.0_f64, 0.0_f64);
    // Brent's way to find a cycle: remember a place, for twice as long each time.
    let (mut remembered, mut forget_at) = ((x, y), 8);
    for iteration in 0..iterations {
        if x * x + y * y > 4.0 {
            return iteration;
        }
        (x, y) = (x * x - y * y + re, 2.0 * x * y + im);
        if (x, y) == remembered {
            return iterations;
        }
        if iteration == forget_at {
            remembered = (x, y);
            forget_at *= 2;
        }
    }
    iterations
}

/// A picture of `side` × `side` pixels, cut into one band of rows for each job. The answers are the iterations that the
/// bands took.
pub fn mandelbrot(jobs: u32, side: u32, iterations: u32) -> Work {
    let row = |job: u32| (u64::from(job) * u64::from(side) / u64::from(jobs)) as u32;
    let jobs = one_each(jobs, |job| {
        let band = Band { side, first_row: row(job), end_row: row(job + 1), iterations };
        vec![Step::Compute(Compute::Mandelbrot(band))]
    });
    Work::apart(jobs, Known::in_parts(by_symmetry(side, iterations)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::tests::answer_in_quanta;

    fn whole(side: u32, iterations: u32) -> Compute {
        Compute::Mandelbrot(Band { side, first_row: 0, end_row: side, iterations })
    }

    #[test]
    fn the_picture_is_the_well_known_one() {
        let mut kernel = whole(16, 100).kernel();
        while !kernel.advance(3).is_done {}
        let picture = kernel.picture().expect("a picture is drawn");
        let shades = |&shade: &u8| match shade {
            255 => '#',
            0..3 => ' ',
            3..6 => '.',
            _ => '+',
        };
        let rows: Vec<String> = picture.chunks(16).map(|row| row.iter().map(shades).collect()).collect();
        assert_eq!(rows, PICTURE);
    }

    const PICTURE: [&str; 16] = [
        "                ",
        "      ......    ",
        "    .......+..  ",
        "   .......++....",
        "  ......+++#++..",
        "  .....++#####..",
        "  ...+++######+.",
        " ..++#########..",
        " ..++#########..",
        "  ...+++######+.",
        "  .....++#####..",
        "  ......+++#++..",
        "   .......++....",
        "    .......+..  ",
        "      ......    ",
        "                ",
    ];

    proptest! {
        #[test]
        fn neither_quantum_nor_bands_change_anything(
            side in 1u32..80, iterations in 1u32..400, jobs in 1u32..9, quantum in 1u64..50,
        ) {
            let work = mandelbrot(jobs, side, iterations);
            let in_bands = work.jobs.iter().map(|job| match job.steps[..] {
                [Step::Compute(compute)] => answer_in_quanta(compute, quantum),
                ref steps => panic!("{steps:?}"),
            });
            prop_assert_eq!(in_bands.sum::<u64>(), work.expected.answer());
        }
    }
}
