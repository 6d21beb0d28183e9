//! A toolchain of scripts for machines where only the distribution can compile wasm.
//!
//! Trunk runs whatever `cargo` is first on PATH, and its configuration can set no variable. So here is a `cargo` that hands
//! builds for wasm to the distribution's compiler and everything else to the toolchain that was active at set-up.
use crate::failure::{AtPath, Outcome};
use crate::process::on_path;
use crate::project::Project;
use crate::toolchain::TARGET;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Its name in `rustup toolchain list`.
pub const NAME: &str = "interleave-wasm";

/// What rustup's proxies may ask a toolchain for, besides cargo.
const HANDED_ON: &[&str] = &[
    "rustc",
    "rustdoc",
    "rustfmt",
    "cargo-fmt",
    "clippy-driver",
    "cargo-clippy",
    "rust-gdb",
    "rust-lldb",
    "rust-analyzer",
];

pub fn folder(project: &Project) -> PathBuf {
    project.cache.join("toolchain")
}

/// Writes the scripts and returns the folder to put on PATH.
pub fn write(project: &Project, distribution: &Path) -> Outcome<PathBuf> {
    let bin = folder(project).join("bin");
    fs::create_dir_all(&bin).at("create", &bin)?;
    // rustup takes a folder for a toolchain only if it has one for libraries.
    let lib = folder(project).join("lib");
    fs::create_dir_all(&lib).at("create", &lib)?;
    let host = host();
    script(&bin.join("cargo"), &cargo_script(distribution, &host))?;
    for program in HANDED_ON {
        script(&bin.join(program), &format!("#!/bin/sh\nexec {host}{program} \"$@\"\n"))?;
    }
    Ok(bin)
}

/// What to put before a program's name to run the host's one.
fn host() -> String {
    let active = std::env::var("RUSTUP_TOOLCHAIN").ok().filter(|name| name != NAME);
    match on_path("rustup") {
        Some(rustup) => format!("{} run {} ", quoted(&rustup), active.as_deref().unwrap_or("stable")),
        None => "/usr/bin/".into(),
    }
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

fn cargo_script(distribution: &Path, host: &str) -> String {
    format!(
        r#"#!/bin/sh
# Written by `cargo xtask` of Interleave. A build for wasm goes to the distribution's compiler, which builds std from its
# source package; everything else goes to the toolchain that was active then.
for argument in "$@"; do
    case "$argument" in
    --) break ;;
    *{TARGET}*)
        unset CARGO RUSTDOC RUSTUP_TOOLCHAIN LD_LIBRARY_PATH
        export RUSTC={rustc} RUSTC_BOOTSTRAP=1
        export CARGO_UNSTABLE_BUILD_STD="${{CARGO_UNSTABLE_BUILD_STD:-std,panic_abort}}"
        exec {cargo} "$@"
        ;;
    esac
done
exec {host}cargo "$@"
"#,
        rustc = quoted(&distribution.join("rustc")),
        cargo = quoted(&distribution.join("cargo")),
    )
}

/// Written under another name and renamed: a script that is being run must not change under the shell's hands.
fn script(path: &Path, text: &str) -> Outcome {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let fresh = path.with_extension(format!("new-{}", std::process::id()));
    fs::write(&fresh, text).at("write", &fresh)?;
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755)).at("make executable", &fresh)?;
    fs::rename(&fresh, path).at("replace", path)
}

#[cfg(test)]
mod tests {
    use super::{cargo_script, quoted};
    use std::path::Path;
    use std::process::Command;

    #[track_caller]
    fn check(arguments: &[&str], expected: &str) {
        let script =
            cargo_script(Path::new("/nowhere"), "echo host ").replace("exec '/nowhere/cargo'", "echo wasm $RUSTC");
        let output = Command::new("sh").arg("-c").arg(script).arg("cargo").args(arguments).output().expect("sh runs");
        assert_eq!(String::from_utf8_lossy(&output.stdout).lines().next(), Some(expected));
    }

    #[test]
    fn only_builds_for_wasm_go_to_the_distribution() {
        check(
            &["build", "--target=wasm32-unknown-unknown"],
            "wasm /nowhere/rustc build --target=wasm32-unknown-unknown",
        );
        check(
            &["build", "--target", "wasm32-unknown-unknown"],
            "wasm /nowhere/rustc build --target wasm32-unknown-unknown",
        );
        check(&["test"], "host cargo test");
        check(&["run", "--", "wasm32-unknown-unknown"], "host cargo run -- wasm32-unknown-unknown");
    }

    #[test]
    fn an_apostrophe_in_a_path_stays_one_word() {
        assert_eq!(quoted(Path::new("/it's")), r"'/it'\''s'");
    }
}
