//! What is still to be run.

use std::collections::VecDeque;

use catalog::{Experiment, RunSpec};

use crate::{Environment, Outcome, Report, ResultRow};

/// The runs that an experiment has yet to make, one at a time, in this order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What is left, the next one first.
    pub runs: VecDeque<RunSpec>,
}

impl Plan {
    /// The plan of an experiment, and its report before the first run: what cannot run here stands there already.
    pub fn of(experiment: &Experiment, environment: &Environment, page_is_free: bool) -> (Plan, Report) {
        let mut plan = Plan::default();
        let mut rows = Vec::new();
        for &model in &experiment.models {
            let spec = experiment.run_spec_on(environment.capabilities.cores, model, page_is_free);
            let obstacle = experiment.obstacle(model, &environment.capabilities);
            let outcome = obstacle.map_or(Outcome::NotRun, Outcome::Unavailable);
            rows.push(ResultRow { model, place: spec.place, outcome });
            if rows.last().is_some_and(|row| row.outcome == Outcome::NotRun) {
                plan.runs.push_back(spec);
            }
        }
        (plan, Report { experiment: experiment.clone(), rows, longest_frame_gap_millis: None })
    }
}
