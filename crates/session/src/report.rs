//! What an experiment leaves behind.

use catalog::{Experiment, ModelId};
use trace::Wait;
use trace::statistics::{Sample, compare};

use crate::{Environment, Order, Outcome, ResultRow, Summary};

/// Why an experiment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Every model ran as often as it was to.
    Complete,
    /// Every median is as precise as asked.
    Precise,
    /// Its time was up.
    OutOfTime,
    /// The reader stopped it.
    Stopped,
}

impl End {
    /// The name used in exports.
    pub fn slug(self) -> &'static str {
        match self {
            End::Complete => "complete",
            End::Precise => "precise",
            End::OutOfTime => "out-of-time",
            End::Stopped => "stopped",
        }
    }
}

/// What an experiment leaves behind. It grows while the experiment runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was run.
    pub experiment: Experiment,
    /// Where.
    pub environment: Environment,
    /// One row per model, in the order of the page.
    pub rows: Vec<ResultRow>,
    /// The model that the reader wants the others compared with.
    pub wanted_baseline: Option<ModelId>,
    /// Why the experiment ended; absent while it runs.
    pub end: Option<End>,
}

impl Report {
    /// The row to which the others are compared: the one that the reader has chosen if it was measured, else one lane, else the
    /// first that was.
    pub fn baseline(&self) -> Option<&ResultRow> {
        let measured = || self.rows.iter().filter(|row| row.outcome == Outcome::Finished);
        let of = |model: ModelId| measured().find(|row| row.model == model);
        self.wanted_baseline.and_then(of).or_else(|| of(ModelId::Sequential)).or_else(|| measured().next())
    }

    /// How long the row took compared with the baseline.
    pub fn ratio(&self, row: &ResultRow) -> Option<f64> {
        let summary = row.summary.as_ref().filter(|_| row.outcome == Outcome::Finished)?;
        match &summary.comparison {
            Some(comparison) => Some(comparison.ratio),
            None => self.baseline().filter(|baseline| baseline.model == row.model).map(|_| 1.0),
        }
    }

    /// The fewest and the most runs of a measured model.
    pub fn repeats(&self) -> Option<(usize, usize)> {
        let counts = || self.rows.iter().filter(|row| row.outcome == Outcome::Finished).map(|row| row.runs.len());
        Some((counts().min()?, counts().max()?))
    }

    /// Whether there are intervals, for every measured model.
    pub fn has_intervals(&self) -> bool {
        let mut measured = self.rows.iter().filter(|row| row.outcome == Outcome::Finished).peekable();
        measured.peek().is_some()
            && measured.all(|row| row.summary.as_ref().is_some_and(|summary| summary.interval.is_some()))
    }

    /// The rows as the reader wants them: those that have a time by that time, the others behind them.
    pub fn in_order(&self, order: Order) -> Vec<&ResultRow> {
        let mut rows: Vec<&ResultRow> = self.rows.iter().collect();
        if order == Order::ByTime {
            rows.sort_by_key(|row| row.median_nanos().unwrap_or(u64::MAX));
        }
        rows
    }

    /// The longest time between two frames of the page while the models ran; absent when it drew none.
    pub fn longest_frame_gap_millis(&self) -> Option<f64> {
        self.rows.iter().flat_map(|row| &row.runs).filter_map(|run| run.longest_frame_gap_millis).reduce(f64::max)
    }

    /// The model whose jobs wait for each other while it runs, and who waits for what.
    pub fn deadlocked(&self) -> Option<(ModelId, &[(u32, Wait)])> {
        self.rows.iter().find_map(|row| match &row.now {
            Some(progress) if !progress.deadlock.is_empty() => Some((row.model, progress.deadlock.as_slice())),
            _ => None,
        })
    }

    pub(crate) fn row_mut(&mut self, model: ModelId) -> Option<&mut ResultRow> {
        self.rows.iter_mut().find(|row| row.model == model)
    }

    /// Finds out what the runs come to. Not done after each run: that would move every bar all the time, and takes a while.
    pub fn summarize(&mut self) {
        let baseline = self.baseline().and_then(|row| Some((row.model, row.times()?)));
        let comparisons = self.rows.iter().filter(|row| row.outcome == Outcome::Finished).count().saturating_sub(1);
        for row in &mut self.rows {
            let comparison = |times: &Sample| match &baseline {
                Some((model, baseline)) if *model != row.model => compare(times, baseline, comparisons),
                _ => None,
            };
            row.summary =
                row.times().map(|times| Summary { interval: times.interval(), comparison: comparison(&times), times });
        }
        if self.end.is_some() {
            let flags: Vec<_> = self.rows.iter().map(|row| self.find_flags(row)).collect();
            self.rows.iter_mut().zip(flags).for_each(|(row, flags)| row.flags = flags);
        }
    }
}
