//! Known answers.

use std::sync::{Arc, LazyLock};

/// What the answers of a workload must come to. It is worked out when it is first asked for, because that can take a
/// while and every process of a run makes its own list of jobs.
#[derive(Clone, Debug)]
pub struct Known(Arc<LazyLock<u64, Box<dyn FnOnce() -> u64 + Send>>>);

impl Known {
    /// An answer that has to be worked out, in another way than the jobs do it.
    pub fn later(find: impl FnOnce() -> u64 + Send + 'static) -> Known {
        Known(Arc::new(LazyLock::new(Box::new(find))))
    }

    /// The answer.
    pub fn answer(&self) -> u64 {
        **self.0
    }
}

impl From<u64> for Known {
    /// An answer that is known beforehand.
    fn from(answer: u64) -> Known {
        Known::later(move || answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_worked_out_when_asked_for_and_once() {
        let (sender, asked) = std::sync::mpsc::channel();
        let known = Known::later(move || {
            sender.send(()).expect("the test listens");
            7
        });
        assert!(asked.try_recv().is_err());
        assert_eq!((known.answer(), known.clone().answer()), (7, 7));
        assert_eq!(asked.iter().count(), 1);
    }
}
