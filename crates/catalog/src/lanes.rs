//! How many lanes a model gets that has a fixed number of them.

use crate::{ModelId, Param, Scale, Setting, Text};

/// How many lanes a model with a fixed number of them gets.
pub const LANES: Param = Param {
    slug: "lanes",
    name: Text { en: "lanes", zh: "泳道数" },
    unit: "",
    min: 1,
    max: 32,
    default: 2,
    scale: Scale::Linear,
};

/// How many lanes a model with a fixed number of them gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneChoice {
    /// As many as Python would take of which nobody said how many.
    Automatic,
    /// So many.
    Fixed(u32),
}

impl LaneChoice {
    /// How many that is for a model on a machine with so many cores. A pool of threads may be there to wait, so it gets some
    /// more than can compute at once.
    pub fn of(self, model: ModelId, cores: u32) -> u32 {
        match self {
            LaneChoice::Fixed(lanes) => lanes,
            LaneChoice::Automatic if model.row().settings.contains(&Setting::PoolGil) => default_max_workers(cores),
            LaneChoice::Automatic => cores.clamp(1, MOST_WORKERS),
        }
    }
}

/// The most that Python starts of its own accord.
const MOST_WORKERS: u32 = 32;

/// How many threads a pool has of which nobody said how many: enough to wait on several things at once on any machine,
/// and not more than 32.
pub fn default_max_workers(cores: u32) -> u32 {
    cores.saturating_add(4).min(MOST_WORKERS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Experiment, WorkloadId};

    #[test]
    fn lanes_that_nobody_chose_are_those_of_python() {
        let lanes = |model, cores| LaneChoice::Automatic.of(model, cores);
        assert_eq!([1, 2, 8, 28, 64].map(|cores| lanes(ModelId::ThreadPool, cores)), [5, 6, 12, 32, 32]);
        assert_eq!([0, 1, 2, 8, 64].map(|cores| lanes(ModelId::ProcessPool, cores)), [1, 1, 2, 8, 32]);
        assert_eq!(LaneChoice::Fixed(3).of(ModelId::ThreadPool, 8), 3);
        let spec = Experiment::of(WorkloadId::Primes).run_spec_on(4, ModelId::WorkStealing, false);
        assert_eq!((spec.lanes, spec.check()), (4, Ok(())));
    }
}
