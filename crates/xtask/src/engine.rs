//! Builds the engine in its two flavours and stages what Trunk copies into dist.
use crate::failure::{AtPath, Failure, Outcome};
use crate::lock::BuildLock;
use crate::npm::BINARYEN;
use crate::process::{forget_our_cargo, show, spoken};
use crate::progress::{Step, say, warn};
use crate::project::Project;
use crate::room;
use crate::toolchain::{self, Compiler, TARGET};
use crate::tools::WASM_BINDGEN;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A way of building the engine.
struct Flavour {
    /// Its name, which is also that of its target folder and of its folder in the staged engine.
    name: &'static str,
    /// Flags for every crate, std included.
    rustflags: &'static [&'static str],
    /// Cargo features of the engine.
    features: &'static [&'static str],
}

/// A panic unwinds in both: with abort, a panic in one thread of the pool leaves the caller waiting for ever.
const FLAVOURS: &[Flavour] = &[
    Flavour {
        name: "threads",
        rustflags: &[
            "-Cpanic=unwind",
            "-Cllvm-args=-wasm-use-legacy-eh=false",
            "-Ctarget-feature=+atomics,+bulk-memory,+mutable-globals",
        ],
        features: &["--features", "threads"],
    },
    Flavour { name: "plain", rustflags: &["-Cpanic=unwind", "-Cllvm-args=-wasm-use-legacy-eh=false"], features: &[] },
];

/// Whether the page is for somebody who edits it or for the world.
#[derive(Clone, Copy, PartialEq)]
pub enum Edition {
    /// The engine is optimised by the compiler alone and the page reconnects to Trunk after an edit.
    Development,
    /// The engine goes through wasm-opt as well.
    Release,
}

impl Edition {
    /// What Trunk says to its hooks.
    pub fn of_trunk() -> Self {
        if std::env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release") {
            Self::Release
        } else {
            Self::Development
        }
    }
}

pub fn build(project: &Project, edition: Edition) -> Outcome {
    let _lock = BuildLock::take(&project.root)?;
    let start = Instant::now();
    let compiler = toolchain::present(project)?.engine;
    let wasm_bindgen = WASM_BINDGEN.present(project)?;
    let optimiser = if edition == Edition::Release { BINARYEN.present(project)? } else { None };
    let mut parts = Vec::new();
    for flavour in FLAVOURS {
        let wasm = compile(project, &compiler, flavour)?;
        let joined = join(project, flavour, &wasm, &wasm_bindgen, optimiser.as_deref())?;
        parts.push((PathBuf::from(flavour.name), joined));
    }
    parts.push((PathBuf::new(), project.root.join("www/engine")));
    let name = stage(project, &parts, edition)?;
    say(format!("{name} is staged after {}", spoken(start.elapsed())));
    Ok(())
}

/// Cargo's build of one flavour. Cargo itself knows what has to be built again.
fn compile(project: &Project, compiler: &Compiler, flavour: &Flavour) -> Outcome<PathBuf> {
    let target_dir = project.root.join("target").join(flavour.name);
    if !target_dir.exists() {
        say(format!(
            "Building the engine, flavour {}, with {} (std is built too, so the first time takes about 2 minutes) …",
            flavour.name,
            compiler.description()
        ));
    }
    let mut cargo = compiler.cargo("std,panic_unwind");
    cargo.current_dir(&project.root).args([
        "build",
        "-p",
        "engine",
        "--lib",
        "--profile",
        "engine",
        "--target",
        TARGET,
    ]);
    cargo.args(flavour.features).arg("--target-dir").arg(&target_dir);
    // These belong to the engine's build alone, so they are neither in .cargo/config.toml nor in the caller's RUSTFLAGS.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flavour.rustflags.join("\x1f")).env_remove("RUSTFLAGS");
    if show(&mut cargo, Duration::from_secs(1800))?.success() {
        return Ok(target_dir.join(TARGET).join("engine/engine.wasm"));
    }
    let failure = Failure::new(
        format!("The engine's flavour {} did not compile with {}.", flavour.name, compiler.description()),
        "Correct what the compiler says above. If it says that a crate of std is missing, cargo needs its registry once.",
    );
    Err(room::or_full(failure, &target_dir))
}

