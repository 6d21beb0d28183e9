//! What is wrong with a text of jobs, and where.

use core::fmt;

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The line, from one.
    pub line: u32,
    /// The character within the line, from one.
    pub column: u32,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no job.
    NoJob,
    /// No step has that name.
    UnknownStep(String),
    /// Something else belongs here than what stands there, if anything does.
    Expected(Expected, String),
    /// A queue is described twice.
    QueueTwice(String),
    /// Something is too small or too large.
    OutOfLimits {
        /// What.
        limit: Limit,
        /// How much it is.
        value: u64,
    },
}

/// What belongs somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A step.
    Step,
    /// A whole number.
    Number,
    /// A name of letters and digits that begins with a letter.
    Name,
    /// A semicolon, or the end of the line or of the repeat.
    Semicolon,
    /// `{`
    OpeningBrace,
    /// `}`
    ClosingBrace,
}

/// What has a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The length of the text.
    Bytes,
    /// Jobs in all.
    Jobs,
    /// A number below which primes are counted.
    Below,
    /// How long a wait is, or an answer takes.
    Millis,
    /// What is added.
    Amount,
    /// How often something is repeated.
    Times,
    /// How much a queue holds.
    Capacity,
    /// Repeats within repeats.
    Depth,
    /// Different names of a kind.
    Names,
    /// Letters of a name.
    NameLength,
    /// Steps that all jobs take together.
    StepsInAll,
    /// Numbers that all jobs look at together when they count primes.
    ComputedInAll,
    /// How long one job waits in all.
    MillisInAll,
}

impl Limit {
    /// The smallest and the largest value.
    pub const fn range(self) -> (u64, u64) {
        match self {
            Limit::Bytes => (1, super::LONGEST_SCRIPT as u64),
            Limit::Jobs => (1, 64),
            Limit::Below => (0, 10_000_000),
            Limit::Millis => (0, 10_000),
            Limit::Amount => (0, 1_000_000),
            Limit::Times => (0, 100_000),
            Limit::Capacity => (1, 1_000),
            Limit::Depth => (0, 3),
            Limit::Names => (0, 16),
            Limit::NameLength => (1, 16),
            Limit::StepsInAll => (1, 200_000),
            Limit::ComputedInAll => (0, 50_000_000),
            Limit::MillisInAll => (0, 60_000),
        }
    }

    /// Its name in English.
    const fn name(self) -> &'static str {
        match self {
            Limit::Bytes => "bytes of the text",
            Limit::Jobs => "jobs",
            Limit::Below => "numbers to compute",
            Limit::Millis => "milliseconds",
            Limit::Amount => "what is added",
            Limit::Times => "times",
            Limit::Capacity => "room in a queue",
            Limit::Depth => "repeats within repeats",
            Limit::Names => "different names",
            Limit::NameLength => "letters of a name",
            Limit::StepsInAll => "steps in all",
            Limit::ComputedInAll => "numbers to compute in all",
            Limit::MillisInAll => "milliseconds of one job",
        }
    }

    /// An error if the value is not within the limits.
    pub(super) fn check(self, value: u64) -> Result<u64, Problem> {
        let (least, most) = self.range();
        if (least..=most).contains(&value) { Ok(value) } else { Err(Problem::OutOfLimits { limit: self, value }) }
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.problem)
    }
}

impl core::error::Error for ScriptError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::NoJob => f.write_str("there is no job yet"),
            Problem::UnknownStep(word) => write!(f, "there is no step “{word}”"),
            Problem::Expected(expected, found) if found.is_empty() => write!(f, "{expected} belongs here"),
            Problem::Expected(expected, found) => write!(f, "{expected} belongs here, not “{found}”"),
            Problem::QueueTwice(name) => write!(f, "the queue “{name}” has been described before"),
            Problem::OutOfLimits { limit, value } => {
                let (least, most) = limit.range();
                write!(f, "{}: {value} is outside {least} to {most}", limit.name())
            }
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Expected::Step => "a step",
            Expected::Number => "a whole number",
            Expected::Name => "a name",
            Expected::Semicolon => "a semicolon",
            Expected::OpeningBrace => "an opening brace",
            Expected::ClosingBrace => "a closing brace",
        })
    }
}
