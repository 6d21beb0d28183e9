//! The command line: words, and flags with a value.
use crate::failure::{Failure, Outcome};

/// What a command was given.
#[derive(Debug, Default)]
pub struct Arguments {
    /// The words that are not flags, in order.
    pub words: Vec<String>,
    values: Vec<(String, String)>,
}

/// What a command accepts.
#[derive(Clone, Copy)]
pub struct Accepted {
    /// How many words it takes at most.
    pub words: usize,
    /// Its flags with a value, as "--port".
    pub values: &'static [&'static str],
}

impl Arguments {
    pub fn parse(command: &str, given: &[String], accepted: Accepted) -> Outcome<Self> {
        let mut parsed = Self::default();
        let mut rest = given.iter();
        let see = format!("`cargo xtask help {command}` lists what it takes.");
        while let Some(word) = rest.next() {
            let (name, inline) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (word.as_str(), None),
            };
            if accepted.values.contains(&name) {
                let value = inline.or_else(|| rest.next().cloned());
                let value = value.ok_or_else(|| Failure::usage(format!("`{name}` needs a value."), see.as_str()))?;
                parsed.values.push((name.to_owned(), value));
            } else if word.starts_with('-') {
                return Err(Failure::usage(format!("`cargo xtask {command}` has no flag `{name}`."), see));
            } else if parsed.words.len() == accepted.words {
                return Err(Failure::usage(
                    format!("`cargo xtask {command}` does not know what to do with `{word}`."),
                    see,
                ));
            } else {
                parsed.words.push(word.clone());
            }
        }
        Ok(parsed)
    }

    /// The value of a flag; the last one counts.
    pub fn value(&self, flag: &str) -> Option<&str> {
        self.values.iter().rev().find(|(name, _)| name == flag).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{Accepted, Arguments};

    const TEST: Accepted = Accepted { words: 1, values: &["--browser"] };

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let given: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let seen = match Arguments::parse("test", &given, TEST) {
            Ok(parsed) => format!("{:?} {:?}", parsed.words, parsed.value("--browser")),
            Err(failure) => failure.fact,
        };
        assert_eq!(seen, expected);
    }

    #[test]
    fn command_lines() {
        check("", "[] None");
        check("pool --browser firefox", "[\"pool\"] Some(\"firefox\")");
        check("--browser=firefox", "[] Some(\"firefox\")");
        check("--browser", "`--browser` needs a value.");
        check("--brwser x", "`cargo xtask test` has no flag `--brwser`.");
        check("a b", "`cargo xtask test` does not know what to do with `b`.");
    }
}
