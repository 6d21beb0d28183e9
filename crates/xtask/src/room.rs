//! Whether a disk has room. A compiler without it says all kinds of things, and seldom that.
use crate::failure::{AtPath, Failure, Outcome};
use crate::process::answer;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What compiling all the tools takes at its peak.
const FOR_TOOLS: u64 = 1500;

/// A build that failed with less than this left has most likely failed for want of it.
const NEXT_TO_NOTHING: u64 = 150;

/// Asked before the tools are compiled.
pub fn for_tools(cache: &Path) -> Outcome {
    fs::create_dir_all(cache).at("create", cache)?;
    match free_megabytes(cache) {
        Some(free) if free < FOR_TOOLS => Err(Failure::new(
            format!("Compiling the tools needs {FOR_TOOLS} MB, and {} has {free} MB free.", cache.display()),
            "Free some space there, or set XDG_CACHE_HOME to a folder on another disk; then run the same command again.",
        )),
        _ => Ok(()),
    }
}

/// The same failure, unless the disk of this folder is full: then that is said in its place.
pub fn or_full(failure: Failure, folder: &Path) -> Failure {
    match free_megabytes(folder) {
        Some(free) if free < NEXT_TO_NOTHING => Failure::new(
            format!("{} {} has only {free} MB free.", failure.fact, folder.display()),
            "Free some space there (all that is built takes some gigabytes), or work in a clone on another disk; then run the same \
             command again.",
        ),
        _ => failure,
    }
}

fn free_megabytes(folder: &Path) -> Option<u64> {
    let table = answer(Command::new("df").arg("-Pk").arg(folder))?;
    table.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}

#[cfg(test)]
mod tests {
    use super::free_megabytes;
    use std::path::Path;

    #[test]
    fn room_is_known_where_there_is_a_folder() {
        assert!(free_megabytes(Path::new(".")).is_some());
        assert_eq!(free_megabytes(Path::new("/no/such/folder")), None);
    }
}
