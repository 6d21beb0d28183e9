use crate::error::{Error, Result};
use serde_json::{Value, json};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// A browser we drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    Chromium,
    Firefox,
    WebKit,
}

/// Whether the browser itself offers shared memory to pages that are isolated. Only WebKitGTK can be started without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    Offered,
    Withheld,
}

/// One way of starting one browser; a session belongs to exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The browser to start.
    pub browser: Browser,
    /// Whether it is started with shared memory.
    pub sharing: Sharing,
}

/// Where the two programs of one browser are.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The WebDriver server.
    pub driver: PathBuf,
    /// The browser that the driver starts.
    pub browser: PathBuf,
}

impl Kind {
    pub const CHROMIUM: Self = Self { browser: Browser::Chromium, sharing: Sharing::Offered };
    pub const FIREFOX: Self = Self { browser: Browser::Firefox, sharing: Sharing::Offered };
    pub const WEBKIT: Self = Self { browser: Browser::WebKit, sharing: Sharing::Offered };
    pub const WEBKIT_WITHOUT_SHARING: Self = Self { browser: Browser::WebKit, sharing: Sharing::Withheld };
    pub const ALL: [Self; 4] = [Self::CHROMIUM, Self::FIREFOX, Self::WEBKIT, Self::WEBKIT_WITHOUT_SHARING];

    /// The first part of a case's name.
    pub fn name(self) -> &'static str {
        match self.sharing {
            Sharing::Offered => self.browser.name(),
            Sharing::Withheld => "webkit_without_sharing",
        }
    }
}

impl Browser {
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|browser| browser.name() == name).ok_or_else(|| {
            Error::Usage(format!("{name} is not a browser we drive; choose chromium, firefox or webkit"))
        })
    }

    /// The browsers asked for with `INTERLEAVE_BROWSER`, or all.
    pub fn chosen() -> Result<Vec<Self>> {
        match env::var("INTERLEAVE_BROWSER") {
            Ok(name) if !name.is_empty() => Ok(vec![Self::from_name(&name)?]),
            _ => Ok(Self::ALL.to_vec()),
        }
    }

    /// Finds driver and browser: first where the environment says, then on the PATH.
    ///
    /// `INTERLEAVE_MISSING_<BROWSER>` set by whoever prepared the machine gives the reason for an absence in better words
    /// than we could.
    pub fn programs(self) -> Result<Programs> {
        let missing = format!("INTERLEAVE_MISSING_{}", self.name().to_uppercase());
        if let Some(reason) = env::var(&missing).ok().filter(|reason| !reason.is_empty()) {
            return Err(Error::Missing(format!("{missing}: {reason}")));
        }
        let (driver, browser) = match self {
            Self::Chromium => (
                find("INTERLEAVE_CHROMEDRIVER", &["chromedriver"]),
                find("INTERLEAVE_CHROMIUM", &["chromium", "chromium-browser", "google-chrome"]),
            ),
            Self::Firefox => (
                find("INTERLEAVE_GECKODRIVER", &["geckodriver"]),
                find("INTERLEAVE_FIREFOX", &["firefox-esr", "firefox"]),
            ),
            Self::WebKit => (
                find("INTERLEAVE_WEBKITDRIVER", &["WebKitWebDriver"]),
                find("INTERLEAVE_MINIBROWSER", &["MiniBrowser"]).or_else(|_| find_mini_browser()),
            ),
        };
        let because = |reason| Error::Missing(format!("{missing}: {reason}"));
        if self == Self::WebKit {
            on_path("xvfb-run").ok_or_else(|| because("xvfb-run is not on the PATH; install xvfb and xauth".into()))?;
        }
        Ok(Programs { driver: driver.map_err(because)?, browser: browser.map_err(because)? })
    }

    /// What the driver is asked for when a session begins.
    pub fn capabilities(self, programs: &Programs) -> Value {
        let binary = &programs.browser;
        match self {
            // The network is closed but for this machine: a page that fetches anything else must fail here.
            Self::Chromium => json!({
                "browserName": "chrome",
                "goog:loggingPrefs": { "browser": "ALL" },
                "goog:chromeOptions": { "binary": binary, "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--window-size=1280,900",
                    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
                ]},
            }),
            // The console is copied to standard output, where the driver's log keeps it; that of Firefox itself is not.
            Self::Firefox => json!({
                "browserName": "firefox",
                "moz:firefoxOptions": { "binary": binary, "args": ["-headless"], "prefs": {
                    "services.settings.server": "data:,#remote-settings-dummy/v1",
                    "devtools.console.stdout.content": true,
                    "devtools.console.stdout.chrome": false,
                }},
            }),
            // Its page cache would keep a page alive that was left, so that nobody could see what leaving ends.
            Self::WebKit => json!({
                "browserName": "MiniBrowser",
                "webkitgtk:browserOptions": { "binary": binary, "args": ["--automation", "--enable-page-cache=false"] },
            }),
        }
    }
}

fn find(variable: &str, names: &[&str]) -> Result<PathBuf, String> {
    match env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from) {
        Some(path) if path.is_file() => Ok(path),
        Some(path) => Err(format!("{variable} names {}, which is not a file", path.display())),
        None => names
            .iter()
            .find_map(|name| on_path(name))
            .ok_or_else(|| format!("{} is not on the PATH and {variable} is not set", names.join(" or "))),
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Distributions keep MiniBrowser beside the library: `/usr/lib/<machine>/webkit2gtk-4.1/MiniBrowser`.
fn find_mini_browser() -> Result<PathBuf, String> {
    let below = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let roots = ["/usr/lib", "/usr/lib64", "/usr/libexec"].map(PathBuf::from);
    let machines = roots.iter().flat_map(|root| below(root).chain([root.clone()])).collect::<Vec<_>>();
    machines
        .iter()
        .flat_map(|machine| ["webkit2gtk-4.1", "webkit2gtk-4.0", "webkitgtk-6.0"].map(|version| machine.join(version)))
        .map(|folder| folder.join("MiniBrowser"))
        .find(|path| path.is_file())
        .ok_or_else(|| "MiniBrowser is not in /usr/lib and INTERLEAVE_MINIBROWSER is not set".into())
}
