//! The three browsers that the tests drive: installed where we may, else the reason why one is left out.
use crate::failure::{Failure, Outcome};
use crate::packages;
use crate::process::on_path;
use crate::progress::warn;
use crate::project::Project;
use crate::tools::{self, GECKODRIVER};
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

/// A browser that the tests can drive.
struct Browser {
    /// What `--browser` calls it.
    name: &'static str,
    packages: &'static [&'static str],
    /// Variables of the tests and the programs that they name; the first program that is found is taken.
    programs: &'static [(&'static str, &'static [&'static str])],
}

const BROWSERS: &[Browser] = &[
    Browser {
        name: "chromium",
        packages: &["chromium", "chromium-driver", "fonts-noto-cjk"],
        programs: &[
            ("INTERLEAVE_CHROMEDRIVER", &["chromedriver"]),
            ("INTERLEAVE_CHROMIUM", &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]),
        ],
    },
    Browser {
        name: "firefox",
        packages: &["firefox-esr", "fonts-noto-cjk"],
        programs: &[("INTERLEAVE_FIREFOX", &["firefox-esr", "firefox"])],
    },
    Browser {
        name: "webkit",
        packages: &["webkit2gtk-driver", "xvfb", "xauth", "fonts-noto-cjk"],
        programs: &[("INTERLEAVE_WEBKITDRIVER", &["WebKitWebDriver"]), ("INTERLEAVE_MINIBROWSER", &["MiniBrowser"])],
    },
];

/// What was found: variables for the tests, and the browsers that are left out.
pub struct Found {
    /// Variables that tell the tests where the programs are, or why they are not.
    pub variables: Vec<(String, OsString)>,
    /// The browsers that are left out, with the reason and the remedy.
    pub missing: Vec<(&'static str, String)>,
}

/// The names that `--browser` takes.
pub fn names() -> Vec<&'static str> {
    BROWSERS.iter().map(|browser| browser.name).collect()
}

/// Gets the browsers, or the one that is asked for, as far as we may.
pub fn provide(project: &Project, only: Option<&str>) -> Outcome<Found> {
    if let Some(name) = only.filter(|name| !names().contains(name)) {
        let remedy = format!("Take one of {}.", names().join(", "));
        return Err(Failure::usage(format!("`{name}` is not a browser that the tests can drive."), remedy));
    }
    let mut found = Found { variables: Vec::new(), missing: Vec::new() };
    for browser in BROWSERS.iter().filter(|browser| only.is_none_or(|name| browser.name == name)) {
        match browser.provide(project) {
            Ok(variables) => found.variables.extend(variables),
            Err(failure) => {
                let reason = format!("{} {}", failure.fact, failure.remedy);
                warn(format!("{} IS LEFT OUT. {reason}", browser.name.to_uppercase()));
                found
                    .variables
                    .push((format!("INTERLEAVE_MISSING_{}", browser.name.to_uppercase()), reason.clone().into()));
                found.missing.push((browser.name, reason));
            }
        }
    }
    tools::forget_compiled(project);
    if let (Some(name), Some((_, reason))) = (only, found.missing.first()) {
        return Err(Failure::new(
            format!("The tests cannot run in {name}. {reason}"),
            "Install it, then run the same command again.",
        ));
    }
    Ok(found)
}

impl Browser {
    fn provide(&self, project: &Project) -> Outcome<Vec<(String, OsString)>> {
        let asked = if self.programs().is_err() { self.install() } else { Ok(()) };
        // A package that could not be installed matters only if its program is not there in another way.
        let mut variables = self.programs().map_err(|program| {
            let missing = format!("`{program}` is not on the PATH.");
            match asked {
                Err(failure) => Failure::new(format!("{missing} {}", failure.fact), failure.remedy),
                Ok(()) => Failure::new(missing, "Install it."),
            }
        })?;
        if self.name == "firefox" {
            variables.push(("INTERLEAVE_GECKODRIVER".into(), GECKODRIVER.provide(project)?.into()));
        }
        Ok(variables)
    }

    fn install(&self) -> Outcome {
        packages::install(self.packages, &format!("the tests drive {}", self.name), "about a minute, once")
    }

    /// The variables, or the first program that is not there.
    fn programs(&self) -> Result<Vec<(String, OsString)>, String> {
        if self.name == "webkit" && on_path("xvfb-run").is_none() {
            return Err("xvfb-run".into());
        }
        let path_of =
            |programs: &[&str]| programs.iter().find_map(|program| on_path(program).or_else(|| in_lib(program)));
        let found = self.programs.iter().map(|(variable, programs)| {
            let given = std::env::var_os(variable).map(PathBuf::from);
            let path = given.or_else(|| path_of(programs)).ok_or_else(|| programs[0].to_owned())?;
            Ok(((*variable).to_owned(), path.into()))
        });
        found.collect()
    }
}

/// Debian keeps WebKit's small browser in a folder of libraries.
fn in_lib(program: &str) -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    let places =
        folders.flat_map(|folder| ["webkit2gtk-4.1", "webkit2gtk-4.0", "webkitgtk-6.0"].map(|name| folder.join(name)));
    places.map(|folder| folder.join(program)).find(|file| crate::process::is_executable(file))
}
