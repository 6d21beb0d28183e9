//! The row of the reader's own work.

use super::rows::LANES;
use super::{Group, Workload, WorkloadId};
use crate::Text;

/// Jobs as he writes them.
pub(super) const CUSTOM: Workload = Workload {
    id: WorkloadId::Custom,
    slug: "custom",
    name: Text { en: "your own jobs", zh: "自己编写的任务" },
    summary: Text {
        en: "The jobs that you write below, a line for each.", zh: "由你在下面编写的任务，每行一种。"
    },
    group: Group::Custom,
    shares: true,
    simple_steps: true,
    lanes: LANES,
    params: &[],
};
