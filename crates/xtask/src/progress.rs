//! One line for each long step: what, why, how long it usually takes, and how long it took.
use crate::failure::{Failure, Outcome};
use crate::process::{follow, name_of, spoken};
use std::process::Command;
use std::time::{Duration, Instant};

/// How often a silent step says that it still goes on.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// A long step that hides its output while it goes well.
pub struct Step<'a> {
    /// What is done, as "Compiling trunk 0.21.14".
    pub what: &'a str,
    /// Why it is needed, as "it builds and serves the page".
    pub why: &'a str,
    /// How long it usually takes, as "about 4 minutes, once".
    pub usually: &'a str,
    /// After how long it is given up.
    pub limit: Duration,
    /// What to do when it fails.
    pub remedy: &'a str,
}

pub fn say(line: impl AsRef<str>) {
    println!("xtask: {}", line.as_ref());
}

pub fn warn(line: impl AsRef<str>) {
    println!("xtask: NOTE: {}", line.as_ref());
}

impl Step<'_> {
    pub fn run(&self, command: &mut Command) -> Outcome {
        say(format!("{} ({}; {}) …", self.what, self.why, self.usually));
        let start = Instant::now();
        let mut spoke = start;
        let ended = follow(command, self.limit, |line| {
            // Cargo's own lines tell how far it is; one now and then is enough.
            if spoke.elapsed() > HEARTBEAT && !line.trim().is_empty() {
                say(format!("  … {} so far: {}", spoken(start.elapsed()), line.trim()));
                spoke = Instant::now();
            }
        })?;
        if ended.status.success() {
            say(format!("  done in {}", spoken(start.elapsed())));
            return Ok(());
        }
        let tail = ended.tail.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n");
        Err(Failure::new(
            format!("{} failed after {}: `{}` said:\n{tail}", self.what, spoken(start.elapsed()), name_of(command)),
            self.remedy,
        ))
    }
}
