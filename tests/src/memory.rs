//! What a browser costs this machine, read from /proc.

use crate::driver::Driver;
use std::{fmt, fs, path::Path};

/// The processes and the memory of a browser and its driver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// How many processes live.
    pub processes: u64,
    /// How many threads they have.
    pub threads: u64,
    /// What is resident, in KiB, with pages that several share counted in part for each.
    pub kibibytes: u64,
}

impl Footprint {
    /// Adds up every process in the driver's group or with its temporary folder in the environment. `None` where there
    /// is no /proc.
    pub fn of(driver: &Driver) -> Option<Self> {
        Self::of_group(driver.group(), driver.folder())
    }

    /// The same for a driver that may be gone.
    pub fn of_group(group: u32, folder: &Path) -> Option<Self> {
        let mark = format!("TMPDIR={}", folder.display());
        let mut sum = Self::default();
        for process in fs::read_dir("/proc").ok()?.flatten().map(|entry| entry.path()) {
            if belongs(&process, group, &mark) {
                sum.processes += 1;
                sum.threads += number(&process.join("status"), "Threads:");
                sum.kibibytes += number(&process.join("smaps_rollup"), "Pss:");
            }
        }
        Some(sum)
    }
}

/// What those processes hold in which a browser runs pages and their workers, after garbage has been collected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageWeight {
    /// How many threads they have.
    pub threads: u64,
    /// What is resident, in KiB, with pages that several share counted in part for each.
    pub kibibytes: u64,
    /// The addresses they have reserved, in MiB. Where a browser need not check addresses it reserves 4 GiB and more for one
    /// memory of wasm; one that is kept shows here whether it is resident or not.
    pub reserved_mebibytes: u64,
}

impl PageWeight {
    /// Adds up the page processes among those that the driver started. `None` where there is no /proc, and where none of them
    /// looks like one.
    pub fn of(driver: &Driver) -> Option<Self> {
        let mark = format!("TMPDIR={}", driver.folder().display());
        let mut sum = Self::default();
        let mut reserved = 0;
        for process in fs::read_dir("/proc").ok()?.flatten().map(|entry| entry.path()) {
            if belongs(&process, driver.group(), &mark) && runs_pages(&process) {
                sum.threads += number(&process.join("status"), "Threads:");
                sum.kibibytes += number(&process.join("smaps_rollup"), "Pss:");
                reserved += number(&process.join("status"), "VmSize:");
            }
        }
        sum.reserved_mebibytes = reserved >> 10;
        (sum.threads > 0).then_some(sum)
    }
}

/// Chromium and Firefox say on the command line what a process is for, some of them as one word; WebKit has a program for it.
fn runs_pages(process: &Path) -> bool {
    let line = fs::read(process.join("cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line).replace('\0', " ");
    let mut words = line.split_whitespace();
    let has = |wanted: &str| line.split_whitespace().any(|word| word == wanted);
    has("--type=renderer")
        || (has("-contentproc") && line.trim_end().ends_with(" tab"))
        || words.next().is_some_and(|program| program.ends_with("/WebKitWebProcess"))
}

impl fmt::Display for PageWeight {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { threads, kibibytes, reserved_mebibytes } = self;
        write!(out, "{threads} threads, {:.1} MiB, {reserved_mebibytes} MiB reserved", *kibibytes as f64 / 1024.0)
    }
}

impl fmt::Display for Footprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} processes, {} threads, {} MiB", self.processes, self.threads, self.kibibytes >> 10)
    }
}

fn belongs(process: &Path, group: u32, mark: &str) -> bool {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    // The name stands in brackets and may hold anything; the group is the third field after it.
    let in_group = || stat.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok().map(|id: u32| id == group);
    let environment = fs::read(process.join("environ")).unwrap_or_default();
    let marked = environment.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes());
    marked || in_group().unwrap_or(false)
}

fn number(path: &Path, field: &str) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(field));
    value.and_then(|value| value.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
