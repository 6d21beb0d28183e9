//! `cargo xtask test`: every check in turn, a line for each stage, and the sum of all.
use crate::browsers;
use crate::engine::Edition;
use crate::failure::{Failure, Outcome};
use crate::lock::BuildLock;
use crate::npm::AXE;
use crate::page;
use crate::process::{answer, follow, forget_our_cargo, on_path, spoken};
use crate::progress::{say, warn};
use crate::project::Project;
use crate::snapshot::Snapshot;
use crate::toolchain::Compilers;
use crate::{setup, sizes, tidy};
use std::io::IsTerminal;
use std::process::Command;
use std::time::{Duration, Instant};

/// What a stage came to.
#[derive(Default, Debug, PartialEq, Clone, Copy)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// The stages so far.
struct Suite {
    lines: Vec<String>,
    total: Counts,
}

pub fn run(project: &Project, filter: Option<&str>, browser: Option<&str>) -> Outcome {
    let start = Instant::now();
    let compilers = setup::run(project)?;
    let found = browsers::provide(project, browser)?;
    // Somebody who asks for one thing wants to wait for that alone.
    let whole = filter.is_none() && browser.is_none();
    let mut suite = Suite { lines: Vec::new(), total: Counts::default() };
    if whole {
        suite.component("format", "cargo-fmt", &["fmt", "--all", "--check"]);
        suite.component("lints", "cargo-clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
        suite.stage("rules (tidy)", || tidy::run(&project.root).map(|()| ONE));
    }
    if browser.is_none() {
        let words: Vec<&str> = ["test", "--workspace", "--exclude", "tests"].into_iter().chain(filter).collect();
        suite.stage("native tests", || tests(cargo(project).args(&words), 1200));
        let words: Vec<&str> = ["test", "--package", "tests", "--lib"].into_iter().chain(filter).collect();
        suite.stage("tests of the test tools", || tests(cargo(project).args(&words), 600));
    }
    let mut release = None;
    suite.stage("release", || {
        let lock = page::build(project, &compilers, Edition::Release, &project.dist(), &[])?;
        release = Some(Snapshot::of_dist(project, lock)?);
        Ok(ONE)
    });
    if whole {
        if let Some(release) = &release {
            suite.stage("sizes", || sizes::run(&release.folder).map(|()| ONE));
        }
        suite.stage("plain trunk in a fresh shell", || plain_trunk(project, &compilers));
    }
    match &release {
        Some(release) => {
            let mut command = cargo(project);
            command.args(["test", "--package", "tests", "--test", "browser", "--"]).args(filter);
            command.env("INTERLEAVE_DIST", &release.folder).envs(found.variables);
            match AXE.fetch(project) {
                Ok(file) => command.env("INTERLEAVE_AXE", file),
                Err(failure) => {
                    warn(failure.to_string());
                    command.env("INTERLEAVE_MISSING_AXE", failure.to_string().replace('\n', " "))
                }
            };
            command.env("INTERLEAVE_BROWSER", browser.unwrap_or(""));
            suite.stage("browsers", || tests(&mut command, 1800));
        }
        None => suite.skip("browsers", "there is no release to look at"),
    }
    for (name, reason) in &found.missing {
        suite.skip(name, reason);
    }
    suite.conclude(start.elapsed(), filter)
}

/// What a stage counts as that is one check rather than a number of tests.
const ONE: Counts = Counts { passed: 1, failed: 0, skipped: 0 };

impl Suite {
    /// Runs a stage; the next ones go on whether it holds or not.
    fn stage(&mut self, name: &str, run: impl FnOnce() -> Outcome<Counts>) {
        say(format!("== {name}"));
        let start = Instant::now();
        let counts = run().unwrap_or_else(|failure| {
            warn(failure.to_string());
            Counts { failed: 1, ..Counts::default() }
        });
        let verdict = if counts.failed > 0 { "FAILED" } else { "ok" };
        let Counts { passed, failed, skipped } = counts;
        let took = spoken(start.elapsed());
        self.lines.push(format!("{verdict:<7} {name}: {passed} passed, {failed} failed, {skipped} skipped ({took})"));
        self.total = self.total.plus(counts);
    }

    fn skip(&mut self, name: &str, reason: &str) {
        self.lines.push(format!("skipped {name}: {reason}"));
        self.total.skipped += 1;
    }

    /// A check that needs a component of the toolchain, which a minimal installation leaves out.
    fn component(&mut self, name: &str, program: &str, arguments: &[&str]) {
        if answer(Command::new(program).arg("--version")).is_none() {
            let component = program.replace("cargo-", "").replace("fmt", "rustfmt");
            return self.skip(name, &format!("{program} is not installed; `rustup component add {component}` adds it"));
        }
        self.stage(name, || {
            let mut command = Command::new("cargo");
            tests(command.args(arguments), 1200).map(|_| ONE)
        });
    }

    fn conclude(self, took: Duration, filter: Option<&str>) -> Outcome {
        println!();
        for line in &self.lines {
            println!("{line}");
        }
        let Counts { passed, failed, skipped } = self.total;
        println!("{passed} passed, {failed} failed, {skipped} skipped ({})", spoken(took));
        if failed > 0 {
            return Err(Failure::new(
                "Not everything holds.",
                "Look above for the first FAILED; `cargo xtask test NAME` repeats one test.",
            ));
        }
        match filter {
            Some(filter) if passed <= 1 => Err(Failure::new(
                format!("No test's name contains `{filter}`."),
                "`cargo xtask test` without a filter runs them all.",
            )),
            _ => Ok(()),
        }
    }
}

impl Counts {
    fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }

    /// What one line of a test runner's output adds: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn of_line(line: &str) -> Self {
        let Some((_, numbers)) = line.split_once("test result: ") else { return Self::default() };
        let number = |word| {
            let before = numbers.split([';', '.']).find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok());
            before.unwrap_or(0)
        };
        Self { passed: number("passed"), failed: number("failed"), skipped: number("ignored") }
    }
}