/// wasm-bindgen's output for one flavour, optimised if there is an optimiser. Kept while its inputs stay the same.
fn join(
    project: &Project,
    flavour: &Flavour,
    wasm: &Path,
    wasm_bindgen: &Path,
    optimiser: Option<&Path>,
) -> Outcome<PathBuf> {
    let input = fs::read(wasm).at("read", wasm)?;
    let with = optimiser.map(|path| path.display().to_string()).unwrap_or_default();
    let mut hash = Hash::default();
    hash.add(&input);
    hash.add(format!("{}\n{with}", wasm_bindgen.display()).as_bytes());
    // The edition with an optimiser has a folder of its own, so that serving and testing in turns redo nothing.
    let kind = if optimiser.is_some() { "optimised" } else { "joined" };
    let folder = project.root.join("target").join(flavour.name).join(kind);
    let stamp = project.root.join("target").join(flavour.name).join(format!("{kind}.hash"));
    if folder.exists() && fs::read_to_string(&stamp).is_ok_and(|known| known == hash.text()) {
        return Ok(folder);
    }
    let _ = fs::remove_file(&stamp);
    if folder.exists() {
        // Snippets of an earlier build must not stay behind.
        fs::remove_dir_all(&folder).at("replace", &folder)?;
    }
    let mut command = Command::new(wasm_bindgen);
    forget_our_cargo(&mut command);
    command.args(["--target", "web", "--no-typescript", "--out-name", "engine", "--out-dir"]).arg(&folder).arg(wasm);
    if !show(&mut command, Duration::from_secs(120))?.success() {
        return Err(Failure::new(
            format!("wasm-bindgen could not join the engine's flavour {}.", flavour.name),
            "Read what it says above; it names the function or the version that does not fit.",
        ));
    }
    if let Some(optimiser) = optimiser {
        optimise(optimiser, &folder.join("engine_bg.wasm"), "-O2", &format!("the engine, flavour {}", flavour.name))?;
    }
    fs::write(&stamp, hash.text()).at("write", &stamp)?;
    Ok(folder)
}

/// Runs wasm-opt over a file in place.
pub fn optimise(program: &Path, wasm: &Path, level: &str, what: &str) -> Outcome {
    let step = Step {
        what: &format!("Optimising {what}, {level}"),
        why: "for the release",
        usually: "about 10 s",
        limit: Duration::from_secs(600),
        remedy: "Run `cargo xtask setup` to renew wasm-opt; without Node a release is built without it.",
    };
    let smaller = wasm.with_extension("optimised");
    let mut command = Command::new(program);
    forget_our_cargo(&mut command);
    step.run(command.arg(level).arg(wasm).arg("-o").arg(&smaller))?;
    fs::rename(&smaller, wasm).at("replace", wasm)
}

/// Puts the parts into `engine-<hash>/` beside a manifest. What is there already and equal stays untouched.
fn stage(project: &Project, parts: &[(PathBuf, PathBuf)], edition: Edition) -> Outcome<String> {
    let mut files = Vec::new();
    for (inside, folder) in parts {
        if !folder.is_dir() {
            warn(format!("{} does not exist yet, so the engine is staged without it.", folder.display()));
            continue;
        }
        for file in files_below(folder)? {
            let name = inside.join(file.strip_prefix(folder).expect("the file was found in this folder"));
            files.push((name, fs::read(&file).at("read", &file)?));
        }
    }
    files.sort();
    let mut hash = Hash::default();
    for (name, content) in &files {
        hash.add(name.to_string_lossy().as_bytes());
        hash.add(content);
    }
    let name = format!("engine-{}", hash.text());
    let staged = project.staged();
    fs::create_dir_all(&staged).at("create", &staged)?;
    for entry in fs::read_dir(&staged).at("read", &staged)? {
        let entry = entry.at("read", &staged)?;
        let other = entry.file_name().to_string_lossy().into_owned();
        if other.starts_with("engine-") && other != name {
            fs::remove_dir_all(entry.path()).at("remove", &entry.path())?;
        }
    }
    let folder = staged.join(&name);
    for (inside, content) in &files {
        write_if_new(&folder.join(inside), content)?;
    }
    let development = edition == Edition::Development;
    write_if_new(
        &staged.join("manifest.json"),
        format!("{{\"engine\":\"{name}\",\"development\":{development}}}\n").as_bytes(),
    )?;
    Ok(name)
}

fn write_if_new(path: &Path, content: &[u8]) -> Outcome {
    if fs::read(path).is_ok_and(|there| there == content) {
        return Ok(());
    }
    let folder = path.parent().expect("a staged file lies in a folder");
    fs::create_dir_all(folder).at("create", folder)?;
    fs::write(path, content).at("write", path)
}

/// Every file below a folder, sorted.
pub fn files_below(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).at("read", folder)? {
        let path = entry.at("read", folder)?.path();
        if path.is_dir() { files.extend(files_below(&path)?) } else { files.push(path) }
    }
    files.sort();
    Ok(files)
}

/// FNV-1a: it names content, so that a changed engine has another address. It guards against nothing.
struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    fn add(&mut self, bytes: &[u8]) {
        // The length keeps "ab" + "c" apart from "a" + "bc".
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn text(&self) -> String {
        format!("{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Hash;

    #[test]
    fn the_same_bytes_cut_elsewhere_have_another_name() {
        let name = |parts: &[&str]| {
            let mut hash = Hash::default();
            parts.iter().for_each(|part| hash.add(part.as_bytes()));
            hash.text()
        };
        assert_ne!(name(&["ab", "c"]), name(&["a", "bc"]));
        assert_eq!(name(&["ab", "c"]), name(&["ab", "c"]));
        assert_eq!(name(&[]).len(), 16);
    }
}
