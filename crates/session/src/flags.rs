//! What speaks against trusting a time. A flagged time is still shown, with the flag beside it, on the page and in every export.

use catalog::{Group, Language, ModelId};
use trace::statistics::{MATTERS, drift, halves_disagree};

use crate::figures::grouped;
use crate::{Outcome, Report, ResultRow};

/// A reason to trust a model's times less.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Flag {
    /// The page was out of sight during so many runs, and browsers slow down what nobody sees.
    Hidden(u32),
    /// All models together became slower, or quicker, from the first round to the last, by this part of their time.
    Drift(f64),
    /// Every second run took another time than the ones between, which nothing but the machine explains.
    HalvesDisagree,
    /// The clock's step is more than a hundredth of the time, so that nothing finer can be seen.
    CoarseClock,
    /// So many spans found no room in the record of the run that is drawn.
    Dropped(u64),
    /// More lanes compute than the browser has cores for: so many lanes, so many cores.
    FewCores(u32, u32),
}

/// The clock may move on by this part of a time.
const FINE: f64 = MATTERS / 2.0;

impl Flag {
    /// The name used in exports.
    pub fn slug(self) -> &'static str {
        match self {
            Flag::Hidden(_) => "hidden",
            Flag::Drift(_) => "drift",
            Flag::HalvesDisagree => "halves-disagree",
            Flag::CoarseClock => "coarse-clock",
            Flag::Dropped(_) => "dropped-spans",
            Flag::FewCores(..) => "few-cores",
        }
    }

    /// In a sentence.
    pub fn sentence(self, language: Language) -> String {
        let percent = |part: f64| format!("{:.0}", 100.0 * part.abs());
        match (self, language) {
            (Flag::Hidden(1), Language::En) => {
                "The page was out of sight during 1 run, which may have taken longer for that.".into()
            }
            (Flag::Hidden(runs), Language::En) => {
                format!("The page was out of sight during {runs} runs, which may have taken longer for that.")
            }
            (Flag::Hidden(runs), Language::Zh) => format!("有 {runs} 次运行时页面不可见，用时可能偏长。"),
            (Flag::Drift(part), Language::En) => {
                let how = if part > 0.0 { "slower" } else { "quicker" };
                format!("The machine became {how} by {} % while it was measured.", percent(part))
            }
            (Flag::Drift(part), Language::Zh) => {
                format!("测量期间机器变{}了 {}%。", if part > 0.0 { "慢" } else { "快" }, percent(part))
            }
            (Flag::HalvesDisagree, Language::En) => {
                "Every second run took another time than those between: the machine was not steady.".into()
            }
            (Flag::HalvesDisagree, Language::Zh) => "隔次运行的用时互不一致：机器当时不稳定。".into(),
            (Flag::CoarseClock, Language::En) => {
                "This browser's clock is too coarse for so short a time: choose more work.".into()
            }
            (Flag::CoarseClock, Language::Zh) => "用时太短，浏览器的时钟不够精细：请加大工作量。".into(),
            (Flag::Dropped(1), Language::En) => "1 span did not fit into the record.".into(),
            (Flag::Dropped(spans), Language::En) => format!("{} spans did not fit into the record.", grouped(spans)),
            (Flag::Dropped(spans), Language::Zh) => format!("有 {} 段超出记录上限。", grouped(spans)),
            (Flag::FewCores(lanes, cores), Language::En) => {
                let s = if cores == 1 { "" } else { "s" };
                format!("{lanes} lanes share {cores} core{s}.")
            }
            (Flag::FewCores(lanes, cores), Language::Zh) => format!("{lanes} 条泳道共用 {cores} 个核。"),
        }
    }

    /// Whether the reader must not overlook it. That lanes share cores is seen in the lanes themselves.
    pub fn is_urgent(self) -> bool {
        !matches!(self, Flag::FewCores(..))
    }
}

impl Report {
    /// What speaks against trusting this model's times.
    pub(crate) fn find_flags(&self, row: &ResultRow) -> Vec<Flag> {
        let Some(times) = row.times() else {
            return Vec::new();
        };
        let hidden = row.runs.iter().filter(|run| run.was_hidden).count() as u32;
        let in_order: Vec<f64> = row.runs.iter().map(|run| run.nanos as f64).collect();
        let typical = row.typical_run();
        let dropped = typical.map_or(0, |run| run.dropped);
        let (lanes, cores) = (typical.map_or(0, |run| run.figures.lanes), self.environment.capabilities.cores);
        let computes = matches!(self.experiment.workload.row().group, Group::Compute | Group::Mixed);
        let flags = [
            (hidden > 0).then_some(Flag::Hidden(hidden)),
            self.drift().map(Flag::Drift),
            halves_disagree(&in_order).then_some(Flag::HalvesDisagree),
            (self.environment.clock_step_nanos as f64 > FINE * times.median()).then_some(Flag::CoarseClock),
            (dropped > 0).then_some(Flag::Dropped(dropped)),
            (computes && lanes > cores && cores > 0 && !self.is_one_at_a_time(row.model))
                .then_some(Flag::FewCores(lanes, cores)),
        ];
        flags.into_iter().flatten().collect()
    }

    /// By how much all models together became slower from the first round to the last. Each round counts as the mean of its times,
    /// each divided by its model's median, because what the models have in common is the machine.
    fn drift(&self) -> Option<f64> {
        let finished = || self.rows.iter().filter(|row| row.outcome == Outcome::Finished);
        let rounds = finished().map(|row| row.runs.len()).min()?;
        let medians: Option<Vec<f64>> =
            finished().map(|row| row.times().map(|times| times.median()).filter(|median| *median > 0.0)).collect();
        let medians = medians?;
        let of_round = |round: usize| {
            let parts = finished().zip(&medians).map(|(row, median)| row.runs[round].nanos as f64 / median);
            parts.sum::<f64>() / medians.len() as f64
        };
        drift(&(0..rounds).map(of_round).collect::<Vec<_>>())
    }

    /// Lanes under a GIL compute in turns, so that one core is as good as many.
    fn is_one_at_a_time(&self, model: ModelId) -> bool {
        match model {
            ModelId::ThreadsGil => true,
            ModelId::ThreadPool => self.experiment.pool_has_gil,
            _ => false,
        }
    }
}
