//! The models: one row each.

use serde::{Deserialize, Serialize};

use crate::Text;

/// A way of running jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ModelId {
    /// One lane, one job after another.
    Sequential,
    /// A pool of threads that steal work from each other.
    WorkStealing,
    /// One process per job.
    Processes,
    /// Coroutines on one event loop.
    EventLoop,
}

/// What a model cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Need {
    /// Memory that several workers share.
    SharedMemory,
}

/// What the browser and this way of opening the page offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether a shared memory can be made and posted to a worker.
    pub shared_memory: bool,
    /// Whether ordinary wasm calls can be suspended (JSPI).
    pub stack_switching: bool,
    /// Processors as the browser reports them.
    pub cores: u32,
}

/// Where a model's main lane lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In a lane of its own, which may block: a thread, or a process where memory cannot be shared.
    Lane,
    /// On an event loop: the page's or a worker's.
    Loop,
    /// In the conductor, because it starts other lanes and only waits for them.
    Conductor,
}

/// A row of the catalog.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// Which model this is.
    pub id: ModelId,
    /// Its name in links, exports and attributes.
    pub slug: &'static str,
    /// Its name for the reader.
    pub name: Text,
    /// What it does, in one sentence.
    pub summary: Text,
    /// What a Python programmer would write.
    pub python: &'static str,
    /// What it cannot do without.
    pub needs: &'static [Need],
    /// Whether the number of lanes is the reader's to choose.
    pub takes_lanes: bool,
    /// Where its main lane lives.
    pub home: Home,
}

impl Model {
    /// The first thing that the model needs and that is not there.
    pub fn missing(&self, capabilities: &Capabilities) -> Option<Need> {
        self.needs.iter().copied().find(|need| match need {
            Need::SharedMemory => !capabilities.shared_memory,
        })
    }
}

impl ModelId {
    /// Its row.
    pub fn row(self) -> &'static Model {
        MODELS.iter().find(|model| model.id == self).expect("a test finds the row of every model")
    }

    /// The model of that name.
    pub fn from_slug(slug: &str) -> Option<ModelId> {
        MODELS.iter().find(|model| model.slug == slug).map(|model| model.id)
    }
}

/// Every model, in the order in which the page lists them.
pub const MODELS: &[Model] = &[
    Model {
        id: ModelId::Sequential,
        slug: "sequential",
        name: Text { en: "sequential", zh: "顺序执行" },
        summary: Text {
            en: "One lane runs one job after another.", zh: "一条泳道，任务一件接一件地做。"
        },
        python: "for job in jobs: job()",
        needs: &[],
        takes_lanes: false,
        home: Home::Lane,
    },
    Model {
        id: ModelId::WorkStealing,
        slug: "work-stealing",
        name: Text { en: "work-stealing pool", zh: "工作窃取线程池" },
        summary: Text {
            en: "A fixed number of threads share the jobs; one that runs out takes some from another.",
            zh: "固定数量的线程分担任务；谁先做完，就从别人那里“偷”一些来做。",
        },
        python: "no counterpart in the standard library; Rust's rayon",
        needs: &[Need::SharedMemory],
        takes_lanes: true,
        home: Home::Conductor,
    },
    Model {
        id: ModelId::Processes,
        slug: "processes",
        name: Text { en: "processes", zh: "多进程" },
        summary: Text {
            en: "Each job gets a process with a memory of its own; arguments and results are copied.",
            zh: "每个任务独占一个进程，内存互不相通；参数和结果靠复制传递。",
        },
        python: "multiprocessing.Process",
        needs: &[],
        takes_lanes: false,
        home: Home::Conductor,
    },
    Model {
        id: ModelId::EventLoop,
        slug: "event-loop",
        name: Text { en: "event loop", zh: "事件循环" },
        summary: Text {
            en: "One lane runs many coroutines and switches where one of them waits.",
            zh: "一条泳道运行许多协程，遇到等待就切换到另一个。",
        },
        python: "asyncio.gather(*coroutines)",
        needs: &[],
        takes_lanes: false,
        home: Home::Loop,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_id_and_by_slug() {
        for model in MODELS {
            assert_eq!(model.id.row().slug, model.slug);
            assert_eq!(ModelId::from_slug(model.slug), Some(model.id));
        }
        // Every variant has a row: this match makes a new variant pass by here.
        for id in [ModelId::Sequential, ModelId::WorkStealing, ModelId::Processes, ModelId::EventLoop] {
            match id {
                ModelId::Sequential | ModelId::WorkStealing | ModelId::Processes | ModelId::EventLoop => {
                    assert_eq!(id.row().id, id);
                }
            }
        }
    }
}
