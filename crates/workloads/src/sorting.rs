//! Bringing random numbers into order by merging.

use crate::kernel::{Advance, Resumable, within};
use crate::random::{Numbers, numbers};
use crate::{Compute, Known, Step, Work, one_each};

/// How many numbers a unit draws, moves or reads.
const UNIT: u32 = 64;

fn draw(numbers: &mut Numbers) -> u32 {
    (numbers.next() >> 32) as u32
}

/// A sum in which the order counts.
fn checksum(sum: u32, number: u32) -> u32 {
    sum.wrapping_mul(31).wrapping_add(number)
}

/// Which part of the sorting comes next.
enum Next {
    /// More numbers are drawn.
    Draw(Numbers),
    /// Two neighbouring runs are merged.
    Merge(Merge),
    /// The sorted numbers are added up, from a place on.
    Read(usize),
}

/// Two neighbouring runs; the second may be shorter, or empty.
struct Merge {
    /// How long the first is, unless the numbers end before.
    run: usize,
    /// The place of the next number of the first run.
    first: usize,
    /// The place after the first run.
    first_end: usize,
    /// The place of the next number of the second run.
    second: usize,
    /// The place after the second run.
    second_end: usize,
    /// The place to which the next number goes.
    place: usize,
}

impl Merge {
    fn new(run: usize, from: usize, count: usize) -> Merge {
        let (first_end, second_end) = ((from + run).min(count), (from + 2 * run).min(count));
        Merge { run, first: from, first_end, second: first_end, second_end, place: from }
    }

    /// Moves at most `most` numbers and says how many it moved.
    fn advance(&mut self, from: &[u32], to: &mut [u32], most: usize) -> usize {
        let (left, right) = (&from[self.first..self.first_end], &from[self.second..self.second_end]);
        let end = self.second_end.min(self.place.saturating_add(most));
        let to = &mut to[self.place..end];
        let (mut from_left, mut from_right) = (0, 0);
        for place in &mut *to {
            if from_left == left.len() || from_right == right.len() {
                break;
            }
            // Without a branch: from which run the next number comes is as good as random.
            let (one, other) = (left[from_left], right[from_right]);
            let is_left = one <= other;
            *place = if is_left { one } else { other };
            from_left += usize::from(is_left);
            from_right += usize::from(!is_left);
        }
        // Now one of the runs is used up, or the numbers that may be moved are.
        let rest = &mut to[from_left + from_right..];
        if from_left < left.len() {
            rest.copy_from_slice(&left[from_left..][..rest.len()]);
            from_left += rest.len();
        } else {
            rest.copy_from_slice(&right[from_right..][..rest.len()]);
            from_right += rest.len();
        }
        self.first += from_left;
        self.second += from_right;
        self.place = end;
        to.len()
    }
}

/// Merges runs of one number into runs of two, those into runs of four, and so on.
pub(crate) struct MergeSort {
    count: usize,
    from: Vec<u32>,
    to: Vec<u32>,
    next: Next,
    sum: u32,
}

impl MergeSort {
    pub(crate) fn new(count: u32, seed: u64, job: u32) -> MergeSort {
        let next = Next::Draw(numbers(seed, job));
        let count = count as usize;
        MergeSort { count, from: Vec::with_capacity(count), to: vec![0; count], next, sum: 0 }
    }

    /// The runs of a length, or the end of sorting if one of them holds all numbers.
    fn runs_of(&self, run: usize) -> Next {
        if run < self.count { Next::Merge(Merge::new(run, 0, self.count)) } else { Next::Read(0) }
    }

    /// Does a part and says how many numbers it drew, moved or read.
    fn advance_part(&mut self, most: usize) -> usize {
        match &mut self.next {
            Next::Draw(numbers) => {
                let now = most.min(self.count - self.from.len());
                self.from.extend((0..now).map(|_| draw(numbers)));
                if self.from.len() == self.count {
                    self.next = self.runs_of(1);
                }
                now
            }
            Next::Merge(merge) => {
                let moved = merge.advance(&self.from, &mut self.to, most);
                let run = merge.run;
                if merge.place == self.count {
                    std::mem::swap(&mut self.from, &mut self.to);
                    self.next = self.runs_of(2 * run);
                } else if merge.place == merge.second_end {
                    *merge = Merge::new(run, merge.place, self.count);
                }
                moved
            }
            Next::Read(place) => {
                let now = most.min(self.count - *place);
                self.sum = self.from[*place..*place + now].iter().fold(self.sum, |sum, &number| checksum(sum, number));
                *place += now;
                now
            }
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.next, Next::Read(place) if place == self.count)
    }
}

impl Resumable for MergeSort {
    fn advance(&mut self, units: u64) -> Advance {
        let whole = within(u32::MAX, units, UNIT) as usize;
        let mut left = whole;
        while left > 0 && !self.is_done() {
            left -= self.advance_part(left);
        }
        Advance::of((whole - left) as u64, UNIT, self.is_done())
    }

    fn answer(&self) -> u64 {
        u64::from(self.sum)
    }

    fn unit_nanos(&self) -> u64 {
        250
    }
}

fn by_std(count: u32, seed: u64, job: u32) -> u64 {
    let mut series = numbers(seed, job);
    let mut sorted: Vec<u32> = (0..count).map(|_| draw(&mut series)).collect();
    sorted.sort_unstable();
    u64::from(sorted.into_iter().fold(0, checksum))
}

/// Every job sorts numbers of its own. Its answer is a sum over them in which the order counts.
pub fn sorting(jobs: u32, numbers: u32, seed: u64) -> Work {
    let expected = Known::in_parts((0..jobs).map(move |job| by_std(numbers, seed, job)));
    Work::apart(one_each(jobs, |job| vec![Step::Compute(Compute::Sorting { numbers, seed, job })]), expected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::tests::answer_in_quanta;

    #[test]
    fn the_order_counts() {
        let sum = |numbers: [u32; 3]| numbers.into_iter().fold(0, checksum);
        assert_ne!(sum([1, 2, 3]), sum([1, 3, 2]));
    }

    proptest! {
        #[test]
        fn the_quantum_changes_nothing(numbers in 0u32..5_000, seed: u64, job in 0u32..9, quantum in 1u64..50) {
            let merged = answer_in_quanta(Compute::Sorting { numbers, seed, job }, quantum);
            prop_assert_eq!(merged, by_std(numbers, seed, job));
        }
    }
}
