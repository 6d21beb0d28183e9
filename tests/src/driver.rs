use crate::{
    browser::{Browser, Kind, Programs, Sharing},
    client,
    error::{Error, Result},
};
use std::{
    env, fs,
    io::{self, Read, Seek, SeekFrom},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

const START_LIMIT: Duration = Duration::from_secs(20);

/// Ends a driver and all it started once its standard input closes, however we ended, and deletes its temporary folder.
///
/// A browser may leave the driver's process group, so whoever was given our TMPDIR is ended too. First by TERM: an X
/// server that is killed leaves its lock behind.
const GUARD: &str = r#"
trap "" HUP INT TERM
read -r closed
group=$1 folder=$2
others() { grep -lsF "TMPDIR=$folder" /proc/[0-9]*/environ | cut -d/ -f3; }
someone_lives() { kill -0 "-$group" 2>/dev/null || [ -n "$(others)" ]; }
end_with() {
    kill "-$1" "-$group" 2>/dev/null
    for process in $(others); do kill "-$1" "$process" 2>/dev/null; done
}
wait_for_end() {
    for pass in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        someone_lives || return
        sleep 0.1
    done
}
end_with TERM
wait_for_end
end_with KILL
wait_for_end
rm -rf -- "$folder"
"#;

/// A running WebDriver server with its own process group, its own free port and its own temporary folder.
pub struct Driver {
    /// Where the driver listens.
    pub port: u16,
    server: Child,
    guard: Child,
    folder: PathBuf,
    log: PathBuf,
}

impl Driver {
    pub fn start(kind: Kind, programs: &Programs) -> Result<Self> {
        let folder = own_folder()?;
        let log = folder.join("driver.log");
        let port = free_port()?;
        let server = Self::spawn(kind, programs, port, &folder, &log)
            .map_err(|cause| Error::Driver(format!("{} did not start: {cause}", programs.driver.display())))?;
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard", &server.id().to_string()])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|cause| Error::Driver(format!("sh, which guards the driver, did not start: {cause}")))?;
        let mut driver = Self { port, server, guard, folder, log };
        driver.wait_until_listening(programs)?;
        Ok(driver)
    }

    fn spawn(kind: Kind, programs: &Programs, port: u16, folder: &Path, log: &Path) -> io::Result<Child> {
        let mut command = match kind.browser {
            Browser::WebKit => {
                let mut command = Command::new("xvfb-run");
                // Larger than any window we ask for.
                command.args(["-a", "-s", "-screen 0 2000x1400x24"]).arg(&programs.driver);
                command
            }
            Browser::Chromium | Browser::Firefox => Command::new(&programs.driver),
        };
        match kind.browser {
            Browser::Chromium | Browser::WebKit => command.arg(format!("--port={port}")),
            // With access to the browser itself, because only there garbage can be asked to be collected.
            Browser::Firefox => {
                command.args(["--port", &port.to_string(), "--websocket-port", "0", "--allow-system-access"])
            }
        };
        if kind.browser == Browser::WebKit {
            // Without a graphics card its painter for one would compile OpenGL's shaders for the processor, half a second of
            // work beside three runs that are measured; its painter for processors takes ten milliseconds for the same.
            command.env("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1");
        }
        if kind.browser == Browser::WebKit && kind.sharing == Sharing::Offered {
            command.env("JSC_useSharedArrayBuffer", "1");
        }
        let log = fs::File::create(log)?;
        command
            .env("TMPDIR", folder)
            .env("MOZ_REMOTE_SETTINGS_DEVTOOLS", "1")
            .envs(["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"].map(|name| (name, folder)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()
    }

    fn wait_until_listening(&mut self, programs: &Programs) -> Result<()> {
        let began = Instant::now();
        while !client::is_listening(self.port) {
            let ended = self.server.try_wait().ok().flatten();
            if ended.is_some() || began.elapsed() > START_LIMIT {
                return Err(Error::Driver(format!(
                    "{} does not answer on port {}; its log says:\n{}",
                    programs.driver.display(),
                    self.port,
                    self.log_since(0).0
                )));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// What driver and browser have printed from this place on, and the place where it ends.
    pub fn log_since(&self, place: u64) -> (String, u64) {
        let mut bytes = Vec::new();
        let read = fs::File::open(&self.log).and_then(|mut file| {
            file.seek(SeekFrom::Start(place))?;
            file.read_to_end(&mut bytes)
        });
        match read {
            Ok(count) => (String::from_utf8_lossy(&bytes).into_owned(), place + count as u64),
            Err(cause) => (format!("{}: {cause}", self.log.display()), place),
        }
    }

    /// The process group of driver and browser.
    pub fn group(&self) -> u32 {
        self.server.id()
    }

    /// The temporary folder; every process that the driver started has it as TMPDIR.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // Reaped while the guard works: a process group lives as long as a dead member nobody asked after.
        let _ = self.server.wait();
        let _ = self.guard.wait();
    }
}

fn own_folder() -> Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("interleave-tests-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = env::temp_dir().join(name);
    match fs::create_dir_all(&path) {
        Ok(()) => Ok(path),
        Err(cause) => Err(Error::File { path, cause }),
    }
}

fn free_port() -> Result<u16> {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    address.map(|address| address.port()).map_err(|cause| Error::Driver(format!("no free port: {cause}")))
}
