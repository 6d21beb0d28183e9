//! What an experiment leaves behind.

use std::rc::Rc;

use catalog::{Experiment, ModelId, Obstacle, Place};
use trace::{Failure, Losses, Recording, Wait};

/// How a model's run went.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It has not had its turn.
    NotRun,
    /// It runs.
    Running {
        /// Jobs that are done.
        done: u32,
        /// Jobs in all.
        jobs: u32,
        /// Who waits for what, by job, once jobs wait for each other and always will.
        deadlock: Vec<(u32, Wait)>,
    },
    /// It ended with the right answer.
    Finished {
        /// The answer.
        answer: u64,
        /// What was lost or done twice.
        losses: Losses,
        /// What happened.
        recording: Rc<Recording>,
    },
    /// It ended without one.
    Failed(Failure),
    /// It cannot run this here.
    Unavailable(Obstacle),
    /// The reader stopped it, or it never had its turn because he stopped the one before.
    Stopped,
}

impl Outcome {
    /// The name used in exports and in the page's attributes.
    pub fn slug(&self) -> &'static str {
        match self {
            Outcome::NotRun => "not-run",
            Outcome::Running { .. } => "running",
            Outcome::Finished { .. } => "finished",
            Outcome::Failed(_) => "failed",
            Outcome::Unavailable(_) => "unavailable",
            Outcome::Stopped => "stopped",
        }
    }

    /// How long it took, if it ended well.
    pub fn nanos(&self) -> Option<u64> {
        match self {
            Outcome::Finished { recording, .. } => Some(recording.nanos()),
            _ => None,
        }
    }
}

/// One model's part of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultRow {
    /// The model.
    pub model: ModelId,
    /// Where its main lane ran.
    pub place: Place,
    /// How it went.
    pub outcome: Outcome,
}

/// What an experiment leaves behind. It grows while the experiment runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was run.
    pub experiment: Experiment,
    /// One row per model, in the order of the page.
    pub rows: Vec<ResultRow>,
    /// The longest time between two frames of the page while the models ran; absent while they run, and when the page was
    /// hidden.
    pub longest_frame_gap_millis: Option<f64>,
}

impl Report {
    /// The row to which the others are compared: one lane if it was measured, else the first that was.
    pub fn baseline(&self) -> Option<&ResultRow> {
        let measured = || self.rows.iter().filter(|row| row.outcome.nanos().is_some());
        measured().find(|row| row.model == ModelId::Sequential).or_else(|| measured().next())
    }

    /// How long the row took compared with the baseline.
    pub fn ratio(&self, row: &ResultRow) -> Option<f64> {
        let baseline = self.baseline()?.outcome.nanos()?;
        (baseline > 0).then_some(row.outcome.nanos()? as f64 / baseline as f64)
    }

    /// The model whose jobs wait for each other while it runs, and who waits for what.
    pub fn deadlocked(&self) -> Option<(ModelId, &[(u32, Wait)])> {
        self.rows.iter().find_map(|row| match &row.outcome {
            Outcome::Running { deadlock, .. } if !deadlock.is_empty() => Some((row.model, deadlock.as_slice())),
            _ => None,
        })
    }

    pub(crate) fn set(&mut self, model: ModelId, outcome: Outcome) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.model == model) {
            row.outcome = outcome;
        }
    }
}
