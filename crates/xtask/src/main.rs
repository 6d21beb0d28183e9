//! Set-up, build, serve, test, bench, tidy.
#[cfg(not(unix))]
compile_error!("`cargo xtask` runs on Linux and macOS; on Windows run it inside WSL.");

mod arguments;
mod browsers;
mod commands;
mod engine;
mod failure;
mod hosting;
mod linked;
mod lock;
mod npm;
mod packages;
mod page;
mod process;
mod progress;
mod project;
mod room;
mod serve;
mod setup;
mod sizes;
mod snapshot;
mod suite;
mod tidy;
mod toolchain;
mod tools;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match process::end_children_with_us().and_then(|()| commands::run(&words)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::from(if failure.usage { 2 } else { 1 })
        }
    }
}
