//! Reading a text of jobs: words first, then lines.

use super::error::Expected;
use super::tally;
use super::{Limit, Line, Problem, Script, ScriptError, ScriptStep};

/// A word, a number or a sign, and where it stands.
#[derive(Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    line: u32,
    column: u32,
}

impl Token<'_> {
    fn error(self, problem: Problem) -> ScriptError {
        ScriptError { line: self.line, column: self.column, problem }
    }

    /// Letters in small, as names and steps are compared.
    fn word(self) -> String {
        self.text.to_ascii_lowercase()
    }
}

/// What a reader is shown of what he has typed.
fn excerpt(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(20).collect()
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// The tokens of one line. A number ends where letters begin, so that `10ms` and `2x` are two.
fn tokens(line: &str, number: u32) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = line.char_indices().enumerate().peekable();
    while let Some((column, (start, first))) = rest.next() {
        if first == '#' {
            break;
        }
        if first.is_whitespace() {
            continue;
        }
        let is_number = first.is_ascii_digit();
        let mut end = start + first.len_utf8();
        while is_word(first) {
            let goes_on = |character: char| is_word(character) && (!is_number || character.is_ascii_digit());
            match rest.next_if(|(_, (_, character))| goes_on(*character)) {
                Some((_, (at, character))) => end = at + character.len_utf8(),
                None => break,
            }
        }
        tokens.push(Token { text: &line[start..end], line: number, column: column as u32 + 1 });
    }
    tokens
}

/// What is left of a line.
struct Reader<'a> {
    tokens: std::slice::Iter<'a, Token<'a>>,
    /// Where something is missing at the end of the line.
    end: Token<'a>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.as_slice().first().copied()
    }

    fn is_next(&self, text: &str) -> bool {
        self.peek().is_some_and(|token| token.text == text)
    }

    fn accept(&mut self, text: &str) -> bool {
        let is_next = self.is_next(text);
        if is_next {
            self.tokens.next();
        }
        is_next
    }

    fn missing(&self, expected: Expected) -> ScriptError {
        let token = self.peek().unwrap_or(self.end);
        token.error(Problem::Expected(expected, excerpt(token.text)))
    }

    fn demand(&mut self, text: &str, expected: Expected) -> Result<(), ScriptError> {
        if self.accept(text) { Ok(()) } else { Err(self.missing(expected)) }
    }

    fn number(&mut self, limit: Limit) -> Result<u32, ScriptError> {
        let token = self.peek().filter(|token| token.text.starts_with(|digit: char| digit.is_ascii_digit()));
        let Some(token) = token else { return Err(self.missing(Expected::Number)) };
        self.tokens.next();
        // Digits only, so that what cannot be read is too large.
        let value = token.text.parse().unwrap_or(u64::MAX);
        // Every limit is far below 2³².
        limit.check(value).map(|value| value as u32).map_err(|problem| token.error(problem))
    }

    fn name(&mut self) -> Result<(String, Token<'a>), ScriptError> {
        let token = self.peek().filter(|token| token.text.starts_with(|letter: char| letter.is_ascii_alphabetic()));
        let Some(token) = token else { return Err(self.missing(Expected::Name)) };
        self.tokens.next();
        Limit::NameLength.check(token.text.len() as u64).map_err(|problem| token.error(problem))?;
        Ok((token.word(), token))
    }
}

