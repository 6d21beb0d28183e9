//! Which compilers build wasm here: rustup's where it can provide them, else the distribution's.
use crate::failure::{Failure, Outcome};
use crate::packages;
use crate::process::{answer, forget_our_cargo, on_path};
use crate::progress::{Step, warn};
use crate::project::{Project, version_pair};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub const TARGET: &str = "wasm32-unknown-unknown";

/// The packages that together are a compiler, its std as source and its linker on Debian-like systems.
pub const PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];

/// A compiler that makes wasm.
#[derive(Clone, Debug, PartialEq)]
pub enum Compiler {
    /// The toolchain that runs this very xtask; it has std for wasm ready-made, so it needs no source.
    Active,
    /// A nightly of rustup's, by name, with std as source.
    Nightly(String),
    /// The distribution's compiler with std as source, in this folder.
    Distribution(PathBuf),
}

/// The two compilers that a build needs. They may be one and the same.
pub struct Compilers {
    /// Builds both flavours of the engine; has to build std itself, with and without atomics.
    pub engine: Compiler,
    /// Builds the page's program.
    pub page: Compiler,
}

impl Compiler {
    /// A cargo that builds for wasm. `std` names the parts of std that it builds from source.
    pub fn cargo(&self, std: &str) -> Command {
        let mut command = match self {
            Self::Active => Command::new("cargo"),
            Self::Nightly(name) => {
                let mut command = Command::new("rustup");
                command.args(["run", name, "cargo"]);
                command
            }
            Self::Distribution(folder) => Command::new(folder.join("cargo")),
        };
        if *self == Self::Active {
            return command;
        }
        forget_our_cargo(&mut command);
        command.env("CARGO_UNSTABLE_BUILD_STD", std);
        if let Self::Distribution(folder) = self {
            // A stable compiler may build std only with the bootstrap key.
            command.env("RUSTC", folder.join("rustc")).env("RUSTC_BOOTSTRAP", "1");
        }
        command
    }

    pub fn description(&self) -> String {
        match self {
            Self::Active => "the active toolchain".into(),
            Self::Nightly(name) => name.clone(),
            Self::Distribution(folder) => format!("the distribution's compiler in {}", folder.display()),
        }
    }
}

/// The compilers that are here already.
fn found(project: &Project) -> Outcome<(Option<Compiler>, Option<Compiler>)> {
    let nightly = project.tool_version("nightly")?;
    let distribution = distribution(project).map(Compiler::Distribution);
    let engine = nightly_has_source(&nightly).then_some(Compiler::Nightly(nightly)).or_else(|| distribution.clone());
    let page = active_has_target().then_some(Compiler::Active).or(distribution);
    Ok((engine, page))
}

/// The compilers, without getting anything: what a build in a hook uses.
pub fn present(project: &Project) -> Outcome<Compilers> {
    match found(project)? {
        (Some(engine), Some(page)) => Ok(Compilers { engine, page }),
        _ => Err(Failure::new("No compiler for wasm is installed yet.", "Run `cargo xtask setup`.")),
    }
}

/// The compilers, after getting what is missing: from rustup if it can, else from the distribution if we may.
pub fn provide(project: &Project) -> Outcome<Compilers> {
    let (engine, page) = found(project)?;
    if engine.is_some() && page.is_some() {
        return present(project);
    }
    let nightly = project.tool_version("nightly")?;
    if on_path("rustup").is_some() {
        let mut asked = Ok(());
        if engine.is_none() {
            asked = asked.and(rustup(
                &format!("Fetching {nightly} with the source of std"),
                "the threads flavour of the engine needs a std built with atomics",
                &[
                    "toolchain",
                    "install",
                    &nightly,
                    "--profile",
                    "minimal",
                    "--component",
                    "rust-src",
                    "--no-self-update",
                ],
            ));
        }
        if page.is_none() {
            asked = asked.and_then(|()| {
                rustup(&format!("Fetching std for {TARGET}"), "the page is wasm", &["target", "add", TARGET])
            });
        }
        match asked {
            Ok(()) => {
                if let Ok(compilers) = present(project) {
                    return Ok(compilers);
                }
            }
            Err(failure) => warn(format!("{}\nxtask: Trying the distribution's packages instead.", failure.fact)),
        }
    }
    let installed = packages::install(PACKAGES, "a compiler for wasm with the source of std", "about a minute, once");
    present(project).map_err(|_| {
        let reason = match installed {
            Ok(()) => "The distribution's compiler is too old or incomplete.".to_owned(),
            Err(failure) => format!("{} {}", failure.fact, failure.remedy),
        };
        Failure::new(
            format!(
                "No compiler for wasm could be had: rustup did not provide one, nor did the distribution. {reason}"
            ),
            format!(
                "with network access run `rustup toolchain install {nightly} --profile minimal --component rust-src && \
                 rustup target add {TARGET}`; on Debian `apt-get install --no-install-recommends {}` serves as well. \
                 Then run the same command again.",
                PACKAGES.join(" ")
            ),
        )
    })
}

fn rustup(what: &str, why: &str, arguments: &[&str]) -> Outcome {
    let step = Step { what, why, usually: "about a minute, once", limit: Duration::from_secs(900), remedy: "" };
    step.run(Command::new("rustup").args(arguments).env("RUST_BACKTRACE", "0"))
}

fn active_has_target() -> bool {
    let folder = answer(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    folder.is_some_and(|folder| Path::new(&folder).is_dir())
}

fn nightly_has_source(name: &str) -> bool {
    let mut rustc = Command::new("rustup");
    forget_our_cargo(&mut rustc);
    // rustup must answer about what is there, not fetch it while being asked.
    rustc.env("RUSTUP_AUTO_INSTALL", "0");
    has_source(rustc.args(["run", name, "rustc", "--print", "sysroot"]))
}

fn has_source(print_sysroot: &mut Command) -> bool {
    answer(print_sysroot)
        .is_some_and(|sysroot| Path::new(&sysroot).join("lib/rustlib/src/rust/library/Cargo.lock").is_file())
}

/// The folder of the distribution's compiler, if it is recent enough and whole.
fn distribution(project: &Project) -> Option<PathBuf> {
    let folder = PathBuf::from("/usr/bin");
    let rustc = || {
        let mut command = Command::new(folder.join("rustc"));
        forget_our_cargo(&mut command);
        command
    };
    let release = answer(rustc().arg("--version"))?;
    let recent = version_pair(release.strip_prefix("rustc ")?) >= project.oldest_compiler();
    let whole = has_source(rustc().args(["--print", "sysroot"])) && on_path("rust-lld").is_some();
    (recent && whole && folder.join("cargo").is_file()).then_some(folder)
}
