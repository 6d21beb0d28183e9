//! Jobs that the reader writes himself, a line for each sort of them.
//!
//! ```text
//! # Two jobs count in one cell, which a lock guards.
//! 2 x repeat 100 { lock a; load n; add 1; store n; unlock a }
//!
//! queue box 3
//! put box; wait 5 ms; put box
//! take box; take box
//! ```
//!
//! The words are the same in every language. A line may begin with how often there is such a job; steps stand between
//! semicolons; a `#` begins a remark. Everything has a limit, because a text can come from anywhere.

use core::fmt;

mod error;
mod examples;
mod parse;
mod tally;

pub use error::{Expected, Limit, Problem, ScriptError};
pub use examples::EXAMPLES;

/// The longest text, in bytes.
pub const LONGEST_SCRIPT: usize = 1_000;

/// Jobs that have been read, each within its limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The sorts of jobs, in order.
    pub lines: Vec<Line>,
    /// The names of cells, by number.
    pub cells: Vec<String>,
    /// The names of locks, by number.
    pub locks: Vec<String>,
    /// The queues by number: their names, and how much each holds.
    pub queues: Vec<(String, u32)>,
}

/// So many jobs that all do the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How many.
    pub jobs: u32,
    /// What each does.
    pub steps: Vec<ScriptStep>,
}

/// One step as it is written. Cells, locks and queues are numbers of their lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptStep {
    /// `compute 200000`: count the primes below a number.
    Compute(u32),
    /// `wait 10 ms`
    Wait(u32),
    /// `fetch 10 ms`: a page that is answered after so long.
    Fetch(u32),
    /// `yield`
    Yield,
    /// `call`
    Call,
    /// `load n`
    Load(u32),
    /// `add 1`
    Add(u32),
    /// `store n`
    Store(u32),
    /// `lock a`
    Lock(u32),
    /// `unlock a`
    Unlock(u32),
    /// `put q`
    Put(u32),
    /// `take q`
    Take(u32),
    /// `repeat 10 { … }`
    Repeat(u32, Vec<ScriptStep>),
}

impl Script {
    /// Reads a text. Whatever it holds, this does not panic.
    pub fn read(text: &str) -> Result<Script, ScriptError> {
        parse::read(text)
    }

    /// How many jobs there are.
    pub fn jobs(&self) -> u32 {
        self.lines.iter().map(|line| line.jobs).sum()
    }

    /// Whether the jobs share something.
    pub fn shares(&self) -> bool {
        !(self.cells.is_empty() && self.locks.is_empty() && self.queues.is_empty())
    }

    fn write_steps(&self, steps: &[ScriptStep], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in steps.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            self.write_step(step, f)?;
        }
        Ok(())
    }

    fn write_step(&self, step: &ScriptStep, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |names: &[String], number: u32| names.get(number as usize).cloned().unwrap_or_default();
        let queue = |number: u32| self.queues.get(number as usize).map(|(name, _)| name.clone()).unwrap_or_default();
        match step {
            ScriptStep::Compute(below) => write!(f, "compute {below}"),
            ScriptStep::Wait(millis) => write!(f, "wait {millis} ms"),
            ScriptStep::Fetch(millis) => write!(f, "fetch {millis} ms"),
            ScriptStep::Yield => f.write_str("yield"),
            ScriptStep::Call => f.write_str("call"),
            ScriptStep::Load(cell) => write!(f, "load {}", name(&self.cells, *cell)),
            ScriptStep::Add(amount) => write!(f, "add {amount}"),
            ScriptStep::Store(cell) => write!(f, "store {}", name(&self.cells, *cell)),
            ScriptStep::Lock(lock) => write!(f, "lock {}", name(&self.locks, *lock)),
            ScriptStep::Unlock(lock) => write!(f, "unlock {}", name(&self.locks, *lock)),
            ScriptStep::Put(number) => write!(f, "put {}", queue(*number)),
            ScriptStep::Take(number) => write!(f, "take {}", queue(*number)),
            ScriptStep::Repeat(times, steps) => {
                write!(f, "repeat {times} {{ ")?;
                self.write_steps(steps, f)?;
                f.write_str(" }")
            }
        }
    }
}

