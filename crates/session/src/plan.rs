//! What is still to be run, and when enough has been.
//!
//! ```text
//!  round 1   one lane · GIL · free threads · processes     in the order of the page: the reader watches it
//!  round 2   processes · one lane · free threads · GIL     every later one in an order of its own, from the seed
//!  …         until all is as precise as asked, time is up, or each has run as often as it was to
//! ```
//!
//! A busy minute of the machine hits all models alike, because each round runs all of them; the orders change, so that none
//! always runs behind the same other one.

use std::collections::VecDeque;

use catalog::{Experiment, REPEATS, Repeats, RunSpec};
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use trace::statistics::LEAST_FOR_INTERVALS;

use crate::{End, Environment, Outcome, Report, ResultRow, TimerId};

/// The runs that an experiment has yet to make, one at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What is left of this round, the next one first.
    pub runs: VecDeque<RunSpec>,
    /// What a round consists of.
    pub models: Vec<RunSpec>,
    /// The round, from one.
    pub round: u32,
    /// How often each model is to run.
    pub repeats: Repeats,
    /// What is left of the time for becoming precise. It does not pass while the experiment waits for its turn or out of sight.
    pub seconds_left: u32,
    /// The timer that counts the present second.
    pub second: Option<TimerId>,
    /// What the orders of the rounds come from.
    pub seed: u64,
}

impl Plan {
    /// The plan of an experiment, and its report before the first run: what cannot run here stands there already.
    pub fn of(experiment: &Experiment, environment: &Environment, page_is_free: bool) -> (Plan, Report) {
        let mut models = Vec::new();
        let mut rows = Vec::new();
        for &model in &experiment.models {
            let spec = experiment.run_spec_on(environment.capabilities.cores, model, page_is_free);
            let obstacle = experiment.obstacle(model, &environment.capabilities);
            rows.push(ResultRow::new(model, spec.place, obstacle));
            if obstacle.is_none() {
                models.push(spec);
            }
        }
        let seconds_left = match experiment.repeats {
            Repeats::Fixed(_) => 0,
            Repeats::UntilPrecise { seconds, .. } => seconds,
        };
        let plan = Plan {
            runs: models.iter().cloned().collect(),
            models,
            round: 1,
            repeats: experiment.repeats,
            seconds_left,
            second: None,
            seed: experiment.seed,
        };
        let (experiment, environment) = (experiment.clone(), environment.clone());
        (plan, Report { experiment, environment, rows, wanted_baseline: None, end: None })
    }

    /// Nothing more is to be run.
    pub fn nothing() -> Plan {
        let repeats = Repeats::Fixed(1);
        Plan { runs: VecDeque::new(), models: Vec::new(), round: 1, repeats, seconds_left: 0, second: None, seed: 0 }
    }

    /// The most rounds there can be.
    pub fn most_rounds(&self) -> u32 {
        match self.repeats {
            Repeats::Fixed(runs) => runs,
            Repeats::UntilPrecise { .. } => REPEATS.max as u32,
        }
    }

    /// Sees to it that `runs` begins with the next run, or says why there is none.
    pub(crate) fn go_on(&mut self, report: &Report) -> Option<End> {
        // A model that has failed is not tried again: the rest would wait for it in every round.
        let row_of = |spec: &RunSpec| report.rows.iter().find(|row| row.model == spec.model);
        let is_well =
            |spec: &RunSpec| row_of(spec).is_some_and(|row| matches!(row.outcome, Outcome::NotRun | Outcome::Finished));
        self.models.retain(is_well);
        self.runs.retain(is_well);
        if self.models.is_empty() {
            return Some(End::Complete);
        }
        if self.runs.is_empty() {
            if let Some(end) = self.end_after_round(report) {
                return Some(end);
            }
            self.round += 1;
            self.runs = self.shuffled();
        }
        // The first round is run to its end: one figure of each model is what the reader came for.
        let is_timed = self.round > 1 && matches!(self.repeats, Repeats::UntilPrecise { .. });
        let takes = |spec: &RunSpec| row_of(spec).and_then(|row| row.times()).map_or(0.0, |times| times.median() / 1e9);
        let is_too_long = |spec: &RunSpec| takes(spec) > f64::from(self.seconds_left);
        (is_timed && (self.seconds_left == 0 || self.runs.front().is_some_and(is_too_long))).then_some(End::OutOfTime)
    }

    fn end_after_round(&self, report: &Report) -> Option<End> {
        if self.round >= self.most_rounds() {
            return Some(End::Complete);
        }
        let Repeats::UntilPrecise { percent, .. } = self.repeats else {
            return None;
        };
        let precision = f64::from(percent) / 100.0;
        let mut times = report.rows.iter().filter_map(ResultRow::times);
        let is_precise = self.round as usize >= LEAST_FOR_INTERVALS && times.all(|times| times.is_precise(precision));
        is_precise.then_some(End::Precise)
    }

    /// All models in an order that only the seed and the round decide (Fisher and Yates, as Durstenfeld has it).
    fn shuffled(&self) -> VecDeque<RunSpec> {
        let mut numbers = SplitMix64::seed_from_u64(self.seed ^ u64::from(self.round) << 32);
        let mut specs = self.models.clone();
        for last in (1..specs.len()).rev() {
            let chosen = (u128::from(numbers.next_u64()) * (last as u128 + 1)) >> 64;
            specs.swap(last, chosen as usize);
        }
        specs.into()
    }
}

#[cfg(test)]
mod tests {
    use catalog::Capabilities;

    use super::*;

    fn plan(link: &str) -> Plan {
        let experiment = Experiment::from_link(link).expect("the test's link is right");
        let capabilities = Capabilities { shared_memory: true, stack_switching: true, cores: 2 };
        let environment = Environment {
            capabilities,
            isolated: true,
            top_level: true,
            browser: String::new(),
            clock_step_nanos: 5_000,
        };
        Plan::of(&experiment, &environment, true).0
    }

    #[test]
    fn every_model_comes_once_in_every_place_about_as_often() {
        let mut plan = plan("models=sequential,threads-gil,threads-free,event-loop");
        let mut first = [0; 4];
        for round in 2..402 {
            plan.round = round;
            let order: Vec<RunSpec> = plan.shuffled().into();
            let place = |spec: &RunSpec| order.iter().filter(|other| *other == spec).count();
            assert!(plan.models.iter().all(|spec| place(spec) == 1), "round {round}");
            first[plan.models.iter().position(|spec| *spec == order[0]).expect("it is one of them")] += 1;
        }
        assert!(first.iter().all(|times| (70..130).contains(times)), "{first:?}");
    }

    #[test]
    fn the_seed_decides_the_order() {
        let order = |seed: u64| {
            let mut plan = plan(&format!("seed={seed}"));
            plan.round = 2;
            plan.shuffled()
        };
        assert_eq!(order(5), order(5));
        assert!((1..20).any(|seed| order(seed) != order(0)));
    }
}
