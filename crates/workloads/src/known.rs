//! Known answers.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the answers of a workload must come to. It is worked out when it is first asked for, because every process of a
/// run makes its own list of jobs; and in parts, because it can take as long as a run, and whoever works it out may have
/// something else to attend to.
#[derive(Clone)]
pub struct Known(Arc<Mutex<Search>>);

struct Search {
    /// What the parts that have been worked out come to.
    sum: u64,
    /// The others; absent once there is none.
    parts: Option<Parts>,
}

type Parts = Box<dyn Iterator<Item = u64> + Send>;

impl Known {
    /// An answer that is the sum of parts, which are found in another way than the jobs do it. Each takes some
    /// milliseconds, a few dozen at most.
    pub fn in_parts(parts: impl Iterator<Item = u64> + Send + 'static) -> Known {
        Known(Arc::new(Mutex::new(Search { sum: 0, parts: Some(Box::new(parts)) })))
    }

    /// An answer that does not take long to find.
    pub fn later(find: impl FnOnce() -> u64 + Send + 'static) -> Known {
        Known::in_parts(std::iter::once_with(find))
    }

    fn search(&self) -> MutexGuard<'_, Search> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works out one more part; returns the answer if that was the last one.
    pub fn pursue(&self) -> Option<u64> {
        let mut search = self.search();
        match search.parts.as_mut().and_then(Iterator::next) {
            Some(part) => {
                search.sum = search.sum.wrapping_add(part);
                None
            }
            None => {
                search.parts = None;
                Some(search.sum)
            }
        }
    }

    /// The answer, all at once.
    pub fn answer(&self) -> u64 {
        loop {
            if let Some(answer) = self.pursue() {
                return answer;
            }
        }
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let search = self.search();
        let name = if search.parts.is_none() { "Known" } else { "Known, in part" };
        f.debug_tuple(name).field(&search.sum).finish()
    }
}

impl From<u64> for Known {
    /// An answer that is known beforehand.
    fn from(answer: u64) -> Known {
        Known(Arc::new(Mutex::new(Search { sum: answer, parts: None })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_worked_out_when_asked_for_and_once() {
        let (sender, asked) = std::sync::mpsc::channel();
        let known = Known::in_parts([3, 4].into_iter().inspect(move |_| sender.send(()).expect("the test listens")));
        assert!(asked.try_recv().is_err());
        assert_eq!((known.pursue(), asked.try_iter().count()), (None, 1));
        assert_eq!((known.answer(), known.clone().answer()), (7, 7));
        assert_eq!(asked.iter().count(), 1);
    }

    #[test]
    fn an_answer_known_beforehand_needs_no_part() {
        assert_eq!(Known::from(9).pursue(), Some(9));
    }
}