/// The number of a name, which is new where it has not been seen.
fn numbered<T>(
    list: &mut Vec<T>,
    (name, token): (String, Token<'_>),
    is_named: impl Fn(&T, &str) -> bool,
    new: impl FnOnce(String) -> T,
) -> Result<u32, ScriptError> {
    let known = list.iter().position(|entry| is_named(entry, &name));
    let number = match known {
        Some(number) => number,
        None => {
            Limit::Names.check(list.len() as u64 + 1).map_err(|problem| token.error(problem))?;
            list.push(new(name));
            list.len() - 1
        }
    };
    Ok(number as u32)
}

impl Script {
    fn cell(&mut self, reader: &mut Reader<'_>) -> Result<u32, ScriptError> {
        numbered(&mut self.cells, reader.name()?, |known, name| known == name, |name| name)
    }

    fn lock(&mut self, reader: &mut Reader<'_>) -> Result<u32, ScriptError> {
        numbered(&mut self.locks, reader.name()?, |known, name| known == name, |name| name)
    }

    /// A queue that nobody describes holds one.
    fn queue(&mut self, reader: &mut Reader<'_>) -> Result<u32, ScriptError> {
        numbered(&mut self.queues, reader.name()?, |(known, _), name| known == name, |name| (name, 1))
    }

    fn steps(&mut self, reader: &mut Reader<'_>, depth: u64) -> Result<Vec<ScriptStep>, ScriptError> {
        let mut steps = Vec::new();
        loop {
            steps.push(self.step(reader, depth)?);
            let goes_on = reader.accept(";");
            if reader.peek().is_none() || reader.is_next("}") && depth > 0 {
                return Ok(steps);
            }
            if !goes_on {
                return Err(reader.missing(Expected::Semicolon));
            }
        }
    }

    fn step(&mut self, reader: &mut Reader<'_>, depth: u64) -> Result<ScriptStep, ScriptError> {
        let is_word = |token: &Token<'_>| token.text.starts_with(|letter: char| letter.is_ascii_alphabetic());
        let Some(token) = reader.peek().filter(is_word) else { return Err(reader.missing(Expected::Step)) };
        reader.tokens.next();
        Ok(match token.word().as_str() {
            "compute" => ScriptStep::Compute(reader.number(Limit::Below)?),
            "wait" => ScriptStep::Wait(millis(reader)?),
            "fetch" => ScriptStep::Fetch(millis(reader)?),
            "yield" => ScriptStep::Yield,
            "call" => ScriptStep::Call,
            "load" => ScriptStep::Load(self.cell(reader)?),
            "add" => ScriptStep::Add(reader.number(Limit::Amount)?),
            "store" => ScriptStep::Store(self.cell(reader)?),
            "lock" => ScriptStep::Lock(self.lock(reader)?),
            "unlock" => ScriptStep::Unlock(self.lock(reader)?),
            "put" => ScriptStep::Put(self.queue(reader)?),
            "take" => ScriptStep::Take(self.queue(reader)?),
            "repeat" => {
                Limit::Depth.check(depth + 1).map_err(|problem| token.error(problem))?;
                let times = reader.number(Limit::Times)?;
                reader.demand("{", Expected::OpeningBrace)?;
                let steps = self.steps(reader, depth + 1)?;
                reader.demand("}", Expected::ClosingBrace)?;
                ScriptStep::Repeat(times, steps)
            }
            _ => return Err(token.error(Problem::UnknownStep(excerpt(token.text)))),
        })
    }
}

fn millis(reader: &mut Reader<'_>) -> Result<u32, ScriptError> {
    let millis = reader.number(Limit::Millis)?;
    reader.accept("ms");
    Ok(millis)
}

/// How often there is such a job: `4 x`, once if nothing is said.
fn count(reader: &mut Reader<'_>) -> Result<u32, ScriptError> {
    if !reader.peek().is_some_and(|token| token.text.starts_with(|digit: char| digit.is_ascii_digit())) {
        return Ok(1);
    }
    let count = reader.number(Limit::Jobs)?;
    if ["x", "X", "×", "*"].into_iter().any(|sign| reader.accept(sign)) {
        Ok(count)
    } else {
        Err(reader.missing(Expected::Step))
    }
}

pub(super) fn read(text: &str) -> Result<Script, ScriptError> {
    let at_start = Token { text: "", line: 1, column: 1 };
    Limit::Bytes.check((text.len() as u64).max(1)).map_err(|problem| at_start.error(problem))?;
    let mut script = Script::default();
    let mut described: Vec<u32> = Vec::new();
    let mut places = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let tokens = tokens(line, number);
        let Some(first) = tokens.first() else { continue };
        let end = Token { text: "", line: number, column: line.trim_end().chars().count() as u32 + 1 };
        let mut reader = Reader { tokens: tokens.iter(), end };
        if first.word() == "queue" {
            reader.tokens.next();
            let name = reader.peek();
            let queue = script.queue(&mut reader)?;
            if described.contains(&queue) {
                let token = name.unwrap_or(end);
                return Err(token.error(Problem::QueueTwice(excerpt(token.text))));
            }
            described.push(queue);
            script.queues[queue as usize].1 = reader.number(Limit::Capacity)?;
            if reader.peek().is_some() {
                return Err(reader.missing(Expected::Semicolon));
            }
            continue;
        }
        let jobs = count(&mut reader)?;
        Limit::Jobs.check(u64::from(script.jobs() + jobs)).map_err(|problem| first.error(problem))?;
        let steps = script.steps(&mut reader, 0)?;
        script.lines.push(Line { jobs, steps });
        places.push(Token { text: "", ..*first });
    }
    if script.lines.is_empty() {
        return Err(at_start.error(Problem::NoJob));
    }
    tally::check(&script).map_err(|(line, problem)| places[line].error(problem))?;
    Ok(script)
}
