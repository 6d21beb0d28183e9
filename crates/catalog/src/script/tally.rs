//! What jobs come to in all, before anything is run. No sum can grow too large to be held: each saturates.

use super::{Limit, Problem, Script, ScriptStep};

/// What steps come to.
#[derive(Clone, Copy, Default)]
struct Tally {
    steps: u64,
    computed: u64,
    millis: u64,
}

impl Tally {
    fn and(self, other: Tally) -> Tally {
        Tally {
            steps: self.steps.saturating_add(other.steps),
            computed: self.computed.saturating_add(other.computed),
            millis: self.millis.saturating_add(other.millis),
        }
    }

    fn times(self, times: u32) -> Tally {
        let times = u64::from(times);
        Tally {
            steps: self.steps.saturating_mul(times),
            computed: self.computed.saturating_mul(times),
            millis: self.millis.saturating_mul(times),
        }
    }

    fn of(steps: &[ScriptStep]) -> Tally {
        let one = Tally { steps: 1, ..Tally::default() };
        let each = steps.iter().map(|step| match step {
            ScriptStep::Compute(below) => Tally { computed: u64::from(*below), ..one },
            ScriptStep::Wait(millis) | ScriptStep::Fetch(millis) => Tally { millis: u64::from(*millis), ..one },
            // A repeat costs something even if it repeats nothing.
            ScriptStep::Repeat(times, steps) => Tally::of(steps).and(one).times(*times).and(one),
            _ => one,
        });
        each.fold(Tally::default(), Tally::and)
    }
}

/// Whether the jobs together stay within their limits; else the line that goes beyond them.
pub(super) fn check(script: &Script) -> Result<(), (usize, Problem)> {
    let mut sum = Tally::default();
    for (index, line) in script.lines.iter().enumerate() {
        let job = Tally::of(&line.steps);
        sum = sum.and(job.times(line.jobs));
        let within = Limit::MillisInAll
            .check(job.millis)
            .and_then(|_| Limit::ComputedInAll.check(sum.computed))
            .and_then(|_| Limit::StepsInAll.check(sum.steps));
        within.map_err(|problem| (index, problem))?;
    }
    Ok(())
}
