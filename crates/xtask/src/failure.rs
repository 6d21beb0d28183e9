//! What ends a command early: a fact, and what to do about it.
use std::fmt;

pub type Outcome<T = ()> = Result<T, Failure>;

/// Why a command could not go on. It is printed once, by `main`.
#[derive(Debug)]
pub struct Failure {
    /// What happened, as a neutral sentence.
    pub fact: String,
    /// What the reader can do about it, as a sentence or a command to type.
    pub remedy: String,
    /// True when the command line itself was wrong, which has an exit code of its own.
    pub usage: bool,
}

impl Failure {
    pub fn new(fact: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { fact: fact.into(), remedy: remedy.into(), usage: false }
    }

    pub fn usage(fact: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { usage: true, ..Self::new(fact, remedy) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.fact)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(out, "\n  What to do: {}", self.remedy) }
    }
}

/// Turns an operating system's error about a path into a failure that names the path.
pub trait AtPath<T> {
    fn at(self, action: &str, path: &std::path::Path) -> Outcome<T>;
}

impl<T> AtPath<T> for std::io::Result<T> {
    fn at(self, action: &str, path: &std::path::Path) -> Outcome<T> {
        self.map_err(|error| {
            let remedy = match error.kind() {
                std::io::ErrorKind::StorageFull => "Free some space on that disk, then run the same command again.",
                std::io::ErrorKind::PermissionDenied => {
                    "Make that path writable for you, then run the same command again."
                }
                std::io::ErrorKind::ReadOnlyFilesystem => "Work in a folder that can be written to.",
                _ => "Look at that path, then run the same command again.",
            };
            Failure::new(format!("Could not {action} {}: {error}.", path.display()), remedy)
        })
    }
}
