//! The workloads: one row each. What they compute is in the crate `workloads`.

use serde::{Deserialize, Serialize};

use crate::{LaneChoice, Text};

mod custom;
mod pages;
mod rows;

pub use rows::WORKLOADS;

/// What is computed, or waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WorkloadId {
    /// Counting primes by trial division.
    Primes,
    /// The loop that tutorials time.
    Loop,
    /// A picture of the Mandelbrot set.
    Mandelbrot,
    /// Multiplying matrices.
    Matrix,
    /// Placing queens on a chessboard.
    Queens,
    /// Hashing a hash, again and again.
    Sha256,
    /// Sorting random numbers.
    Sorting,
    /// π from random points.
    Pi,
    /// Sleeping.
    Sleeping,
    /// Many users who wait a little each.
    Users,
    /// Fetching pages.
    Fetch,
    /// Fetching a page and reading it.
    FetchParse,
    /// Jobs that the reader has written himself.
    Custom,
    /// A numerical integral between a read and a write.
    Integral,
    /// Small questions and answers beside jobs that compute.
    Echoes,
    /// A shared counter without a lock.
    Counter,
    /// The same, with a call between reading and writing.
    CounterCall,
    /// The same, with an `await` between reading and writing.
    CounterAwait,
    /// The same, under a lock.
    CounterLock,
    /// Producers, consumers and a queue of limited size.
    Buffer,
    /// Dining philosophers who all reach for the left fork first.
    Philosophers,
    /// Dining philosophers of whom one reaches for the right fork first.
    PhilosophersOrdered,
    /// Jobs that hand a further job to whoever runs them, and wait for it.
    Nested,
}

/// The groups of the page's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Jobs that keep a processor busy.
    Compute,
    /// Jobs that wait.
    Wait,
    /// Jobs that do both.
    Mixed,
    /// Jobs that depend on each other.
    Coordination,
    /// The reader's own jobs.
    Custom,
}

impl Group {
    /// Every group, in the order of the page.
    pub const ALL: [Group; 5] = [Group::Compute, Group::Wait, Group::Mixed, Group::Coordination, Group::Custom];

    /// Its name for the reader.
    pub fn name(self) -> Text {
        match self {
            Group::Compute => Text { en: "compute", zh: "计算" },
            Group::Wait => Text { en: "wait", zh: "等待" },
            Group::Mixed => Text { en: "mixed", zh: "混合" },
            Group::Coordination => Text { en: "coordination", zh: "协作" },
            Group::Custom => Text { en: "custom", zh: "自定义" },
        }
    }
}

/// How a slider's way is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Every step adds the same.
    Linear,
    /// Every step multiplies by the same.
    Logarithmic,
}

/// A number that the reader can set.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name in links and exports.
    pub slug: &'static str,
    /// Its name for the reader.
    pub name: Text,
    /// What it is counted in; empty for a plain number.
    pub unit: &'static str,
    /// The smallest value.
    pub min: u64,
    /// The largest value.
    pub max: u64,
    /// What it is unless the reader says otherwise.
    pub default: u64,
    /// How a slider's way is divided.
    pub scale: Scale,
}

/// What one simple step costs: an instruction of an interpreter, made large enough that thousands of them are a time
/// that every browser's clock can tell.
pub const STEP_NANOS: u64 = 200;

/// A row of the catalog.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// Which workload this is.
    pub id: WorkloadId,
    /// Its name in links, exports and attributes.
    pub slug: &'static str,
    /// Its name for the reader.
    pub name: Text,
    /// What each job does, in one sentence.
    pub summary: Text,
    /// Where the page lists it.
    pub group: Group,
    /// Whether the jobs share cells, locks or queues, so that their lanes have to share a memory.
    pub shares: bool,
    /// Whether its jobs read, add, write, call and so on in single steps, each of which costs [`STEP_NANOS`].
    pub simple_steps: bool,
    /// How many lanes a model with a fixed number of them gets unless the reader says otherwise.
    pub lanes: LaneChoice,
    /// What the reader can set; the number of jobs comes first. Nothing where he writes the jobs himself.
    pub params: &'static [Param],
}

impl WorkloadId {
    /// Its row.
    pub fn row(self) -> &'static Workload {
        WORKLOADS.iter().find(|workload| workload.id == self).expect("a test finds the row of every workload")
    }

    /// The workload of that name.
    pub fn from_slug(slug: &str) -> Option<WorkloadId> {
        WORKLOADS.iter().find(|workload| workload.slug == slug).map(|workload| workload.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_id_and_by_slug() {
        for workload in WORKLOADS {
            assert_eq!(workload.id.row().slug, workload.slug);
            assert_eq!(WorkloadId::from_slug(workload.slug), Some(workload.id));
        }
        // Every variant has a row: this match makes a new variant pass by here.
        let all = [
            WorkloadId::Primes,
            WorkloadId::Loop,
            WorkloadId::Mandelbrot,
            WorkloadId::Matrix,
            WorkloadId::Queens,
            WorkloadId::Sha256,
            WorkloadId::Sorting,
            WorkloadId::Pi,
            WorkloadId::Sleeping,
            WorkloadId::Users,
            WorkloadId::Fetch,
            WorkloadId::Custom,
            WorkloadId::FetchParse,
            WorkloadId::Integral,
            WorkloadId::Echoes,
            WorkloadId::Counter,
            WorkloadId::CounterCall,
            WorkloadId::CounterAwait,
            WorkloadId::CounterLock,
            WorkloadId::Buffer,
            WorkloadId::Philosophers,
            WorkloadId::PhilosophersOrdered,
            WorkloadId::Nested,
        ];
        for id in all {
            match id {
                WorkloadId::Primes
                | WorkloadId::Loop
                | WorkloadId::Mandelbrot
                | WorkloadId::Matrix
                | WorkloadId::Queens
                | WorkloadId::Sha256
                | WorkloadId::Sorting
                | WorkloadId::Pi
                | WorkloadId::Sleeping
                | WorkloadId::Users
                | WorkloadId::Fetch
                | WorkloadId::Custom
                | WorkloadId::FetchParse
                | WorkloadId::Integral
                | WorkloadId::Echoes
                | WorkloadId::Counter
                | WorkloadId::CounterCall
                | WorkloadId::CounterAwait
                | WorkloadId::CounterLock
                | WorkloadId::Buffer
                | WorkloadId::Philosophers
                | WorkloadId::PhilosophersOrdered
                | WorkloadId::Nested => assert_eq!(id.row().id, id),
            }
        }
        assert_eq!(all.len(), WORKLOADS.len());
    }

    #[test]
    fn defaults_are_within_their_limits() {
        for param in WORKLOADS.iter().flat_map(|workload| workload.params) {
            assert!((param.min..=param.max).contains(&param.default), "{}", param.slug);
        }
        for workload in WORKLOADS {
            if let LaneChoice::Fixed(lanes) = workload.lanes {
                assert!(crate::LANES.check(lanes.into()).is_ok(), "{}", workload.slug);
            }
        }
    }

    #[test]
    fn the_number_of_jobs_comes_first() {
        let first = |workload: &Workload| workload.params.first().map(|param| param.slug);
        let is_told = |workload: &&Workload| workload.id != WorkloadId::Custom;
        assert!(WORKLOADS.iter().filter(is_told).all(|workload| first(workload) == Some("jobs")));
    }
}
