//! The suite of text cases in `tests/suite`: each section of a file is an experiment's link, a machine and a picture of
//! what every model does there in virtual time. `UPDATE_SUITE=1 cargo test -p models --test suite` writes them anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use catalog::Experiment;
use models::Finished;
use models::virtual_time::{Costs, Machine, Policy, run};
use trace::picture;

const COLUMNS: u64 = 64;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/suite")
}

/// `round-robin`, by quanta, unless the heading says otherwise.
fn policy(word: &str) -> Policy {
    match word {
        "run-to-completion" => Policy::RunToCompletion,
        "lowest-number-first" => Policy::LowestNumberFirst,
        _ => panic!("there is no policy `{word}`"),
    }
}

/// `=== cores=2 work=primes&jobs=4…` or `=== cores=2 policy=run-to-completion work=…` and whatever follows as its picture.
fn draw_section(heading: &str) -> String {
    let mut words = heading.split_whitespace().peekable();
    let cores = words
        .next()
        .and_then(|word| word.strip_prefix("cores=")?.parse().ok())
        .unwrap_or_else(|| panic!("a heading reads `=== cores=N [policy=NAME] LINK`, not `=== {heading}`"));
    let named = words.next_if(|word| word.starts_with("policy="));
    let policy = named.and_then(|word| word.strip_prefix("policy=")).map_or(Policy::default(), policy);
    let link = words.next().unwrap_or_default();
    let experiment = Experiment::from_link(link).unwrap_or_else(|error| panic!("{link}: {error}"));
    let mut text = String::new();
    for &model in &experiment.models {
        let spec = experiment.run_spec(model, true);
        let slug = model.row().slug;
        match run(&spec, Machine { cores, policy, costs: Costs::default() }) {
            Ok(Finished { answer, losses, recording }) => {
                let counts = [
                    (losses.updates, "lost"),
                    (losses.jobs.into(), "jobs lost"),
                    (losses.repeated.into(), "jobs repeated"),
                ];
                let counts = counts.into_iter().filter(|(count, _)| *count > 0);
                let lost: String = counts.map(|(count, what)| format!(", {count} {what}")).collect();
                writeln!(text, "{slug}: {answer}{lost}\n{}", picture::draw(&recording, COLUMNS))
                    .expect("a string grows");
            }
            Err(failure) => writeln!(text, "{slug}: {failure}\n").expect("a string grows"),
        }
    }
    text
}

fn redraw(file: &str) -> String {
    file.split("=== ")
        .skip(1)
        .map(|section| {
            let heading = section.lines().next().unwrap_or_default();
            format!("=== {heading}\n{}", draw_section(heading))
        })
        .collect()
}

#[test]
fn every_picture_is_as_it_was() {
    let mut cases = 0;
    for entry in std::fs::read_dir(folder()).expect("tests/suite is there") {
        let path = entry.expect("tests/suite can be listed").path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let before = std::fs::read_to_string(&path).expect("a case can be read");
        let after = redraw(&before);
        cases += before.matches("=== ").count();
        if std::env::var_os("UPDATE_SUITE").is_some() {
            std::fs::write(&path, &after).expect("a case can be written");
        } else {
            assert_eq!(after, before, "{}: look at the change; UPDATE_SUITE=1 accepts it", path.display());
        }
    }
    assert!(cases > 0, "no case found in {}", folder().display());
}
