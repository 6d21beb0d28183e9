//! A copy of the release that the browsers look at, so that another build meanwhile cannot replace it under them.
use crate::engine::files_below;
use crate::failure::{AtPath, Outcome};
use crate::lock::BuildLock;
use crate::process::is_alive;
use crate::project::Project;
use std::fs;
use std::path::PathBuf;

/// The copy; it is removed at the end.
pub struct Snapshot {
    /// The folder with the copied page.
    pub folder: PathBuf,
}

impl Snapshot {
    /// Takes the lock of the build that has just filled dist, so that no other build comes in between.
    pub fn of_dist(project: &Project, _lock: BuildLock) -> Outcome<Self> {
        let (dist, all) = (project.dist(), project.root.join("target/tested"));
        for entry in fs::read_dir(&all).into_iter().flatten().flatten() {
            // Those of commands that were killed.
            if !is_alive(&entry.file_name().to_string_lossy()) {
                fs::remove_dir_all(entry.path()).at("remove", &entry.path())?;
            }
        }
        let folder = all.join(std::process::id().to_string());
        for file in files_below(&dist)? {
            let copy = folder.join(file.strip_prefix(&dist).expect("the file was found in this folder"));
            let parent = copy.parent().expect("a file lies in a folder");
            fs::create_dir_all(parent).at("create", parent)?;
            fs::copy(&file, &copy).at("create", &copy)?;
        }
        Ok(Self { folder })
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // The next command removes what could not be removed now.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