/// As it would be written without remarks.
impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, capacity) in &self.queues {
            writeln!(f, "queue {name} {capacity}")?;
        }
        for (index, line) in self.lines.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            if line.jobs != 1 {
                write!(f, "{} x ", line.jobs)?;
            }
            self.write_steps(&line.steps, f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = match Script::read(text) {
            Ok(script) => script.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn the_examples_can_be_read() {
        for (name, text) in EXAMPLES {
            assert_eq!(Script::read(text).map(|script| script.jobs()), Ok(2), "{}", name.en);
        }
    }

    #[test]
    fn a_script_is_read_line_by_line() {
        check("compute 5000; wait 10", "compute 5000; wait 10 ms");
        check("\n 2 x wait 10ms;\n\n# a remark\n3×yield;call # and another", "2 x wait 10 ms\n3 x yield; call");
        check("4*repeat 2{lock a;unlock a}", "4 x repeat 2 { lock a; unlock a }");
        check("put box\ntake box", "queue box 1\nput box\ntake box");
        check("put box\nqueue box 3\ntake box", "queue box 3\nput box\ntake box");
        check("LOCK A; unlock a", "lock a; unlock a");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        check("", "line 1, column 1: there is no job yet");
        check("wait 10; jump", "line 1, column 10: there is no step “jump”");
        check("wait", "line 1, column 5: a whole number belongs here");
        check("wait soon", "line 1, column 6: a whole number belongs here, not “soon”");
        check("lock 5", "line 1, column 6: a name belongs here, not “5”");
        check("wait 10 call", "line 1, column 9: a semicolon belongs here, not “call”");
        check("call\nrepeat 3 { call", "line 2, column 16: a closing brace belongs here");
        check("call }", "line 1, column 6: a semicolon belongs here, not “}”");
        check("repeat 3 call", "line 1, column 10: an opening brace belongs here, not “call”");
        check("repeat 3 { }", "line 1, column 12: a step belongs here, not “}”");
        check("wait 99999", "line 1, column 6: milliseconds: 99999 is outside 0 to 10000");
        check(
            "wait 99999999999999999999",
            "line 1, column 6: milliseconds: 18446744073709551615 is outside 0 to 10000",
        );
        check("70 x call", "line 1, column 1: jobs: 70 is outside 1 to 64");
        check("40 x call\n40 x call", "line 2, column 1: jobs: 80 is outside 1 to 64");
        check("queue q 3\nqueue q 4\nput q", "line 2, column 7: the queue “q” has been described before");
        check("queue q 0\nput q", "line 1, column 9: room in a queue: 0 is outside 1 to 1000");
        check(
            "repeat 2 { repeat 2 { repeat 2 { repeat 2 { call } } } }",
            "line 1, column 34: repeats within repeats: 4 is outside 0 to 3",
        );
        check(
            "repeat 10000 { repeat 10000 { call } }",
            "line 1, column 1: steps in all: 200020001 is outside 1 to 200000",
        );
        check(
            "repeat 100 { compute 9000000 }",
            "line 1, column 1: numbers to compute in all: 900000000 is outside 0 to 50000000",
        );
        check("repeat 100 { wait 10000 }", "line 1, column 1: milliseconds of one job: 1000000 is outside 0 to 60000");
        check("wait 10 €", "line 1, column 9: a semicolon belongs here, not “€”");
        check(&"x".repeat(2_000), "line 1, column 1: bytes of the text: 2000 is outside 1 to 1000");
    }

    fn step() -> impl Strategy<Value = ScriptStep> {
        let simple = prop_oneof![
            (0u32..1_000).prop_map(ScriptStep::Compute),
            (0u32..100).prop_map(ScriptStep::Wait),
            (0u32..100).prop_map(ScriptStep::Fetch),
            Just(ScriptStep::Yield),
            Just(ScriptStep::Call),
            (0u32..2).prop_map(ScriptStep::Load),
            (0u32..9).prop_map(ScriptStep::Add),
            (0u32..2).prop_map(ScriptStep::Store),
            (0u32..2).prop_map(ScriptStep::Lock),
            (0u32..2).prop_map(ScriptStep::Unlock),
            (0u32..2).prop_map(ScriptStep::Put),
            (0u32..2).prop_map(ScriptStep::Take),
        ];
        simple.prop_recursive(3, 8, 3, |step| {
            (0u32..4, prop::collection::vec(step, 1..3)).prop_map(|(times, steps)| ScriptStep::Repeat(times, steps))
        })
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,300}") {
            let _ = Script::read(&text);
        }

        #[test]
        fn any_words_are_read_or_refused(
            words in prop::collection::vec(prop::sample::select(vec![
                "compute", "wait", "fetch", "repeat", "queue", "put", "take", "lock", "{", "}", ";", "\n", "x", "×", "2",
                "99999999", "a", "ms", "#", "é",
            ]), 0..60)
        ) {
            let _ = Script::read(&words.join(" "));
        }

        #[test]
        fn what_is_written_is_read_back(jobs in 1u32..9, steps in prop::collection::vec(step(), 1..5)) {
            let names = |letters: [&str; 2]| letters.map(str::to_owned).to_vec();
            // Names are numbered in the order in which they appear, so a first line names them all.
            let first = [ScriptStep::Load(0), ScriptStep::Load(1), ScriptStep::Lock(0), ScriptStep::Lock(1)];
            let script = Script {
                lines: vec![Line { jobs: 1, steps: first.to_vec() }, Line { jobs, steps }],
                cells: names(["c", "d"]),
                locks: names(["k", "l"]),
                queues: vec![("q".into(), 1), ("r".into(), 7)],
            };
            let text = script.to_string();
            prop_assume!(text.len() <= LONGEST_SCRIPT);
            prop_assert_eq!(Script::read(&text), Ok(script));
        }
    }
}
