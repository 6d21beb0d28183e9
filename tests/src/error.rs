use std::{fmt, io, path::PathBuf, time::Duration};

/// Why a case or a command could not go on.
#[derive(Debug)]
pub enum Error {
    /// A browser or its driver is not on this machine.
    Missing(String),
    /// The driver's process could not be started or did not answer.
    Driver(String),
    /// The driver answered a command with an error, or not in its protocol.
    Command { command: String, reason: String },
    /// A script that ran in the page threw, or its promise was rejected.
    Script(String),
    /// Something awaited did not happen; says what the page showed instead.
    TimedOut { awaited: String, limit: Duration, shown: String },
    /// The page, or something it started, reported errors that the case did not expect.
    PageErrors(Vec<String>),
    /// Something that must hold did not.
    NotHeld(String),
    /// A file of ours could not be read or written.
    File { path: PathBuf, cause: io::Error },
    /// A file was read, but says something else than expected.
    Content { path: PathBuf, reason: String },
    /// A command line that this program does not understand.
    Usage(String),
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(reason) | Self::Driver(reason) | Self::Usage(reason) | Self::NotHeld(reason) => {
                write!(out, "{reason}")
            }
            Self::Command { command, reason } => write!(out, "the driver refused {command}: {reason}"),
            Self::Script(message) => write!(out, "the page's script ended with: {message}"),
            Self::TimedOut { awaited, limit, shown } => {
                write!(out, "waited {:.1} s in vain for {awaited}\n{shown}", limit.as_secs_f64())
            }
            Self::PageErrors(errors) => write!(out, "the page reported errors:\n  {}", errors.join("\n  ")),
            Self::File { path, cause } => write!(out, "{}: {cause}", path.display()),
            Self::Content { path, reason } => write!(out, "{}: {reason}", path.display()),
        }
    }
}

impl std::error::Error for Error {}

pub type Result<T, E = Error> = std::result::Result<T, E>;
