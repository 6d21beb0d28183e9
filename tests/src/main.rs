//! `cargo run -p tests -- run|screenshots|soak|bench`: the page driven outside the cases.

mod commands {
    pub mod bench;
    pub mod loops;
    pub mod run;
    pub mod screenshots;
    pub mod soak;
}

use commands::{bench, loops, run, screenshots, soak};
use std::{env, process::ExitCode};
use tests::error::{Error, Result};

const HELP: &str = "\
usage: tests run [--browser NAME] [LINK]
           runs an experiment in a headless browser and prints its results side by side
       tests screenshots [--browser NAME] [--out DIR]
           takes pictures of the page in its sizes, languages, themes and states
       tests soak [cycles|jobs] [--browser NAME] [--cycles N]
           starts and stops the engine over and over, runs jobs by the thousand, and looks for what is left behind
       tests bench [SECTION] [--browser NAME]
           measures models and engine in a browser beside native code; `loop` the event loop beside promises, CPython and
           Pyodide

NAME is chromium, firefox or webkit. LINK is what stands behind the question mark of an experiment's address.
The built page is expected in dist/, or where INTERLEAVE_DIST says.";

fn main() -> ExitCode {
    let mut words = env::args().skip(1);
    let outcome = match words.next().as_deref() {
        Some("run") => Options::read(words).and_then(|options| run::run(&options)),
        Some("screenshots") => Options::read(words).and_then(|options| screenshots::run(&options)),
        Some("soak") => Options::read(words).and_then(|options| soak::run(&options)),
        Some("bench") => Options::read(words).and_then(|options| match options.link.as_deref() {
            Some("loop") => loops::run(&options),
            _ => bench::run(&options),
        }),
        Some("help" | "--help" | "-h") => {
            println!("{HELP}");
            Ok(())
        }
        Some(other) => Err(Error::Usage(format!("there is no command {other}\n\n{HELP}"))),
        None => Err(Error::Usage(HELP.into())),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What stands behind the command's name.
#[derive(Default)]
pub struct Options {
    /// Which browser; the command chooses when absent.
    pub browser: Option<String>,
    /// Where pictures go.
    pub out: Option<String>,
    /// How often to start and stop.
    pub cycles: Option<u32>,
    /// An experiment's link.
    pub link: Option<String>,
}

impl Options {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| Error::Usage(format!("{word} wants a value\n\n{HELP}")));
            match word.as_str() {
                "--browser" => options.browser = Some(value()?),
                "--out" => options.out = Some(value()?),
                "--cycles" => {
                    let text = value()?;
                    let cycles = text.parse().map_err(|_| Error::Usage(format!("--cycles {text} is not a number")))?;
                    options.cycles = Some(cycles);
                }
                option if option.starts_with('-') => {
                    return Err(Error::Usage(format!("there is no option {option}\n\n{HELP}")));
                }
                link => options.link = Some(link.trim_start_matches('?').to_owned()),
            }
        }
        Ok(options)
    }
}
