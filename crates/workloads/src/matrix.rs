//! The product of two matrices, tile by tile.
//!
//! ```text
//!                      panel: 4 columns of the right matrix
//!                        ┌────┐
//!                        │    │
//!                        │    │
//!                        └────┘
//!  strip: 4 rows       ┌────────────┐
//!  of the left matrix  │   product  │
//!      ┌────────┐      │ ┌────┐     │
//!      │        │      │ │tile│     │
//!      └────────┘      │ └────┘     │
//! ```

use crate::kernel::{Advance, Resumable, within};
use crate::random::{Numbers, numbers};
use crate::{Compute, Known, Step, Work, one_each};

/// How many rows and columns a tile has.
const TILE: usize = 4;

/// How many steps along the strip and the panel a unit has.
const UNIT: u32 = 128;

type Tile = [f64; TILE * TILE];

/// Small whole numbers: every sum of products of them is exact, in whatever order it is added up.
fn element(numbers: &mut Numbers) -> f64 {
    f64::from((numbers.next() >> 61) as u32 + 1)
}

/// What a row or a column counts for in the answer, so that a value in the wrong place is noticed.
fn weight(place: usize, period: usize) -> f64 {
    (place % period + 1) as f64
}

fn weight_of_row(row: usize) -> f64 {
    weight(row, 7)
}

fn weight_of_column(column: usize) -> f64 {
    weight(column, 5)
}

/// Which part of the product comes next.
enum Next {
    /// One more row of the right matrix is drawn.
    RowOfRight(usize),
    /// Four more rows of the left matrix are drawn.
    Strip,
    /// The strip is multiplied by a panel, from some step on.
    Tile {
        /// The panel.
        panel: usize,
        /// The step.
        step: usize,
    },
    /// Nothing.
    Nothing,
}

/// Keeps the right matrix whole and four rows of the left one.
pub(crate) struct Product {
    side: usize,
    numbers: Numbers,
    next: Next,
    /// The row of the product with which the strip begins.
    row: usize,
    /// For each step the four elements of the strip.
    strip: Vec<f64>,
    /// For each panel, for each step the four elements of the panel.
    panels: Vec<f64>,
    tile: Tile,
    weighted_sum: f64,
}

impl Product {
    pub(crate) fn new(side: u32, seed: u64, job: u32) -> Product {
        let side = side as usize;
        Product {
            side,
            numbers: numbers(seed, job),
            next: if side == 0 { Next::Nothing } else { Next::RowOfRight(0) },
            row: 0,
            strip: vec![0.0; side * TILE],
            panels: vec![0.0; side * side.next_multiple_of(TILE)],
            tile: [0.0; TILE * TILE],
            weighted_sum: 0.0,
        }
    }

    fn draw_row_of_right(&mut self, row: usize) {
        for column in 0..self.side {
            let place = (column / TILE * self.side + row) * TILE + column % TILE;
            self.panels[place] = element(&mut self.numbers);
        }
        self.next = if row + 1 < self.side { Next::RowOfRight(row + 1) } else { Next::Strip };
    }

    fn draw_strip(&mut self) {
        // Beyond the last row there are zeros, which add nothing.
        self.strip.fill(0.0);
        for row in 0..TILE.min(self.side - self.row) {
            self.strip.iter_mut().skip(row).step_by(TILE).for_each(|place| *place = element(&mut self.numbers));
        }
        self.next = Next::Tile { panel: 0, step: 0 };
    }

    /// Goes on with a tile, as far as `units` allow, and returns how many it took.
    fn multiply(&mut self, panel: usize, step: usize, units: u64) -> u64 {
        let steps = within((self.side - step) as u32, units, UNIT) as usize;
        let strip = &self.strip[step * TILE..][..steps * TILE];
        let columns = &self.panels[(panel * self.side + step) * TILE..][..steps * TILE];
        add_products(&mut self.tile, strip, columns);
        self.next =
            if step + steps < self.side { Next::Tile { panel, step: step + steps } } else { self.end_tile(panel) };
        (steps as u64).div_ceil(u64::from(UNIT))
    }

    fn end_tile(&mut self, panel: usize) -> Next {
        for (place, element) in self.tile.iter().enumerate() {
            let (row, column) = (self.row + place / TILE, panel * TILE + place % TILE);
            self.weighted_sum += weight_of_row(row) * weight_of_column(column) * element;
        }
        self.tile = [0.0; TILE * TILE];
        if (panel + 1) * TILE < self.side {
            return Next::Tile { panel: panel + 1, step: 0 };
        }
        self.row += TILE;
        if self.row < self.side { Next::Strip } else { Next::Nothing }
    }
}

