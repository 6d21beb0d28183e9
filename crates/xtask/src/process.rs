//! Child processes: each in a group of its own, with a time limit, and none outlives us.
use crate::failure::{Failure, Outcome};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Variables that cargo and rustup's proxy set for an xtask. A child that is to choose its own compiler must not see them.
const SET_BY_CARGO: &[&str] =
    &["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN", "RUST_RECURSION_COUNT", "RUSTUP_TOOLCHAIN_SOURCE"];

/// How many of the last lines of a failed child are shown.
const LAST_LINES: usize = 15;

static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn groups() -> std::sync::MutexGuard<'static, Vec<u32>> {
    GROUPS.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// On Ctrl-C, a hang-up or a termination every child's group ends before we do: being in groups of their own, the
/// terminal does not tell them.
pub fn end_children_with_us() -> Outcome {
    ctrlc::set_handler(|| {
        // Held until we are gone, so that no child is started in between.
        let groups = groups();
        groups.iter().for_each(|group| kill_group(*group));
        std::process::exit(130);
    })
    .map_err(|error| Failure::new(format!("Could not listen for Ctrl-C: {error}."), ""))
}

fn kill_group(group: u32) {
    // A group that is gone is no error.
    let _ = signal("KILL", &format!("-{group}"));
}

/// Sends a signal by the shell's own `kill`: this crate holds no unsafe code, and a bare Debian has no program of that name.
fn signal(name: &str, whom: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-c", "kill -s \"$0\" -- \"$1\"", name, whom]);
    answer(&mut shell).is_some()
}

/// Removes what `cargo xtask` itself was started with, so that the child finds its own cargo and compiler.
pub fn forget_our_cargo(command: &mut Command) {
    for name in SET_BY_CARGO {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    // `cargo run` puts the libraries of the host's toolchain here; another compiler must not load them.
    command.env_remove("LD_LIBRARY_PATH").env_remove("DYLD_FALLBACK_LIBRARY_PATH");
}

/// How a child ended, and the last lines it wrote.
pub struct Ended {
    /// The exit status.
    pub status: ExitStatus,
    /// The last lines of output and errors together.
    pub tail: String,
}

/// A child's process group, known to the signal handler while it lives.
struct Group(u32);

impl Drop for Group {
    fn drop(&mut self) {
        groups().retain(|group| *group != self.0);
    }
}

pub fn name_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn spawn(command: &mut Command) -> Outcome<(Child, Group)> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut groups = groups();
    let child = command.stdin(Stdio::null()).process_group(0).spawn().map_err(|error| {
        let remedy = if error.kind() == std::io::ErrorKind::NotFound {
            format!("Install `{program}` or put it on your PATH.")
        } else {
            "Run the same command again once that is mended.".into()
        };
        Failure::new(format!("Could not start `{program}`: {error}."), remedy)
    })?;
    groups.push(child.id());
    let group = Group(child.id());
    Ok((child, group))
}

fn overdue(command: &Command, limit: Duration) -> Failure {
    Failure::new(
        format!("`{}` was still running after {} and was ended.", name_of(command), spoken(limit)),
        "Run the same command again; if it happens again, run the program by hand to see where it waits.",
    )
}

/// Runs a child that writes straight to our terminal.
pub fn show(command: &mut Command, limit: Duration) -> Outcome<ExitStatus> {
    let (mut child, group) = spawn(command)?;
    let deadline = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                kill_group(group.0);
                let _ = child.wait();
                return Err(overdue(command, limit));
            }
            Err(error) => return Err(Failure::new(format!("Could not wait for `{}`: {error}.", name_of(command)), "")),
        }
    }
}

/// Runs a child and hands every line that it writes to `on_line`.
pub fn follow(command: &mut Command, limit: Duration, mut on_line: impl FnMut(&str)) -> Outcome<Ended> {
    let (mut child, group) = spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let (sender, lines) = mpsc::channel();
    let pipes: [Option<Box<dyn Read + Send>>; 2] =
        [child.stdout.take().map(|pipe| Box::new(pipe) as _), child.stderr.take().map(|pipe| Box::new(pipe) as _)];
    for pipe in pipes.into_iter().flatten() {
        let sender = sender.clone();
        thread::spawn(move || {
            let mut reader = BufReader::new(pipe);
            let mut bytes = Vec::new();
            while reader.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
                let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
                if sender.send(line).is_err() {
                    return;
                }
                bytes.clear();
            }
        });
    }
    drop(sender);
    let deadline = Instant::now() + limit;
    let mut last = VecDeque::new();
    let mut exited: Option<(ExitStatus, Instant)> = None;
    loop {
        // A grandchild may keep the pipe open after the child has ended: then a second more is enough for the last lines.
        if exited.is_none() {
            exited = child.try_wait().ok().flatten().map(|status| (status, Instant::now()));
        }
        match lines.recv_timeout(Duration::from_millis(100)) {
            Ok(line) => {
                on_line(&line);
                if last.len() == LAST_LINES {
                    last.pop_front();
                }
                last.push_back(line);
            }
            Err(RecvTimeoutError::Disconnected) if exited.is_some() => break,
            Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(10)),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if exited.is_some_and(|(_, when)| when.elapsed() > Duration::from_secs(1)) {
            break;
        }
        if Instant::now() > deadline {
            kill_group(group.0);
            let _ = child.wait();
            return Err(overdue(command, limit));
        }
    }
    let (status, _) = exited.expect("the loop ends only after the child has");
    kill_group(group.0);
    Ok(Ended { status, tail: last.into_iter().collect::<Vec<_>>().join("\n") })
}

/// The standard output of a short question to a program, or nothing when it cannot answer.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a process with this number lives.
pub fn is_alive(process: &str) -> bool {
    signal("0", process)
}

/// Where `program` is found on PATH.
pub fn on_path(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| is_executable(file))
}

pub fn is_executable(file: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// A duration as one says it: "0.4 s", "12 s", "3 min 5 s".
pub fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 119.5 => format!("{s:.0} s"),
        s => format!("{} min {} s", s as u64 / 60, s as u64 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::{follow, is_alive, show, spoken};
    use std::process::Command;
    use std::time::{Duration, Instant};

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn lines_and_the_last_of_them_are_kept() {
        let mut lines = Vec::new();
        let ended = follow(&mut shell("seq 20; echo wrong >&2; exit 3"), Duration::from_secs(20), |line| {
            lines.push(line.to_owned())
        });
        let ended = ended.expect("it ends by itself");
        assert_eq!((ended.status.code(), lines.len(), ended.tail.lines().count()), (Some(3), 21, 15));
    }

    #[test]
    fn a_child_and_its_children_end_at_the_limit() {
        let start = Instant::now();
        let failure = show(&mut shell("sleep 60 & wait"), Duration::from_millis(200)).expect_err("it waits longer");
        assert!(failure.fact.contains("still running after 0.2 s"), "{failure}");
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn who_lives_is_known() {
        assert!(is_alive(&std::process::id().to_string()));
        assert!(!is_alive("4194305"), "Linux numbers no process beyond 4194304");
    }

    #[test]
    fn a_missing_program_is_named() {
        let failure = show(&mut Command::new("no-such-program"), Duration::from_secs(1)).expect_err("there is none");
        assert!(failure.remedy.contains("no-such-program"), "{failure}");
    }

    #[test]
    fn durations_are_said_as_people_do() {
        let said = [0.44, 12.3, 185.0].map(|seconds| spoken(Duration::from_secs_f64(seconds)));
        assert_eq!(said, ["0.4 s", "12 s", "3 min 5 s"]);
    }
}
