//! What page and engine say to each other.
//!
//! Each message is one buffer of bytes, handed over and not copied. Every message of a run carries its [`RunId`].

pub use {catalog, trace};

use catalog::{Pages, RunSpec};
use serde::{Deserialize, Serialize};
use trace::{Failure, Losses, Recording, Wait};

/// Names a run for as long as the page lives. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunId(pub u64);

/// From the page to the conductor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToEngine {
    /// Run this. The engine runs one thing at a time; a second request is refused.
    Run {
        /// Names the run from here on.
        run_id: RunId,
        /// What to run.
        spec: RunSpec,
    },
    /// End the run as soon as its lanes look up from their work.
    Stop {
        /// The run to end; nothing happens if it is over.
        run_id: RunId,
    },
}

/// From the conductor to the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromEngine {
    /// The engine can be asked to run something. Nothing comes before this.
    Ready,
    /// How the pages that the jobs of a run fetch will be answered. Comes before such a run begins, and of no other.
    PagesFound {
        /// The run.
        run_id: RunId,
        /// How.
        pages: Pages,
    },
    /// How far a run has come. Comes at most a few times a second.
    Progress {
        /// The run.
        run_id: RunId,
        /// Jobs that are done.
        done: u32,
        /// Jobs in all.
        jobs: u32,
    },
    /// Jobs of a run wait for each other, and always will. The run goes on until somebody stops it.
    Deadlocked {
        /// The run.
        run_id: RunId,
        /// Who waits for what, by job.
        waits: Vec<(u32, Wait)>,
    },
    /// A run has ended with the right answer.
    Finished {
        /// The run.
        run_id: RunId,
        /// The answer; it has been compared with the known one.
        answer: u64,
        /// What was lost or done twice.
        losses: Losses,
        /// What happened.
        recording: Recording,
    },
    /// A run has ended without.
    Failed {
        /// The run; absent when the engine itself has failed.
        run_id: Option<RunId>,
        /// Why.
        failure: Failure,
    },
}

/// What a message's bytes say.
pub trait Message: Serialize + for<'bytes> Deserialize<'bytes> {
    /// As bytes.
    fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("a message holds nothing that cannot be written into memory")
    }

    /// From bytes. Whatever they hold, this does not panic; what is left over at their end is an error too.
    fn from_bytes(bytes: &[u8]) -> Result<Self, Failure> {
        match postcard::take_from_bytes(bytes) {
            Ok((message, [])) => Ok(message),
            Ok((_, rest)) => Err(Failure::BadMessage { message: format!("{} bytes too many", rest.len()) }),
            Err(error) => Err(Failure::BadMessage { message: error.to_string() }),
        }
    }
}

impl Message for ToEngine {}
impl Message for FromEngine {}

#[cfg(test)]
mod tests {
    use catalog::{Experiment, ModelId, WorkloadId};
    use proptest::prelude::*;
    use trace::{Lane, LaneKind, LaneRecorder, State};

    use super::*;

    fn recording(steps: &[(u8, Option<u32>, u32)]) -> Recording {
        let mut recorder = LaneRecorder::new(Lane { kind: LaneKind::Process, number: 7 });
        let mut now = 0;
        for &(state, job, nanos) in steps {
            recorder.enter(State::ALL[usize::from(state) % State::ALL.len()], job, now);
            now += u64::from(nanos);
        }
        Recording {
            lanes: vec![recorder.finish(now)],
            start_nanos: 0,
            end_nanos: now,
            dropped_lanes: 0,
            recorder: None,
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_message_or_an_error(bytes: Vec<u8>) {
            let _ = ToEngine::from_bytes(&bytes);
            let _ = FromEngine::from_bytes(&bytes);
        }

        #[test]
        fn a_spoilt_message_does_not_panic(at: prop::sample::Index, byte: u8) {
            let finished = FromEngine::Finished { run_id: RunId(1), answer: 9, losses: Losses::default(), recording: recording(&[(0, None, 5)]) };
            let mut bytes = finished.to_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = FromEngine::from_bytes(&bytes);
        }

        #[test]
        fn what_is_written_is_read_back(steps: Vec<(u8, Option<u16>, u32)>) {
            let steps: Vec<_> = steps.into_iter().map(|(state, job, nanos)| (state, job.map(u32::from), nanos)).collect();
            let message = FromEngine::Finished { run_id: RunId(1), answer: 9, losses: Losses::default(), recording: recording(&steps) };
            prop_assert_eq!(FromEngine::from_bytes(&message.to_bytes()), Ok(message));
        }
    }

    #[test]
    fn bytes_too_many_are_an_error() {
        let spec = Experiment::of(WorkloadId::Primes).run_spec(ModelId::Sequential, true);
        let mut bytes = ToEngine::Run { run_id: RunId(3), spec }.to_bytes();
        bytes.push(0);
        let error = ToEngine::from_bytes(&bytes).unwrap_err();
        assert_eq!(error.to_string(), "unreadable message: 1 bytes too many");
    }
}
