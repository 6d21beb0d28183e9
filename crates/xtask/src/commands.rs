//! The commands: what each takes, what it does, and what `help` says about it.
use crate::arguments::{Accepted, Arguments};
use crate::engine::{self, Edition};
use crate::failure::{Failure, Outcome};
use crate::lock::BuildLock;
use crate::npm::{BINARYEN, PYODIDE};
use crate::project::Project;
use crate::snapshot::Snapshot;
use crate::{browsers, hosting, page, process, serve, setup, sizes, suite, tidy};
use std::path::PathBuf;
use std::process::Command as Process;
use std::time::Duration;

/// One command.
pub struct Command {
    /// What is typed after `cargo xtask`.
    name: &'static str,
    /// The words and flags that may follow, as the help shows them.
    usage: &'static str,
    /// What it does, in a line.
    summary: &'static str,
    /// The rest that somebody wants to know.
    details: &'static str,
    run: fn(&Project, &[String]) -> Outcome,
}

const NONE: Accepted = Accepted { words: 0, values: &[] };
const SUITE: Accepted = Accepted { words: 1, values: &["--browser"] };

const COMMANDS: &[Command] = &[
    Command {
        name: "serve",
        usage: "[--port N] [--no-open] [flags of `trunk serve`]",
        summary: "get what is missing, build, and serve the page on this machine",
        details: "The page is on http://127.0.0.1:8080/ and reloads after an edit; a browser opens if there is a screen. \
                  The page's own program is a debug build, the engine is always optimised. Ctrl-C ends it.",
        run: serve::run,
    },
    Command {
        name: "setup",
        usage: "",
        summary: "get the compilers and tools, so that a plain `trunk serve` works too",
        details: "Compilers come from rustup, or from the distribution's packages where rustup cannot provide them. Tools are kept by \
                  version in the user's cache folder, so that another clone finds them. For a plain `trunk serve` there is then a \
                  link to `trunk` among cargo's programs (unless there is one already), wasm-bindgen in Trunk's own cache, and, where \
                  only the distribution compiles wasm, a linked toolchain with an override for this folder. Run it again at any time.",
        run: |project, words| {
            Arguments::parse("setup", words, NONE)?;
            setup::run(project).map(|_| ())
        },
    },
    Command {
        name: "build",
        usage: "",
        summary: "build the page for development into dist/",
        details: "The same as what `serve` shows. The engine is optimised by the compiler alone.",
        run: |project, words| {
            Arguments::parse("build", words, NONE)?;
            page::build(project, &page::provide(project)?, Edition::Development, &project.dist(), &[]).map(|_| ())
        },
    },
    Command {
        name: "dist",
        usage: "[--public-url URL]",
        summary: "build the release into dist/, ready for any static host",
        details: "Everything goes through wasm-opt if Node is there. Addresses are relative, so it may lie below any path; \
                  `--public-url URL` makes them absolute. Beside each file lies what brotli and gzip make of it, and for Netlify, Cloudflare \
                  Pages, Apache, nginx and Caddy a file with the headers that the page wants.",
        run: |project, words| {
            let parsed = Arguments::parse("dist", words, Accepted { values: &["--public-url"], ..NONE })?;
            let url = parsed.value("--public-url").map(|url| ["--public-url".to_owned(), url.to_owned()]);
            let arguments: Vec<String> = url.into_iter().flatten().collect();
            let _building = release(project, &arguments)?;
            hosting::complete(project, &project.dist())
        },
    },
    Command {
        name: "test",
        usage: "[FILTER] [--browser NAME]",
        summary: "check everything: format, lints, rules, native tests, sizes, and the page in three browsers",
        details: "Gets the browsers if it may; one that cannot be had is left out and said. FILTER runs the tests whose name contains it; \
                  `--browser chromium`, `firefox` or `webkit` runs that browser alone. The last line is the sum.",
        run: |project, words| {
            let parsed = Arguments::parse("test", words, SUITE)?;
            suite::run(project, parsed.words.first().map(String::as_str), parsed.value("--browser"))
        },
    },
    Command {
        name: "soak",
        usage: "[statistics|cycles|jobs] [--browser NAME]",
        summary: "the long checks: starts and stops by the hundred, jobs and experiments with known noise by the thousand",
        details: "Takes the better part of an hour. Builds the release first. `statistics` tries alone, and without a browser, \
                  how often intervals hold the truth; that takes minutes. `cycles` only starts and stops; `jobs` runs a thousand \
                  processes in turn and ten thousand jobs of each pool, and weighs what is left.",
        run: soak,
    },
    Command {
        name: "run",
        usage: "[LINK] [--browser NAME]",
        summary: "run an experiment in a browser without a window and print its table",
        details: "LINK is what stands behind the question mark of the page's address; without it, the first experiment. Builds \
                  the release first.",
        run: |project, words| driven(project, "run", words, 1800),
    },
    Command {
        name: "bench",
        usage: "[SECTION] [--browser NAME]",
        summary: "measure the engine in a browser beside native code",
        details: "`bench models` is everything: kernels on one lane, speed-ups on two, what a job costs under each model, CPython's \
                  shapes, and what messages, empty jobs and recording cost. SECTION may also be `kernels`, `speed-ups`, `overheads`, \
                  `shapes`, `engine` or `loop`: what the event loop takes for a hop, a timer, a sleeper and a message, beside bare \
                  promises, CPython and Pyodide, which is fetched for it. Results are measurements of this machine at this moment, \
                  not tests.",
        run: |project, words| driven(project, "bench", words, 3600),
    },
    Command {
        name: "sizes",
        usage: "",
        summary: "list how large each file of dist/ is, compressed, and compare with the limits",
        details: "Fails if a release is over a limit. Builds nothing.",
        run: |project, words| {
            Arguments::parse("sizes", words, NONE)?;
            sizes::run(&project.dist())
        },
    },
    Command {
        name: "tidy",
        usage: "",
        summary: "check the project's own rules",
        details: "Each line says where, which rule, and how to obey it. Takes less than two seconds and needs no compiler for wasm.",
        run: |project, words| {
            Arguments::parse("tidy", words, NONE)?;
            tidy::run(&project.root)
        },
    },
    Command {
        name: "screenshots",
        usage: "[--browser NAME]",
        summary: "take the pictures of the page that the documents show",
        details: "Builds the release first.",
        run: |project, words| driven(project, "screenshots", words, 1800),
    },
    Command {
        name: "engine",
        usage: "",
        summary: "build the engine's two flavours (Trunk's pre_build hook calls this)",
        details: "The result is in target/staged/, from where Trunk copies it. The variable TRUNK_PROFILE says whether it is a release.",
        run: |project, words| {
            Arguments::parse("engine", words, NONE)?;
            engine::build(project, Edition::of_trunk())
        },
    },
    Command {
        name: "optimise-page",
        usage: "",
        summary: "shrink the page's program in a release (Trunk's post_build hook calls this)",
        details: "Works on the folder that Trunk names in TRUNK_STAGING_DIR.",
        run: |project, words| {
            Arguments::parse("optimise-page", words, NONE)?;
            page::optimise_staged(project)
        },
    },
];

