//! One build of this project at a time: Trunk and the engine's build share folders that two of them would spoil.
use crate::failure::{AtPath, Failure, Outcome};
use crate::progress::say;
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::process::Command;

/// Set for children of a build, whose hooks must not wait for their own parent.
const HELD: &str = "INTERLEAVE_BUILD_LOCK_HELD";

/// While this lives no other `cargo xtask` builds here. The system frees it even when we are killed.
pub struct BuildLock {
    _file: Option<File>,
}

impl BuildLock {
    pub fn take(root: &Path) -> Outcome<Self> {
        if std::env::var_os(HELD).is_some() {
            return Ok(Self { _file: None });
        }
        let folder = root.join("target");
        fs::create_dir_all(&folder).at("create", &folder)?;
        let path = folder.join("building.lock");
        let file = File::create(&path).at("create", &path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                say("Another build of this project is running here; waiting for it …");
                file.lock().at("lock", &path)?;
            }
            Err(TryLockError::Error(error)) => {
                let remedy = "Work in a folder on a disk that can lock files.";
                return Err(Failure::new(format!("Could not lock {}: {error}.", path.display()), remedy));
            }
        }
        Ok(Self { _file: Some(file) })
    }

    /// Tells a child that the lock is held for it.
    pub fn lend(&self, command: &mut Command) {
        command.env(HELD, "1");
    }
}

#[cfg(test)]
mod tests {
    use super::BuildLock;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn a_second_build_waits_for_the_first() {
        let root = std::env::temp_dir().join(format!("interleave-lock-{}", std::process::id()));
        let first = BuildLock::take(&root).expect("nobody else builds there");
        let (sender, taken) = mpsc::channel();
        let same = root.clone();
        let second = std::thread::spawn(move || {
            let lock = BuildLock::take(&same).expect("the first one ends");
            sender.send(()).expect("the test still listens");
            drop(lock);
        });
        assert!(taken.recv_timeout(Duration::from_millis(200)).is_err());
        drop(first);
        assert!(taken.recv_timeout(Duration::from_secs(20)).is_ok());
        second.join().expect("it did not panic");
        std::fs::remove_dir_all(root).expect("it is ours");
    }
}
