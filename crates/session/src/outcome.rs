//! How a model fared.

use std::rc::Rc;

use catalog::{ModelId, Obstacle, Pages, Place};
use trace::statistics::{Comparison, Interval, RunFigures, Sample};
use trace::{Failure, Losses, Recording, Wait};

use crate::Flag;

/// How a model fared, as far as it has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It has not had its turn, or has it now for the first time.
    NotRun,
    /// Every run so far ended with the right answer.
    Finished,
    /// A run ended without one. It is not run again.
    Failed(Failure),
    /// It cannot run this here.
    Unavailable(Obstacle),
    /// The reader stopped its first run, or it never had its turn because he stopped the one before.
    Stopped,
}

/// A run that is on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Jobs that are done.
    pub done: u32,
    /// Jobs in all.
    pub jobs: u32,
    /// Who waits for what, by job, once jobs wait for each other and always will.
    pub deadlock: Vec<(u32, Wait)>,
    /// Whether the page was out of sight at any time meanwhile.
    pub was_hidden: bool,
}

/// What is kept of a run with the right answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The round it belongs to, from one.
    pub round: u32,
    /// How long it took.
    pub nanos: u64,
    /// The answer.
    pub answer: u64,
    /// What was lost or done twice.
    pub losses: Losses,
    /// Spans and marks that found no room in the record.
    pub dropped: u64,
    /// The longest time between two frames of the page meanwhile; absent when it drew none.
    pub longest_frame_gap_millis: Option<f64>,
    /// Whether the page was out of sight at any time meanwhile. Browsers slow down what nobody sees.
    pub was_hidden: bool,
    /// What its recording came to.
    pub figures: RunFigures,
}

/// What all runs of a model come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// How long they took, in nanoseconds.
    pub times: Sample,
    /// Where the median lies; absent for too few runs.
    pub interval: Option<Interval>,
    /// The baseline's time and this; absent for the baseline itself, and where the baseline took no time.
    pub comparison: Option<Comparison>,
}

/// The run whose time, when it ended, was nearer to the median than that of the one kept before. Recordings are large, so only
/// this one's is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Typical {
    /// Which of the runs it is.
    pub run: usize,
    /// What happened in it.
    pub recording: Rc<Recording>,
}

/// One model's part of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultRow {
    /// The model.
    pub model: ModelId,
    /// Where its main lane ran.
    pub place: Place,
    /// How the pages that its jobs fetched were answered; absent before it is known, and for jobs that fetch none.
    pub pages: Option<Pages>,
    /// How it fared.
    pub outcome: Outcome,
    /// The run that is on, if it is one of this model.
    pub now: Option<Progress>,
    /// Its runs, in the order in which they were made.
    pub runs: Vec<Run>,
    /// A run that stands for all.
    pub typical: Option<Typical>,
    /// What the runs come to, as of the end of the last round.
    pub summary: Option<Summary>,
    /// What speaks against trusting the times, once the experiment is over.
    pub flags: Vec<Flag>,
}

impl ResultRow {
    /// The row of a model that has not run.
    pub fn new(model: ModelId, place: Place, obstacle: Option<Obstacle>) -> ResultRow {
        let outcome = obstacle.map_or(Outcome::NotRun, Outcome::Unavailable);
        ResultRow {
            model,
            place,
            pages: None,
            outcome,
            now: None,
            runs: Vec::new(),
            typical: None,
            summary: None,
            flags: Vec::new(),
        }
    }

    /// The name used in exports and in the page's attributes.
    pub fn slug(&self) -> &'static str {
        match self.outcome {
            Outcome::NotRun if self.now.is_some() => "running",
            Outcome::NotRun => "not-run",
            Outcome::Finished => "finished",
            Outcome::Failed(_) => "failed",
            Outcome::Unavailable(_) => "unavailable",
            Outcome::Stopped => "stopped",
        }
    }

    /// How long its runs took, if none failed.
    pub fn times(&self) -> Option<Sample> {
        if self.outcome != Outcome::Finished {
            return None;
        }
        Sample::new(self.runs.iter().map(|run| run.nanos as f64))
    }

    /// How long its runs took in the middle, if none failed.
    pub fn median_nanos(&self) -> Option<u64> {
        let summary = self.summary.as_ref().filter(|_| self.outcome == Outcome::Finished)?;
        Some(summary.times.median().round() as u64)
    }

    /// Keeps what a run has left behind.
    pub fn add(&mut self, run: Run, recording: Recording) {
        let nanos = run.nanos as f64;
        self.runs.push(run);
        self.outcome = Outcome::Finished;
        let median = self.times().map_or(nanos, |times| times.median());
        let distance = |nanos: f64| (nanos - median).abs();
        let is_nearer = |kept: &Typical| distance(nanos) < distance(kept.recording.nanos() as f64);
        if self.typical.as_ref().is_none_or(is_nearer) {
            self.typical = Some(Typical { run: self.runs.len() - 1, recording: Rc::new(recording) });
        }
    }

    /// The run whose recording is kept.
    pub fn typical_run(&self) -> Option<&Run> {
        self.runs.get(self.typical.as_ref()?.run)
    }

    /// What was lost or done twice in all runs, and all answers.
    pub fn losses(&self) -> (Losses, u64) {
        let add = |sum: Losses, run: &Run| Losses {
            updates: sum.updates.saturating_add(run.losses.updates),
            jobs: sum.jobs.saturating_add(run.losses.jobs),
            repeated: sum.repeated.saturating_add(run.losses.repeated),
        };
        let answers = self.runs.iter().fold(0_u64, |sum, run| sum.saturating_add(run.answer));
        (self.runs.iter().fold(Losses::default(), add), answers)
    }
}
