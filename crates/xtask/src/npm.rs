//! What comes from npm: nothing that the page is made of, but tools that nobody else publishes.
use crate::failure::{Failure, Outcome};
use crate::process::{forget_our_cargo, on_path};
use crate::progress::{Step, warn};
use crate::project::Project;
use crate::tools::into_place;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// A package of npm, with the one file of it that we use. Its version stands in Cargo.toml.
pub struct Package {
    /// Its name there.
    name: &'static str,
    /// The file, below the folder that npm installs into.
    file: &'static str,
    /// What it is for, as "it makes the release smaller".
    why: &'static str,
    /// What follows from not having it, as a sentence.
    without: &'static str,
}

pub const BINARYEN: Package = Package {
    name: "binaryen",
    file: "node_modules/.bin/wasm-opt",
    why: "its wasm-opt makes the release smaller and the engine faster",
    without: "Without wasm-opt a release is larger and its engine slower.",
};
pub const AXE: Package = Package {
    name: "axe-core",
    file: "node_modules/axe-core/axe.min.js",
    why: "the tests look with it for what keeps people from using the page",
    without: "Without axe the tests do not look for what keeps people from using the page.",
};
pub const PYODIDE: Package = Package {
    name: "pyodide",
    file: "node_modules/pyodide/pyodide.mjs",
    why: "its event loop is measured beside ours",
    without: "Without Pyodide the bench of the loop leaves it out.",
};

impl Package {
    fn folder(&self, project: &Project) -> Outcome<PathBuf> {
        Ok(project.cache.join("tools").join(format!("{}-{}", self.name, project.tool_version(self.name)?)))
    }

    /// The file, if it is there and Node can run it.
    pub fn present(&self, project: &Project) -> Outcome<Option<PathBuf>> {
        let file = self.folder(project)?.join(self.file);
        Ok((file.is_file() && on_path("node").is_some()).then_some(file))
    }

    /// The file, after fetching the package if it is missing, or a failure that says what follows from not having it.
    pub fn fetch(&self, project: &Project) -> Outcome<PathBuf> {
        if let Some(file) = self.present(project)? {
            return Ok(file);
        }
        let (name, version) = (self.name, project.tool_version(self.name)?);
        if on_path("node").is_none() || on_path("npm").is_none() {
            return Err(Failure::new(
                format!("Node with npm is not on the PATH, so {name} cannot be had. {}", self.without),
                "Install Node 20 or newer (on Debian: `apt-get install nodejs npm`) and run the same command again.",
            ));
        }
        let what = format!("Fetching {name} {version} from npm");
        let step = Step {
            what: &what,
            why: self.why,
            usually: "about 15 s, once",
            limit: Duration::from_secs(600),
            remedy: "Look whether npm reaches its registry, then run the same command again.",
        };
        into_place(&self.folder(project)?, |partial| {
            let mut npm = Command::new("npm");
            forget_our_cargo(&mut npm);
            npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(partial).arg(format!("{name}@{version}"));
            step.run(&mut npm)
        })
        .map_err(|failure| Failure::new(format!("{} {}", failure.fact, self.without), failure.remedy))?;
        self.present(project)?
            .ok_or_else(|| Failure::new(format!("npm's {name} {version} lacks {}.", self.file), "Report this."))
    }

    /// The same for who can go on without it, and is told.
    pub fn fetch_or_warn(&self, project: &Project) -> Option<PathBuf> {
        self.fetch(project).map_err(|failure| warn(failure.to_string())).ok()
    }
}
