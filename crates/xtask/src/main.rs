//! Set-up, build, serve, test, bench, tidy.
mod arguments;
mod engine;
mod failure;
mod linked;
mod packages;
mod page;
mod process;
mod progress;
mod project;
mod toolchain;
mod tools;

use engine::Edition;
use failure::{Failure, Outcome};
use project::Project;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::from(if failure.usage { 2 } else { 1 })
        }
    }
}

fn run(words: &[String]) -> Outcome {
    process::end_children_with_us()?;
    let project = Project::open()?;
    match words.first().map_or("help", String::as_str) {
        "engine" => engine::build(&project, Edition::of_trunk()),
        "optimise-page" => page::optimise_staged(&project),
        "build" => {
            let compilers = page::provide(&project)?;
            page::build(&project, &compilers, Edition::Development, &project.dist(), &[])
        }
        "dist" => {
            let compilers = page::provide(&project)?;
            tools::provide_wasm_opt(&project)?;
            page::build(&project, &compilers, Edition::Release, &project.dist(), &[])
        }
        other => Err(Failure::usage(format!("`{other}` is not a command."), "`cargo xtask help` lists them.")),
    }
}
