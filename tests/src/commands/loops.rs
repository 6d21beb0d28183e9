use crate::Options;
use crate::commands::run::chosen_or_first;
use serde_json::{Value, json};
use std::{env, path::PathBuf, process::Command};
use tests::{
    browser::{Kind, Sharing},
    error::{Error, Result},
    page::Page,
    server::{Headers, Server, Site, engine_path},
    session::Session,
};

/// How often each is measured, in turns, because the machine's speed drifts. What is quoted is the median.
const ROUNDS: usize = 5;

/// Something that every loop does.
struct Case {
    /// As the bench's parts know it.
    what: &'static str,
    /// As the table says it.
    name: &'static str,
    /// How many of them.
    count: u32,
    /// What would pass anyway, in milliseconds.
    slept_millis: f64,
}

const CASES: [Case; 4] = [
    Case { what: "hops", name: "a hop: 1000 coroutines give way 100 times each", count: 100_000, slept_millis: 0.0 },
    Case {
        what: "timers",
        name: "a timer: 1000 coroutines sleep 1 ms 20 times each",
        count: 20_000,
        slept_millis: 20.0,
    },
    Case {
        what: "gather",
        name: "a sleeper: 100 000 coroutines sleep 0.5 s at once",
        count: 100_000,
        slept_millis: 500.0,
    },
    Case { what: "messages", name: "a message: 10 000 go through a queue of one", count: 10_000, slept_millis: 0.0 },
];

/// A loop that is measured.
enum Peer<'a> {
    /// In a worker of the page, by its name there.
    InBrowser(&'static str, &'a Page<'a>),
    /// CPython on this machine, by the program's name.
    Python(&'static str),
}

impl Peer<'_> {
    /// How many milliseconds so many take.
    fn measure(&self, what: &str, count: u32) -> Result<f64> {
        match self {
            Peer::InBrowser(peer, page) => {
                let script = "return await window.measure(...arguments)";
                page.evaluate_async(script, json!([peer, what, count]))
            }
            Peer::Python(program) => {
                let script = format!("{PYTHON}\nprint(asyncio.run(measure('{what}', {count})))");
                let printed = python(program, &script)?;
                printed.trim().parse().map_err(|_| Error::NotHeld(format!("{program} printed {printed:?}")))
            }
        }
    }
}

fn python(program: &str, script: &str) -> Result<String> {
    let answer = Command::new(program).args(["-c", script]).output();
    let answer = answer.map_err(|cause| Error::NotHeld(format!("{program} does not start: {cause}")))?;
    if !answer.status.success() {
        return Err(Error::NotHeld(format!("{program}: {}", String::from_utf8_lossy(&answer.stderr))));
    }
    Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
}

/// The same for CPython and for Pyodide, which is CPython on a browser's loop.
const PYTHON: &str = include_str!("loops/measure.py");
/// Promises without a loop beside the browser's.
const PROMISES: &str = include_str!("loops/promises.js");
/// The worker in which a browser's loops are measured.
const WORKER: &str = include_str!("loops/worker.js");

const START: &str = "
    const worker = new Worker('/worker.js', { type: 'module' });
    const failed = new Promise((_, reject) => worker.onerror = ({ message }) => reject(new Error(message ?? 'no worker')));
    window.measure = (...asked) => Promise.race([failed, new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => data.error ? reject(new Error(data.error)) : resolve(data.value);
        worker.postMessage(asked);
    })]);
    return await window.measure('version')";

/// Measures our loop beside promises, CPython and Pyodide.
pub fn run(options: &Options) -> Result<()> {
    let browser = chosen_or_first(options)?;
    let session = Session::start(Kind { browser, sharing: Sharing::Offered })?;
    let pyodide = pyodide()?;
    let server = site(pyodide.as_ref())?.serve()?;
    let page = Page::open(&session, &server.url("empty.html"))?;
    let pyodide_version: Option<String> = page.evaluate_async(START, Value::Null)?;
    let python_version = python("python3", "import platform; print(platform.python_version(), end='')");
    let mut peers = vec![
        ("ours".to_owned(), Peer::InBrowser("ours", &page)),
        ("promises".to_owned(), Peer::InBrowser("promises", &page)),
    ];
    match python_version {
        Ok(version) => peers.push((format!("CPython {version}"), Peer::Python("python3"))),
        Err(error) => println!("CPython is left out: {error}"),
    }
    match pyodide_version {
        Some(version) => peers.push((format!("Pyodide {version}"), Peer::InBrowser("pyodide", &page))),
        None => println!("Pyodide is left out: `cargo xtask bench loop` could not fetch it."),
    }
    println!(
        "{}; microseconds for each, medians of {ROUNDS} rounds; in brackets: how many times ours\n",
        browser.name()
    );
    for case in &CASES {
        println!("{}", case.name);
        let medians = medians(case, &peers)?;
        for ((name, _), micros) in peers.iter().zip(&medians) {
            println!("  {name:<18} {micros:>9.3} µs  ({:.2}×)", micros / medians[0]);
        }
        println!();
    }
    Ok(())
}

fn medians(case: &Case, peers: &[(String, Peer)]) -> Result<Vec<f64>> {
    // A browser compiles well what has run for a while.
    for (_, peer) in peers {
        peer.measure(case.what, case.count / 10)?;
    }
    let mut found = vec![Vec::new(); peers.len()];
    for _ in 0..ROUNDS {
        for ((_, peer), found) in peers.iter().zip(&mut found) {
            let millis = peer.measure(case.what, case.count)?;
            found.push((millis - case.slept_millis) * 1_000.0 / f64::from(case.count));
        }
    }
    Ok(found
        .into_iter()
        .map(|mut micros| {
            micros.sort_by(f64::total_cmp);
            micros[ROUNDS / 2]
        })
        .collect())
}

/// Pyodide's folder, if it could be fetched.
fn pyodide() -> Result<Option<Server>> {
    let Some(folder) = env::var_os("INTERLEAVE_PYODIDE").filter(|folder| !folder.is_empty()) else {
        return Ok(None);
    };
    Site { folder: Some(PathBuf::from(folder)), headers: headers()?, ..Site::default() }.serve().map(Some)
}

/// Those that isolate, for the finer clock, and none that say where scripts may come from: Pyodide's come from elsewhere.
fn headers() -> Result<Headers> {
    let isolating = ["Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy", "Cross-Origin-Resource-Policy"];
    Ok(Headers::of_the_project()?.only(&isolating).and("Access-Control-Allow-Origin", "*"))
}

fn site(pyodide: Option<&Server>) -> Result<Site> {
    let pyodide = pyodide.map(|server| server.url("")).unwrap_or_default();
    let worker = WORKER.replace("ENGINE", &engine_path()?).replace("PYODIDE", &pyodide);
    let python = format!("export default {};", json!(PYTHON));
    Ok(Site::project()?
        .with_headers(headers()?)
        .with_page("/worker.js", &worker)
        .with_page("/promises.js", PROMISES)
        .with_page("/python.js", &python))
}