fn cargo(project: &Project) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(&project.root);
    command
}

/// Runs a command that may run tests, shows what it says and adds up its results.
fn tests(command: &mut Command, limit: u64) -> Outcome<Counts> {
    if std::io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut counts = Counts::default();
    let ended = follow(command, Duration::from_secs(limit), |line| {
        println!("{line}");
        counts = counts.plus(Counts::of_line(line));
    })?;
    match (ended.status.success(), counts.failed) {
        // It did not get as far as a result that says so: it did not compile, or it crashed.
        (false, 0) => Err(Failure::new(
            format!("`{}` failed.", crate::process::name_of(command)),
            "Its last lines above say why.",
        )),
        _ => Ok(counts),
    }
}

/// What a person does after `cargo xtask setup`: a new shell, this folder, `trunk build`.
fn plain_trunk(project: &Project, compilers: &Compilers) -> Outcome<Counts> {
    let shell = on_path("bash").unwrap_or_else(|| "/bin/sh".into());
    let dist = project.root.join("target/plain-trunk");
    let mut command = Command::new(shell);
    forget_our_cargo(&mut command);
    let keep = ["HOME", "PATH", "USER", "CARGO_HOME", "RUSTUP_HOME", "XDG_CACHE_HOME", "CARGO_NET_OFFLINE"];
    let kept = keep.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
    let lock = BuildLock::take(&project.root)?;
    // No variable of ours may be what makes it work, so the shell starts with next to none. That of the lock only keeps
    // other builds out.
    command.env_clear().envs(kept).current_dir(&project.root).args(["-c", "exec trunk build --dist \"$0\""]).arg(&dist);
    lock.lend(&mut command);
    let version = answer(Command::new("trunk").arg("--version")).unwrap_or_default();
    if version.split_whitespace().nth(1) != Some(project.tool_version("trunk")?.as_str()) {
        warn(format!("a plain `trunk` is `{version}` here, so it is not tried; see the notes of `cargo xtask setup`"));
        return Ok(Counts { skipped: 1, ..Counts::default() });
    }
    let ended = follow(&mut command, Duration::from_secs(900), |line| println!("{line}"))?;
    if ended.status.success() && dist.join("manifest.json").is_file() && dist.join("index.html").is_file() {
        return Ok(ONE);
    }
    Err(Failure::new(
        format!(
            "A plain `trunk build` in a fresh shell failed; the page is built with {}.",
            compilers.page.description()
        ),
        "Run `cargo xtask setup` and heed its notes.",
    ))
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[track_caller]
    fn check(line: &str, passed: usize, failed: usize, skipped: usize) {
        assert_eq!(Counts::of_line(line), Counts { passed, failed, skipped });
    }

    #[test]
    fn results_are_read_from_both_runners() {
        check(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s",
            12,
            0,
            1,
        );
        check(
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.5s",
            1,
            2,
            0,
        );
        check("test result: \u{1b}[31mFAILED\u{1b}[0m. 1 passed; 2 failed; 0 ignored; 0 measured", 1, 2, 0);
        check("running 3 tests", 0, 0, 0);
    }
}