impl Resumable for Product {
    fn advance(&mut self, units: u64) -> Advance {
        let mut done = 0;
        while done < units {
            done += match self.next {
                Next::RowOfRight(row) => {
                    self.draw_row_of_right(row);
                    // Drawing a number takes as long as a step.
                    (self.side as u64).div_ceil(u64::from(UNIT))
                }
                Next::Strip => {
                    self.draw_strip();
                    ((TILE * self.side) as u64).div_ceil(u64::from(UNIT))
                }
                Next::Tile { panel, step } => self.multiply(panel, step, units - done),
                Next::Nothing => break,
            };
        }
        Advance { units: done, is_done: matches!(self.next, Next::Nothing) }
    }

    fn answer(&self) -> u64 {
        self.weighted_sum as u64
    }

    fn unit_nanos(&self) -> u64 {
        300
    }
}

/// Written out for wasm, where the compiler finds only part of the way by itself. Every browser that the page supports
/// has SIMD; one that has not refuses the whole module. The feature is turned on for this function alone, because all over
/// a program it makes interpreter-like code slower.
#[cfg(target_arch = "wasm32")]
#[target_feature(enable = "simd128")]
fn add_products(tile: &mut Tile, strip: &[f64], panel: &[f64]) {
    use core::arch::wasm32::{f64x2, f64x2_add, f64x2_extract_lane, f64x2_mul, f64x2_splat};

    let mut sums = [[f64x2_splat(0.0); 2]; TILE];
    for (rows, columns) in strip.chunks_exact(TILE).zip(panel.chunks_exact(TILE)) {
        let (left, right) = (f64x2(columns[0], columns[1]), f64x2(columns[2], columns[3]));
        for (sums, &row) in sums.iter_mut().zip(rows) {
            let row = f64x2_splat(row);
            sums[0] = f64x2_add(sums[0], f64x2_mul(row, left));
            sums[1] = f64x2_add(sums[1], f64x2_mul(row, right));
        }
    }
    for (places, sum) in tile.chunks_exact_mut(2).zip(sums.as_flattened()) {
        places[0] += f64x2_extract_lane::<0>(*sum);
        places[1] += f64x2_extract_lane::<1>(*sum);
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn add_products(tile: &mut Tile, strip: &[f64], panel: &[f64]) {
    let mut sums = [0.0; TILE * TILE];
    for (rows, columns) in strip.chunks_exact(TILE).zip(panel.chunks_exact(TILE)) {
        for row in 0..TILE {
            for column in 0..TILE {
                sums[row * TILE + column] += rows[row] * columns[column];
            }
        }
    }
    tile.iter_mut().zip(sums).for_each(|(place, sum)| *place += sum);
}

/// The weighted sum of a product without the product: the columns of the left matrix and the rows of the right one are
/// added up first.
fn by_sums(side: u32, seed: u64, job: u32) -> u64 {
    let side = side as usize;
    let mut numbers = numbers(seed, job);
    let mut right = Vec::with_capacity(side);
    for _ in 0..side {
        right.push((0..side).map(|column| weight_of_column(column) * element(&mut numbers)).sum::<f64>());
    }
    let mut sum = 0.0;
    for row in 0..side {
        let in_row: f64 = right.iter().map(|right| right * element(&mut numbers)).sum();
        sum += weight_of_row(row) * in_row;
    }
    sum as u64
}

/// Every job multiplies two matrices of its own. Its answer is the sum of the product's elements, each times a weight of
/// its place.
pub fn matrix(jobs: u32, side: u32, seed: u64) -> Work {
    let expected = Known::in_parts((0..jobs).map(move |job| by_sums(side, seed, job)));
    Work::apart(one_each(jobs, |job| vec![Step::Compute(Compute::Matrix { side, seed, job })]), expected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::tests::answer_in_quanta;

    /// The product as the textbook has it.
    fn by_textbook(side: u32, seed: u64, job: u32) -> u64 {
        let side = side as usize;
        let mut numbers = numbers(seed, job);
        let mut matrix = || -> Vec<f64> { (0..side * side).map(|_| element(&mut numbers)).collect() };
        let (right, left) = (matrix(), matrix());
        let mut sum = 0.0;
        for row in 0..side {
            for column in 0..side {
                let element: f64 = (0..side).map(|step| left[row * side + step] * right[step * side + column]).sum();
                sum += weight_of_row(row) * weight_of_column(column) * element;
            }
        }
        sum as u64
    }

    proptest! {
        #[test]
        fn the_quantum_changes_nothing(side in 0u32..150, seed: u64, job in 0u32..9, quantum in 1u64..50) {
            let tiled = answer_in_quanta(Compute::Matrix { side, seed, job }, quantum);
            prop_assert_eq!(tiled, by_sums(side, seed, job));
            prop_assert_eq!(tiled, by_textbook(side, seed, job));
        }
    }
}
