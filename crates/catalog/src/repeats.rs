//! How often an experiment runs each of its models.

use crate::{Param, Scale, Text};

/// How often each model is run where that is a fixed number. Seven are the fewest that have an interval.
pub const REPEATS: Param = Param {
    slug: "repeats",
    name: Text { en: "runs each", zh: "每种运行次数" },
    unit: "",
    min: 1,
    max: 100,
    default: 7,
    scale: Scale::Linear,
};

/// How precisely each model's median is to be known: half the width of its interval, as a part of it.
pub const PRECISION: Param = Param {
    slug: "precision",
    name: Text { en: "precision", zh: "精度" },
    unit: "± %",
    min: 1,
    max: 50,
    default: 2,
    scale: Scale::Linear,
};

/// How long an experiment may take to become as precise. Each model runs once however long that takes.
pub const BUDGET: Param = Param {
    slug: "budget",
    name: Text { en: "at most", zh: "最长时间" },
    unit: "s",
    min: 1,
    max: 600,
    default: 20,
    scale: Scale::Logarithmic,
};

/// How often each model is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// So often, however long it takes.
    Fixed(u32),
    /// Until every median is as precise as asked, or time is up. What the runs show has no part in it.
    UntilPrecise {
        /// The precision in percent of the median, either way.
        percent: u32,
        /// The time in seconds.
        seconds: u32,
    },
}

impl Default for Repeats {
    fn default() -> Repeats {
        Repeats::UntilPrecise { percent: PRECISION.default as u32, seconds: BUDGET.default as u32 }
    }
}
