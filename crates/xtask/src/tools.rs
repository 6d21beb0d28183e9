//! The programs of the build that are not crates: pinned, kept by version in the user's cache folder.
use crate::failure::{AtPath, Failure, Outcome};
use crate::process::{is_alive, is_executable};
use crate::progress::{Step, say, warn};
use crate::project::Project;
use crate::room;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A program that `cargo install` makes.
pub struct Tool {
    /// The crate's name.
    pub krate: &'static str,
    /// The program's name.
    pub program: &'static str,
    why: &'static str,
    usually: &'static str,
}

pub const TRUNK: Tool =
    Tool { krate: "trunk", program: "trunk", why: "it builds and serves the page", usually: "about 5 minutes, once" };
pub const WASM_BINDGEN: Tool = Tool {
    krate: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    why: "it joins wasm to JavaScript; its version has to be that of Cargo.lock",
    usually: "about 2 minutes, once",
};
pub const GECKODRIVER: Tool = Tool {
    krate: "geckodriver",
    program: "geckodriver",
    why: "it drives Firefox in the tests",
    usually: "about 3 minutes, once",
};

impl Tool {
    pub fn version(&self, project: &Project) -> Outcome<String> {
        // One source for each version: wasm-bindgen's program has to match the crate.
        if self.krate == WASM_BINDGEN.krate {
            project.locked_version("wasm-bindgen")
        } else {
            project.tool_version(self.krate)
        }
    }

    pub fn folder(&self, project: &Project) -> Outcome<PathBuf> {
        Ok(project.cache.join("tools").join(format!("{}-{}", self.krate, self.version(project)?)))
    }

    fn path(&self, project: &Project) -> Outcome<PathBuf> {
        Ok(self.folder(project)?.join("bin").join(self.program))
    }

    /// The program's path, if it is installed.
    pub fn present(&self, project: &Project) -> Outcome<PathBuf> {
        let path = self.path(project)?;
        if is_executable(&path) {
            return Ok(path);
        }
        Err(Failure::new(
            format!("{} {} is not installed in {}.", self.krate, self.version(project)?, project.cache.display()),
            "Run `cargo xtask setup`.",
        ))
    }

    /// The program's path, after installing it if it is missing.
    pub fn provide(&self, project: &Project) -> Outcome<PathBuf> {
        if let Ok(path) = self.present(project) {
            return Ok(path);
        }
        let (version, folder) = (self.version(project)?, self.folder(project)?);
        let remedy = format!(
            "cargo has to reach its registry for this. With a network, run `cargo install {} --version {version} --locked --root {}` \
             to see the whole of what it says; then run the same command again.",
            self.krate,
            folder.display()
        );
        room::for_tools(&project.cache)?;
        into_place(&folder, |partial| {
            let install = |locked: bool| {
                let mut cargo = Command::new("cargo");
                cargo.args(["install", self.krate, "--version", &version, "--root"]).arg(partial);
                cargo
                    .env("CARGO_TARGET_DIR", compiled_tools(project))
                    .env_remove("RUSTFLAGS")
                    .args(locked.then_some("--locked"));
                // In a folder with an override for wasm this is still a program for this machine.
                cargo.current_dir(partial);
                let what = format!("Compiling {} {version}", self.krate);
                let step = Step {
                    what: &what,
                    why: self.why,
                    usually: self.usually,
                    limit: Duration::from_secs(2 * 3600),
                    remedy: &remedy,
                };
                step.run(&mut cargo)
            };
            install(true).or_else(|failure| {
                let final_ones =
                    ["Could not resolve", "Could not connect", "offline", "No space left", "was still running after"];
                if final_ones.iter().any(|reason| failure.fact.contains(reason)) {
                    // Another try would end the same way.
                    return Err(failure);
                }
                // A lock file may name a crate that this registry does not carry; the newest that fits serves as well.
                say("  once more without the crate's own lock file");
                install(false)
            })
        })?;
        self.present(project)
    }
}

/// One target folder for all tools, so that they share what they have in common.
fn compiled_tools(project: &Project) -> PathBuf {
    project.cache.join("tools/.compiling")
}

/// Removes what compiling the tools left behind, about a gigabyte.
pub fn forget_compiled(project: &Project) {
    let folder = compiled_tools(project);
    if folder.exists() && fs::remove_dir_all(&folder).is_err() {
        warn(format!("{} could not be removed; it is no longer needed.", folder.display()));
    }
}

/// Fills a folder under another name and renames it, so that an interrupted installation never counts as one.
pub fn into_place(folder: &Path, fill: impl FnOnce(&Path) -> Outcome) -> Outcome {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let partial = folder.with_file_name(format!(".{name}.partial-{}", std::process::id()));
    forget_interrupted(folder);
    fs::create_dir_all(&partial).at("create", &partial)?;
    let filled = fill(&partial);
    if filled.is_ok() {
        if folder.exists() {
            fs::remove_dir_all(folder).at("replace", folder)?;
        }
        fs::rename(&partial, folder).at("create", folder)?;
    } else {
        // The reason why it could not be filled matters more than what is left of it.
        let _ = fs::remove_dir_all(&partial);
    }
    filled
}

/// Removes what installations left behind whose process is gone.
fn forget_interrupted(folder: &Path) {
    for entry in folder.parent().and_then(|tools| fs::read_dir(tools).ok()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((_, process)) = name.rsplit_once(".partial-") else { continue };
        if !is_alive(process) {
            // Another of us may remove it at the same time; either way it is gone.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// PATH with these folders before everything else.
pub fn path_with(folders: &[PathBuf]) -> Outcome<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(folders.iter().cloned().chain(std::env::split_paths(&path)))
        .map_err(|error| Failure::new(format!("PATH cannot be extended: {error}."), "Remove the odd entry from PATH."))
}
