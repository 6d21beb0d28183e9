//! Placing queens on a chessboard by backtracking.

use crate::kernel::{Advance, Resumable, within};
use crate::{Compute, Step, Work, one_each};

/// How many placings and takings-back a unit has.
const UNIT: u32 = 64;

/// The largest board.
const MOST: usize = 17;

/// In how many ways as many queens as the index says can stand on a board of that size (OEIS A000170).
const SOLUTIONS: [u64; MOST + 1] =
    [1, 1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2_680, 14_200, 73_712, 365_596, 2_279_184, 14_772_512, 95_815_104];

/// The squares of one row, as bits.
#[derive(Clone, Copy, Default)]
struct Row {
    /// Squares on which no queen has been tried yet and none is attacked.
    open: u32,
    /// Columns with a queen above.
    columns: u32,
    /// Squares that queens above attack down to the left.
    leftward: u32,
    /// Squares that queens above attack down to the right.
    rightward: u32,
}

/// A search with a stack of its own, so that it can stop anywhere.
pub(crate) struct Backtracking {
    /// The row in which queens are being tried.
    row: Row,
    /// The rows above it, with a queen each.
    above: [Row; MOST],
    depth: usize,
    last: usize,
    board: u32,
    found: u64,
}

impl Backtracking {
    pub(crate) fn new(queens: u32, first_columns: u32) -> Backtracking {
        let last = (queens as usize).clamp(1, MOST) - 1;
        let board = (2 << last) - 1;
        let row = Row { open: first_columns & board, ..Row::default() };
        Backtracking { row, above: [Row::default(); MOST], depth: 0, last, board, found: 0 }
    }
}

impl Resumable for Backtracking {
    fn advance(&mut self, units: u64) -> Advance {
        let Backtracking { mut row, mut depth, last, board, mut found, .. } = *self;
        let (whole, mut done) = (within(u32::MAX, units, UNIT), 0);
        while done < whole {
            if row.open == 0 {
                if depth == 0 {
                    break;
                }
                done += 1;
                depth -= 1;
                row = self.above[depth];
                continue;
            }
            done += 1;
            let queen = row.open & row.open.wrapping_neg();
            row.open ^= queen;
            if depth == last {
                found += 1;
                continue;
            }
            self.above[depth] = row;
            depth += 1;
            let columns = row.columns | queen;
            let leftward = (row.leftward | queen) << 1;
            let rightward = (row.rightward | queen) >> 1;
            row = Row { open: board & !(columns | leftward | rightward), columns, leftward, rightward };
        }
        (self.row, self.depth, self.found) = (row, depth, found);
        Advance::of(done.into(), UNIT, depth == 0 && row.open == 0)
    }

    fn answer(&self) -> u64 {
        self.found
    }

    fn unit_nanos(&self) -> u64 {
        300
    }
}

/// All the ways to place `queens`, found by jobs that share the columns of the first row's queen.
pub fn queens(jobs: u32, queens: u32) -> Work {
    let first_columns =
        |job: u32| (job..queens).step_by(jobs as usize).fold(0, |columns, column| columns | 1 << column);
    let search = |job| vec![Step::Compute(Compute::Queens { queens, first_columns: first_columns(job) })];
    Work::apart(one_each(jobs, search), SOLUTIONS[queens as usize])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::tests::answer_in_quanta;

    #[test]
    fn the_table_is_right() {
        for queens in 1..=12 {
            let compute = Compute::Queens { queens, first_columns: (1 << queens) - 1 };
            assert_eq!(answer_in_quanta(compute, 1_000), SOLUTIONS[queens as usize], "{queens} queens");
        }
    }

    proptest! {
        #[test]
        fn neither_quantum_nor_split_change_anything(size in 1u32..9, jobs in 1u32..12, quantum in 1u64..50) {
            let work = queens(jobs, size);
            let found = work.jobs.iter().map(|job| match job.steps[..] {
                [Step::Compute(compute)] => answer_in_quanta(compute, quantum),
                ref steps => panic!("{steps:?}"),
            });
            prop_assert_eq!(found.sum::<u64>(), work.expected.answer());
        }
    }
}
