//! Builds the page with Trunk, in an environment where Trunk finds our tools and our compiler.
use crate::engine::{self, Edition};
use crate::failure::{AtPath, Failure, Outcome};
use crate::linked;
use crate::lock::BuildLock;
use crate::npm::BINARYEN;
use crate::process::{forget_our_cargo, show};
use crate::progress::say;
use crate::project::Project;
use crate::room;
use crate::toolchain::{self, Compiler, Compilers};
use crate::tools::{self, TRUNK, WASM_BINDGEN};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Everything that a build needs, after getting what is missing.
pub fn provide(project: &Project) -> Outcome<Compilers> {
    let compilers = toolchain::provide(project)?;
    TRUNK.provide(project)?;
    WASM_BINDGEN.provide(project)?;
    tools::forget_compiled(project);
    Ok(compilers)
}

/// Trunk with a PATH on which it finds its tools, and a cargo that can build wasm.
pub fn trunk(project: &Project, compilers: &Compilers) -> Outcome<Command> {
    let mut folders = Vec::new();
    fs::create_dir_all(project.staged()).at("create", &project.staged())?;
    let mut command = Command::new(TRUNK.present(project)?);
    if let Compiler::Distribution(folder) = &compilers.page {
        forget_our_cargo(&mut command);
        folders.push(linked::write(project, folder)?);
    }
    folders.push(WASM_BINDGEN.folder(project)?.join("bin"));
    command.current_dir(&project.root).env("PATH", tools::path_with(&folders)?).env("TRUNK_SKIP_VERSION_CHECK", "true");
    if std::env::var_os("NO_COLOR").is_some() {
        // The convention is "any value", but Trunk takes nothing except true and false.
        command.env("NO_COLOR", "true");
    }
    Ok(command)
}

/// Builds the page and the engine into a folder. Nobody else builds while the returned lock lives.
pub fn build(
    project: &Project,
    compilers: &Compilers,
    edition: Edition,
    dist: &Path,
    arguments: &[String],
) -> Outcome<BuildLock> {
    let lock = BuildLock::take(&project.root)?;
    let mut command = trunk(project, compilers)?;
    lock.lend(&mut command);
    command
        .arg("build")
        .args((edition == Edition::Release).then_some("--release"))
        .arg("--dist")
        .arg(dist)
        .args(arguments);
    say(format!("Building the page with {} (the first time takes about 2 minutes) …", compilers.page.description()));
    if show(&mut command, Duration::from_secs(2700))?.success() {
        say(format!("{} is built", dist.display()));
        return Ok(lock);
    }
    let failure = Failure::new(
        "Trunk could not build the page.",
        "Correct what the first error above says; later ones follow from it.",
    );
    Err(room::or_full(failure, &project.root.join("target")))
}

/// Trunk's post_build hook: the page's program through wasm-opt, in a release. Trunk itself would download another wasm-opt.
pub fn optimise_staged(project: &Project) -> Outcome {
    if Edition::of_trunk() == Edition::Development {
        return Ok(());
    }
    let staging = std::env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from).ok_or_else(|| {
        Failure::new(
            "TRUNK_STAGING_DIR is not set.",
            "This command is a hook of Trunk's; run `cargo xtask dist` instead.",
        )
    })?;
    let Some(optimiser) = BINARYEN.present(project)? else {
        say("wasm-opt is not installed, so the page's program stays larger than it could be");
        return Ok(());
    };
    for entry in fs::read_dir(&staging).at("read", &staging)? {
        let path = entry.at("read", &staging)?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            engine::optimise(&optimiser, &path, "-Oz", "the page's program")?;
        }
    }
    Ok(())
}
