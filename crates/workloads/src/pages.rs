//! Pages that jobs fetch: what stands on them, and reading it.
//!
//! A page is a list of things and what each costs. Its number says what stands on it, so that whoever answers, a service
//! worker or a timer, needs nothing else; the service worker (`www/service-worker.js`) writes the same text.
//!
//! ```text
//! page 7
//! item 1 costs 8
//! item 2 costs 18
//! …
//! ```

use std::fmt::Write as _;
use std::sync::Arc;

use crate::kernel::{Advance, Resumable, within};
use crate::{Kernel, Step, Work, one_each};

/// How many items a page has.
const ITEMS: u64 = 250;

/// How many items a unit has.
const UNIT: u32 = 4;

/// What item `item` of a page costs.
fn price(page: u32, item: u64) -> u64 {
    item * (u64::from(page) + item)
}

/// What all items of a page cost, by the formulas for sums and for sums of squares.
pub(crate) fn by_formula(page: u32) -> u64 {
    u64::from(page) * ITEMS * (ITEMS + 1) / 2 + ITEMS * (ITEMS + 1) * (2 * ITEMS + 1) / 6
}

/// The text of a page, as it arrives.
pub fn page_text(page: u32) -> Vec<u8> {
    let mut text = format!("page {page}\n");
    for item in 1..=ITEMS {
        writeln!(text, "item {item} costs {}", price(page, item)).expect("a string grows");
    }
    text.into_bytes()
}

/// A page that has arrived whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What stands below its heading.
    items: Arc<[u8]>,
    /// What everything on it costs.
    sum: u64,
}

impl Page {
    /// Reads what has come from elsewhere. Nothing if that is not this page, or not all of it.
    pub fn read(page: u32, text: &[u8]) -> Option<Page> {
        let items = text.strip_prefix(format!("page {page}\n").as_bytes())?;
        let (mut at, mut sum) = (0, 0u64);
        for item in 1..=ITEMS {
            let heading = format!("item {item} costs ");
            let (price, end) = read_item(items, at).filter(|_| items[at..].starts_with(heading.as_bytes()))?;
            sum = sum.checked_add(price)?;
            at = end;
        }
        (at == items.len()).then(|| Page { items: items.into(), sum })
    }

    /// A page as it should arrive.
    pub fn written(page: u32) -> Page {
        Page::read(page, &page_text(page)).expect("what is written here can be read here")
    }

    /// What everything on it costs.
    pub fn sum(&self) -> u64 {
        self.sum
    }

    /// Reading the page so many times.
    pub fn reading(&self, times: u32) -> Kernel {
        Kernel::new(Reading { items: self.items.clone(), at: 0, left: times, sum: 0 })
    }
}

/// The number at the end of the line that begins at `from`, and where the next line begins.
fn read_item(items: &[u8], from: usize) -> Option<(u64, usize)> {
    let line = items.get(from..)?;
    let length = line.iter().position(|&byte| byte == b'\n')?;
    let digits = line[..length].rsplit(|&byte| byte == b' ').next()?;
    let add = |number: u64, &digit: &u8| match digit {
        b'0'..=b'9' => number.checked_mul(10)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    };
    let number = digits.iter().try_fold(0, add).filter(|_| !digits.is_empty())?;
    Some((number, from + length + 1))
}

/// Goes through a page again and again, as a program does that looks for something different each time.
struct Reading {
    items: Arc<[u8]>,
    at: usize,
    left: u32,
    sum: u64,
}

impl Resumable for Reading {
    fn advance(&mut self, units: u64) -> Advance {
        let whole = within(u32::MAX, units, UNIT);
        let mut done = 0;
        while done < whole && self.left > 0 {
            match read_item(&self.items, self.at) {
                Some((price, end)) => {
                    self.sum = self.sum.wrapping_add(price);
                    self.at = end;
                    done += 1;
                }
                None => {
                    self.at = 0;
                    self.left -= 1;
                }
            }
        }
        Advance::of(done.into(), UNIT, self.left == 0)
    }

    fn answer(&self) -> u64 {
        self.sum
    }

    fn unit_nanos(&self) -> u64 {
        100
    }
}

/// Every job fetches `pages` pages of its own, one after another, each of which is answered after `nanos`.
pub fn fetching(jobs: u32, pages: u32, nanos: u64) -> Work {
    let steps = |job: u32| (job * pages..(job + 1) * pages).map(|page| Step::Fetch { page, nanos }).collect();
    let expected = (0..jobs * pages).map(by_formula).sum::<u64>();
    Work::apart(one_each(jobs, steps), expected)
}

/// Every job fetches a page and then reads it `times` times.
pub fn fetching_and_reading(jobs: u32, nanos: u64, times: u32) -> Work {
    let steps = |job| vec![Step::Fetch { page: job, nanos }, Step::Read { times }];
    let expected = (0..jobs).map(|page| by_formula(page) * (u64::from(times) + 1)).sum::<u64>();
    Work::apart(one_each(jobs, steps), expected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_begins_as_the_service_worker_writes_it() {
        let text = String::from_utf8(page_text(7)).expect("a page is text");
        assert!(text.starts_with("page 7\nitem 1 costs 8\nitem 2 costs 18\nitem 3 costs 30\n"), "{text}");
        assert!(text.ends_with("item 250 costs 64250\n"), "{text}");
    }

    #[test]
    fn what_is_not_the_page_is_refused() {
        let text = page_text(7);
        assert!(Page::read(7, &text).is_some());
        assert_eq!(Page::read(8, &text), None);
        assert_eq!(Page::read(7, &text[..text.len() - 1]), None);
        assert_eq!(Page::read(7, &[text.as_slice(), b"item 251 costs 1\n"].concat()), None);
        assert_eq!(Page::read(7, b""), None);
        let huge =
            String::from_utf8(text).expect("a page is text").replace("costs 8\n", "costs 99999999999999999999\n");
        assert_eq!(Page::read(7, huge.as_bytes()), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_page_or_refused(page: u32, text: Vec<u8>) {
            prop_assert_eq!(Page::read(page, &text), None);
        }

        #[test]
        fn a_spoilt_page_gives_another_sum_or_none(page in 0u32..1_000, at: prop::sample::Index, byte: u8) {
            let mut text = page_text(page);
            let at = at.index(text.len());
            text[at] = byte;
            let _ = Page::read(page, &text);
        }

        #[test]
        fn the_formula_is_the_sum_and_the_quantum_changes_nothing(page: u32, times in 0u32..20, quantum in 1u64..200) {
            let read = Page::read(page, &page_text(page)).expect("the page is whole");
            prop_assert_eq!(read.sum(), by_formula(page));
            let mut kernel = read.reading(times);
            while !kernel.advance(quantum).is_done {}
            prop_assert_eq!(kernel.answer(), by_formula(page) * u64::from(times));
        }
    }
}
