//! The project's folder, and the versions that are written down in it.
use crate::failure::{AtPath, Failure, Outcome};
use std::fs;
use std::path::{Path, PathBuf};

/// The project's folder and what its manifest and lock file say.
pub struct Project {
    /// The folder with the workspace's Cargo.toml.
    pub root: PathBuf,
    /// The folder in the user's cache that outlives a clone: tools by version.
    pub cache: PathBuf,
    manifest: toml::Table,
    lock: toml::Table,
}

impl Project {
    pub fn open() -> Outcome<Self> {
        // Asked at run time first: with a shared target folder the binary may have been compiled in another clone.
        let here =
            std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = here.ancestors().nth(2).map(Path::to_path_buf).unwrap_or(here);
        Ok(Self {
            manifest: read_toml(&root.join("Cargo.toml"))?,
            lock: read_toml(&root.join("Cargo.lock"))?,
            cache: user_cache()?.join("interleave"),
            root,
        })
    }

    /// The version of a tool in `[workspace.metadata.tools]`.
    pub fn tool_version(&self, name: &str) -> Outcome<String> {
        let tools = ["workspace", "metadata", "tools"]
            .iter()
            .try_fold(&self.manifest, |table, key| table.get(*key)?.as_table());
        tools.and_then(|table| table.get(name)?.as_str()).map(str::to_owned).ok_or_else(|| {
            Failure::new(
                format!("Cargo.toml names no version of `{name}` in [workspace.metadata.tools]."),
                format!("Add a line `{name} = \"…\"` there."),
            )
        })
    }

    /// The version of a crate in Cargo.lock.
    pub fn locked_version(&self, name: &str) -> Outcome<String> {
        let packages = self.lock.get("package").and_then(|packages| packages.as_array());
        let found = packages.and_then(|packages| {
            packages.iter().find(|package| package.get("name").and_then(|n| n.as_str()) == Some(name))
        });
        found.and_then(|package| package.get("version")?.as_str()).map(str::to_owned).ok_or_else(|| {
            Failure::new(
                format!("Cargo.lock has no crate `{name}`."),
                "Run `cargo metadata` once to complete Cargo.lock.",
            )
        })
    }

    /// The oldest compiler that the workspace accepts, as (major, minor).
    pub fn oldest_compiler(&self) -> (u32, u32) {
        let text = self
            .manifest
            .get("workspace")
            .and_then(|w| w.get("package")?.get("rust-version")?.as_str())
            .unwrap_or("1.85");
        version_pair(text)
    }

    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// What Trunk copies into dist, as the engine's build left it. Its path is named in index.html.
    pub fn staged(&self) -> PathBuf {
        self.root.join("target/staged")
    }
}

pub fn read_toml(path: &Path) -> Outcome<toml::Table> {
    let text = fs::read_to_string(path).at("read", path)?;
    text.parse()
        .map_err(|error| Failure::new(format!("{} is not valid TOML: {error}", path.display()), "Correct that line."))
}

/// Major and minor number of "1.96.0".
pub fn version_pair(text: &str) -> (u32, u32) {
    let mut numbers = text.split(['.', ' ']).map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

pub fn home() -> Outcome<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute()).ok_or_else(|| {
        Failure::new(
            "The variable HOME is not set.",
            "Set HOME to your own folder; tools are kept in its cache folder.",
        )
    })
}

/// The folder for things that can be fetched again.
pub fn user_cache() -> Outcome<PathBuf> {
    match std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute()) {
        Some(cache) => Ok(cache),
        None => Ok(home()?.join(".cache")),
    }
}
