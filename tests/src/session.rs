use crate::{
    browser::{Browser, Kind},
    client::Client,
    driver::Driver,
    error::Result,
};
use serde_json::{Value, json};
use std::{cell::Cell, time::Duration};

const CREATE_LIMIT: Duration = Duration::from_secs(60);

/// The window's size unless a case asks for another.
pub const WINDOW: (u32, u32) = (1280, 900);

/// What the buttons of about:memory do, for every process of the browser.
const COLLECT_IN_FIREFOX: &str = "
    for (const request of ['child-mmu-request', 'child-gc-request', 'child-cc-request']) {
        Services.obs.notifyObservers(null, request);
    }
    await new Promise(done => Cc['@mozilla.org/memory-reporter-manager;1']
        .getService(Ci.nsIMemoryReporterManager).minimizeMemoryUsage(done));";

/// WebKit takes no request, so it is given cause: garbage, until it has found six pieces of it in different rounds.
const COLLECT_IN_WEBKIT: &str = "
    let found = 0;
    const registry = new FinalizationRegistry(() => found++);
    for (let round = 0; round < 400 && found < 6; round++) {
        registry.register({});
        for (let piece = 0; piece < 64; piece++) new ArrayBuffer(1 << 16);
        await new Promise(done => setTimeout(done));
    }
    if (found < 6) throw new Error('no garbage was collected');";

/// A browser that runs and obeys.
pub struct Session {
    /// How we talk to it.
    pub client: Client,
    /// The processes behind it.
    pub driver: Driver,
    /// Which browser it is, and how it was started.
    pub kind: Kind,
    read_until: Cell<u64>,
}

impl Session {
    pub fn start(kind: Kind) -> Result<Self> {
        let programs = kind.browser.programs()?;
        let driver = Driver::start(kind, &programs)?;
        let client = Client::create(driver.port, &kind.browser.capabilities(&programs), CREATE_LIMIT)?;
        client.set_window(WINDOW.0, WINDOW.1)?;
        Ok(Self { client, driver, kind, read_until: Cell::new(0) })
    }

    /// The errors that the browser itself has logged since the last call: a second witness beside the page's own list.
    ///
    /// Firefox prints its own troubles too; those of pages are quoted or name an address. WebKit's driver throws away what
    /// the browser prints, so there the page's list stands alone.
    pub fn console_errors(&self) -> Vec<String> {
        match self.kind.browser {
            Browser::Chromium => self.client.severe_log().unwrap_or_else(|error| vec![error.to_string()]),
            Browser::Firefox => self.logged(|line| {
                let is_quoted = line.starts_with("console.error: \"");
                let is_located = ["console.error: ", "JavaScript error: "].iter().any(|start| line.starts_with(start))
                    && line.contains("http://");
                is_quoted || is_located
            }),
            Browser::WebKit => Vec::new(),
        }
    }

    /// Makes the page as large as that, as on another screen.
    pub fn set_size(&self, (width, height): (u32, u32)) -> Result<()> {
        if self.kind.browser != Browser::Chromium {
            return self.client.set_window(width, height);
        }
        // A window cannot be as narrow as a phone; the emulated screen can.
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.client.chromium("Emulation.setDeviceMetricsOverride", &metrics).map(drop)
    }

    /// Has the browser free what nothing refers to any more. Left to themselves, browsers differ in when they do so, and
    /// their weight is a saw of a hundred MiB.
    pub fn collect_garbage(&self) -> Result<()> {
        match self.kind.browser {
            Browser::Chromium => self.client.chromium("HeapProfiler.collectGarbage", &json!({})),
            Browser::Firefox => self.client.firefox(COLLECT_IN_FIREFOX),
            Browser::WebKit => self.client.evaluate_async(COLLECT_IN_WEBKIT, Value::Null),
        }
        .map(drop)
    }

    fn logged(&self, is_error: impl Fn(&str) -> bool) -> Vec<String> {
        let (text, end) = self.driver.log_since(self.read_until.get());
        self.read_until.set(end);
        text.lines().filter(|line| is_error(line)).map(str::to_owned).collect()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A browser that is told to go tidies up; one that does not listen is ended by the driver's guard.
        let _ = self.client.close();
    }
}