pub fn run(words: &[String]) -> Outcome {
    let (name, rest) = match words {
        [] => ("help", words),
        [name, rest @ ..] => (name.as_str(), rest),
    };
    if matches!(name, "help" | "--help" | "-h") {
        return help(rest.first().map(String::as_str));
    }
    let command = find(name)?;
    if rest.iter().any(|word| word == "--help" || word == "-h") {
        return help(Some(name));
    }
    (command.run)(&Project::open()?, rest)
}

fn find(name: &str) -> Outcome<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name).ok_or_else(|| {
        Failure::usage(format!("`{name}` is not a command of `cargo xtask`."), "`cargo xtask help` lists them all.")
    })
}

fn help(name: Option<&str>) -> Outcome {
    if let Some(name) = name {
        let Command { name, usage, summary, details, .. } = find(name)?;
        println!("cargo xtask {name} {usage}\n\n{}\n\n{}", folded(summary, 100), folded(details, 100));
        return Ok(());
    }
    println!("Interleave: concurrency models side by side, in the browser.\n");
    println!("  cargo xtask serve    gets what is missing, builds, and serves the page");
    println!("  cargo xtask test     gets what is missing, builds, and checks everything\n");
    println!(
        "Each of the two needs only rustup with stable Rust. The first time takes ten minutes or more, later ones seconds.\n"
    );
    println!("Commands:");
    for Command { name, summary, .. } in COMMANDS {
        println!("  {name:<14} {}", folded(summary, 80).replace('\n', "\n                 "));
    }
    println!("  {:<14} this; `cargo xtask help COMMAND` says more about one", "help");
    Ok(())
}

