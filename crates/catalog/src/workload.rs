//! The workloads: one row each. What they compute is in the crate `workloads`.

use serde::{Deserialize, Serialize};

use crate::Text;

/// What is computed, or waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WorkloadId {
    /// Counting primes by trial division.
    Primes,
    /// Sleeping.
    Sleeping,
}

/// The groups of the page's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Jobs that keep a processor busy.
    Compute,
    /// Jobs that wait.
    Wait,
}

impl Group {
    /// Every group, in the order of the page.
    pub const ALL: [Group; 2] = [Group::Compute, Group::Wait];

    /// Its name for the reader.
    pub fn name(self) -> Text {
        match self {
            Group::Compute => Text { en: "compute", zh: "计算" },
            Group::Wait => Text { en: "wait", zh: "等待" },
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
    /// What the reader can set; the number of jobs comes first.
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

const JOBS: Param = Param {
    slug: "jobs",
    name: Text { en: "jobs", zh: "任务数" },
    unit: "",
    min: 1,
    max: 64,
    default: 4,
    scale: Scale::Linear,
};

/// Every workload, in the order in which the page lists them.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        id: WorkloadId::Primes,
        slug: "primes",
        name: Text { en: "prime counting", zh: "数质数" },
        summary: Text {
            en: "Each job counts the primes below a number by trial division.",
            zh: "每个任务用试除法数出某个数以内有多少个质数。",
        },
        group: Group::Compute,
        params: &[
            JOBS,
            Param {
                slug: "size",
                name: Text { en: "count up to", zh: "数到" },
                unit: "",
                min: 1_000,
                max: 10_000_000,
                default: 500_000,
                scale: Scale::Logarithmic,
            },
        ],
    },
    Workload {
        id: WorkloadId::Sleeping,
        slug: "sleeping",
        name: Text { en: "sleeping", zh: "睡眠" },
        summary: Text {
            en: "Each job waits for a while and computes nothing.",
            zh: "每个任务只是等待一段时间，什么也不算。",
        },
        group: Group::Wait,
        params: &[
            Param { max: 1_000, ..JOBS },
            Param {
                slug: "millis",
                name: Text { en: "each sleeps", zh: "每个睡" },
                unit: "ms",
                min: 1,
                max: 10_000,
                default: 200,
                scale: Scale::Logarithmic,
            },
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_id_and_by_slug() {
        for workload in WORKLOADS {
            assert_eq!(workload.id.row().slug, workload.slug);
            assert_eq!(WorkloadId::from_slug(workload.slug), Some(workload.id));
        }
        for id in [WorkloadId::Primes, WorkloadId::Sleeping] {
            match id {
                WorkloadId::Primes | WorkloadId::Sleeping => assert_eq!(id.row().id, id),
            }
        }
    }

    #[test]
    fn defaults_are_within_their_limits() {
        for param in WORKLOADS.iter().flat_map(|workload| workload.params) {
            assert!((param.min..=param.max).contains(&param.default), "{}", param.slug);
        }
    }

    #[test]
    fn the_number_of_jobs_comes_first() {
        assert!(WORKLOADS.iter().all(|workload| workload.params[0].slug == "jobs"));
    }
}
