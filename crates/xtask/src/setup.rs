//! Everything that a build needs, and a plain `trunk serve` that works in a fresh shell.
use crate::failure::{AtPath, Failure, Outcome};
use crate::linked;
use crate::npm::BINARYEN;
use crate::page;
use crate::process::{answer, follow, forget_our_cargo, is_executable, name_of, on_path};
use crate::progress::{say, warn};
use crate::project::{Project, home, user_cache};
use crate::toolchain::{Compiler, Compilers};
use crate::tools::{TRUNK, WASM_BINDGEN};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Gets what is missing. The compilers that a build here will use are returned.
pub fn run(project: &Project) -> Outcome<Compilers> {
    let compilers = page::provide(project)?;
    BINARYEN.fetch_or_warn(project);
    // Trunk refuses to leave a folder unwatched that does not exist, as target/ would with a target folder elsewhere.
    fs::create_dir_all(project.staged()).at("create", &project.staged())?;
    trunk_on_path(project)?;
    wasm_bindgen_for_trunk(project)?;
    compiler_for_trunk(project, &compilers)?;
    say(format!(
        "set up: the engine is built with {}, the page with {}",
        compilers.engine.description(),
        compilers.page.description()
    ));
    Ok(compilers)
}

/// A link to our Trunk among cargo's programs, unless there is a Trunk already: somebody else's is not ours to replace.
fn trunk_on_path(project: &Project) -> Outcome {
    let ours = TRUNK.present(project)?;
    let version = TRUNK.version(project)?;
    if let Some(there) = on_path("trunk") {
        let theirs = answer(Command::new(&there).arg("--version")).unwrap_or_default();
        if theirs.split_whitespace().nth(1) != Some(version.as_str()) {
            warn(format!("{} is `{theirs}`, and this project is built with trunk {version}.", there.display()));
            warn("`cargo xtask` uses its own and works. For a plain `trunk serve` do one of these:");
            warn(format!("  cargo install trunk --version {version} --locked --force"));
            warn(format!("  export PATH=\"{}:$PATH\"", parent(&ours).display()));
        }
        return Ok(());
    }
    let programs = std::env::var_os("CARGO_HOME")
        .map_or_else(|| home().map(|home| home.join(".cargo")), |path| Ok(path.into()))?;
    let programs = programs.join("bin");
    let link = programs.join("trunk");
    fs::create_dir_all(&programs).at("create", &programs)?;
    replace_link(&ours, &link)?;
    if on_path("trunk").is_none() {
        warn(format!("{} is not on your PATH, so a plain `trunk serve` is not found.", programs.display()));
        warn(format!("Run `export PATH=\"{}:$PATH\"` or open a new shell.", programs.display()));
    }
    Ok(())
}

/// Trunk looks for wasm-bindgen on PATH and then in its own cache. There nothing of the user's is in the way.
fn wasm_bindgen_for_trunk(project: &Project) -> Outcome {
    let cache = if cfg!(target_os = "macos") {
        home()?.join("Library/Caches/dev.trunkrs.trunk")
    } else {
        user_cache()?.join("trunk")
    };
    let folder = cache.join(format!("wasm-bindgen-{}", WASM_BINDGEN.version(project)?));
    let place = folder.join("wasm-bindgen");
    if is_executable(&place) {
        return Ok(());
    }
    fs::create_dir_all(&folder).at("create", &folder)?;
    replace_link(&WASM_BINDGEN.present(project)?, &place)
}

/// Where only the distribution compiles wasm, a linked toolchain with an override for this folder makes `cargo` do it.
fn compiler_for_trunk(project: &Project, compilers: &Compilers) -> Outcome {
    if on_path("rustup").is_none() {
        if let Compiler::Distribution(_) = compilers.page {
            let bin = linked::folder(project).join("bin");
            warn("There is no rustup here, so a plain `trunk serve` would use a cargo that cannot build wasm.");
            warn(format!("Run `export PATH=\"{}:$PATH\"` before it, or use `cargo xtask serve`.", bin.display()));
        }
        return Ok(());
    }
    let overridden = override_of(&project.root);
    match (&compilers.page, overridden.as_deref()) {
        (Compiler::Distribution(folder), None | Some(linked::NAME)) => {
            linked::write(project, folder)?;
            rustup(&["toolchain", "link", linked::NAME], Some(&linked::folder(project)))?;
            rustup(&["override", "set", linked::NAME, "--path"], Some(&project.root))
        }
        (Compiler::Distribution(_), Some(other)) => {
            warn(format!(
                "rustup has an override for this folder, `{other}`, which cannot build wasm; it is left as it is."
            ));
            warn("For a plain `trunk serve` run `rustup override unset` here and then `cargo xtask setup`.");
            Ok(())
        }
        // What an earlier set-up needed is in the way once rustup provides std for wasm itself.
        (_, Some(linked::NAME)) => rustup(&["override", "unset", "--path"], Some(&project.root)),
        _ => Ok(()),
    }
}

/// The toolchain that rustup would use in exactly this folder by an override.
fn override_of(root: &Path) -> Option<String> {
    let root = fs::canonicalize(root).ok()?;
    let mut command = Command::new("rustup");
    forget_our_cargo(&mut command);
    let list = answer(command.args(["override", "list"]))?;
    list.lines().find_map(|line| {
        let (path, toolchain) = line.trim_end().rsplit_once(char::is_whitespace)?;
        (Path::new(path.trim_end()) == root).then(|| toolchain.to_owned())
    })
}

fn rustup(arguments: &[&str], path: Option<&Path>) -> Outcome {
    let mut command = Command::new("rustup");
    forget_our_cargo(&mut command);
    command.args(arguments).args(path);
    let ended = follow(command.env("RUST_BACKTRACE", "0"), Duration::from_secs(60), |_| ())?;
    if ended.status.success() {
        return Ok(());
    }
    Err(Failure::new(
        format!("`{}` failed: {}", name_of(&command), ended.tail),
        "Only a plain `trunk serve` needs this; `cargo xtask serve` works without it.",
    ))
}

fn replace_link(target: &Path, link: &Path) -> Outcome {
    if fs::symlink_metadata(link).is_ok() {
        fs::remove_file(link).at("replace", link)?;
    }
    symlink(target, link).at("create", link)
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map(Path::to_path_buf).unwrap_or_default()
}