/// Text with line breaks, so that no line is wider than `width`.
fn folded(text: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a first line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join("\n")
}

fn release(project: &Project, arguments: &[String]) -> Outcome<BuildLock> {
    let compilers = page::provide(project)?;
    BINARYEN.fetch_or_warn(project);
    page::build(project, &compilers, Edition::Release, &project.dist(), arguments)
}

/// How often intervals hold the truth, then, unless only that was asked for, what starting and stopping leaves behind.
fn soak(project: &Project, words: &[String]) -> Outcome {
    let parsed = Arguments::parse("soak", words, SUITE)?;
    let only_statistics = match parsed.words.first().map(String::as_str) {
        None => false,
        Some("statistics") => true,
        Some("cycles" | "jobs") => return driven(project, "soak", words, 3 * 3600),
        Some(other) => {
            let there_are = "There are `statistics`, `cycles` and `jobs`.";
            return Err(Failure::usage(format!("There is no soak `{other}`."), there_are));
        }
    };
    let mut cargo = Process::new("cargo");
    cargo.current_dir(&project.root).args(["test", "--quiet", "--release", "--package", "trace", "--test", "coverage"]);
    cargo.args(["--", "--ignored", "--nocapture"]);
    if !process::show(&mut cargo, Duration::from_secs(3600))?.success() {
        return Err(Failure::new("An interval holds the truth less often than it says.", "The lines above say which."));
    }
    if only_statistics { Ok(()) } else { driven(project, "soak", words, 3 * 3600) }
}

/// A command of the tests crate, over the release, in browsers that are there.
fn driven(project: &Project, name: &str, words: &[String], limit: u64) -> Outcome {
    let parsed = Arguments::parse(
        name,
        words,
        if matches!(name, "soak" | "run" | "bench") { SUITE } else { Accepted { words: 0, ..SUITE } },
    )?;
    let browser = parsed.value("--browser");
    let found = browsers::provide(project, browser)?;
    let release = Snapshot::of_dist(project, release(project, &[])?)?;
    let mut cargo = Process::new("cargo");
    cargo.current_dir(&project.root).args(["run", "--quiet", "--package", "tests"]);
    if name == "bench" {
        // What is measured natively is to be optimised, and to be the same code: wasm has no instructions for SHA.
        cargo.arg("--release").env("RUSTFLAGS", "--cfg sha2_backend=\"soft\"");
    }
    cargo.arg("--").arg(name).args(&parsed.words);
    if name == "bench" && parsed.words.iter().any(|word| word == "loop") {
        let file = PYODIDE.fetch_or_warn(project);
        cargo.env("INTERLEAVE_PYODIDE", file.iter().filter_map(|file| file.parent()).collect::<PathBuf>());
    }
    cargo
        .env("INTERLEAVE_DIST", &release.folder)
        .envs(found.variables)
        .env("INTERLEAVE_BROWSER", browser.unwrap_or(""));
    if process::show(&mut cargo, Duration::from_secs(limit))?.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{name}` did not succeed."), "Its last lines above say why."))
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, folded, run};

    #[test]
    fn every_command_is_described() {
        for command in COMMANDS {
            assert!(!command.summary.ends_with('.') && command.details.ends_with('.'), "{}", command.name);
        }
    }

    #[test]
    fn what_is_unknown_is_a_usage_error() {
        for line in ["frobnicate", "tidy --fast", "build page", "help frobnicate"] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert!(run(&words).expect_err(line).usage, "{line}");
        }
    }

    #[test]
    fn long_text_is_folded() {
        assert_eq!(folded("one two three", 7), "one two\nthree");
    }
}
