//! The models: one row each.

use serde::{Deserialize, Serialize};

use crate::Text;

/// A way of running jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ModelId {
    /// One lane, one job after another.
    Sequential,
    /// One thread per job under one GIL.
    ThreadsGil,
    /// One thread per job, no lock.
    ThreadsFree,
    /// A fixed number of threads that take jobs from one queue.
    ThreadPool,
    /// A pool of threads that steal work from each other.
    WorkStealing,
    /// One process per job.
    Processes,
    /// A fixed number of processes that are kept.
    ProcessPool,
    /// One thread per job, each with a GIL and a heap of its own.
    Subinterpreters,
    /// Coroutines on one event loop.
    EventLoop,
}

/// What a model cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Need {
    /// Memory that several workers share.
    SharedMemory,
}

/// Why a model cannot run an experiment here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It cannot do without something that is not there.
    Missing(Need),
    /// The jobs share cells, locks or queues, and the model gives each a memory of its own.
    NothingShared,
    /// The model gives every job a worker, and a browser does not have so many.
    TooManyJobs {
        /// The jobs.
        jobs: u32,
        /// The most that the model takes.
        most: u32,
    },
}

/// What the reader can set beside work and models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// How many lanes there are.
    Lanes,
    /// How threads under a GIL take turns.
    Switching,
    /// Whether the threads of a pool are under a GIL.
    PoolGil,
    /// How many jobs go to a process at once.
    Chunk,
    /// Where the event loop runs.
    Place,
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
    /// The most jobs that it can run, where each gets a worker of the browser: a hundred of those take a gigabyte.
    pub most_jobs: Option<u32>,
    /// Which of the experiment's settings change what it does.
    pub settings: &'static [Setting],
    /// Whether the number of lanes is the reader's to choose.
    pub takes_lanes: bool,
    /// Whether its jobs can share cells, locks and queues.
    pub shares_memory: bool,
    /// Whether it takes part where nobody has chosen.
    pub is_default: bool,
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

/// Workers that one run may start. Browsers start more, but a phone does not survive it.
const MOST_WORKERS: u32 = 64;

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
        most_jobs: None,
        settings: &[],
        takes_lanes: false,
        shares_memory: true,
        is_default: true,
        home: Home::Lane,
    },
    Model {
        id: ModelId::ThreadsGil,
        slug: "threads-gil",
        name: Text { en: "threads, GIL", zh: "多线程（有 GIL）" },
        summary: Text {
            en: "Each job gets a thread, and a thread runs only while it holds the one lock of the interpreter.",
            zh: "每个任务一个线程，但线程只有拿到解释器唯一的那把锁才能运行。",
        },
        python: "threading.Thread",
        needs: &[Need::SharedMemory],
        most_jobs: Some(MOST_WORKERS),
        settings: &[Setting::Switching],
        takes_lanes: false,
        shares_memory: true,
        is_default: true,
        home: Home::Conductor,
    },
    Model {
        id: ModelId::ThreadsFree,
        slug: "threads-free",
        name: Text { en: "free threads", zh: "自由线程（无 GIL）" },
        summary: Text {
            en: "Each job gets a thread, and nothing keeps the threads from running at the same time.",
            zh: "每个任务一个线程，线程之间没有锁，可以真正同时运行。",
        },
        python: "threading.Thread on a free-threaded build (3.14t)",
        needs: &[Need::SharedMemory],
        most_jobs: Some(MOST_WORKERS),
        settings: &[],
        takes_lanes: false,
        shares_memory: true,
        is_default: true,
        home: Home::Conductor,
    },
    Model {
        id: ModelId::ThreadPool,
        slug: "thread-pool",
        name: Text { en: "thread pool", zh: "线程池" },
        summary: Text {
            en: "A fixed number of threads take the jobs from one queue, in their order.",
            zh: "固定数量的线程按顺序从同一个队列里领取任务。",
        },
        python: "concurrent.futures.ThreadPoolExecutor",
        needs: &[Need::SharedMemory],
        most_jobs: None,
        settings: &[Setting::Lanes, Setting::PoolGil, Setting::Switching],
        takes_lanes: true,
        shares_memory: true,
        is_default: false,
        home: Home::Conductor,
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
        most_jobs: None,
        settings: &[Setting::Lanes],
        takes_lanes: true,
        shares_memory: true,
        is_default: false,
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
        most_jobs: Some(MOST_WORKERS),
        settings: &[],
        takes_lanes: false,
        shares_memory: false,
        is_default: true,
        home: Home::Conductor,
    },
    Model {
        id: ModelId::ProcessPool,
        slug: "process-pool",
        name: Text { en: "process pool", zh: "进程池" },
        summary: Text {
            en: "A fixed number of processes are kept and get one chunk of jobs after another.",
            zh: "固定数量的进程常驻不退，一批接一批地领取任务。",
        },
        python: "concurrent.futures.ProcessPoolExecutor",
        needs: &[],
        most_jobs: None,
        settings: &[Setting::Lanes, Setting::Chunk],
        takes_lanes: true,
        shares_memory: false,
        is_default: false,
        home: Home::Conductor,
    },
    Model {
        id: ModelId::Subinterpreters,
        slug: "subinterpreters",
        name: Text { en: "subinterpreters", zh: "子解释器" },
        summary: Text {
            en: "Each job gets a thread with an interpreter of its own, that is, a GIL and a heap; values are copied.",
            zh: "每个任务一个线程，各有自己的解释器，也就是各有一把 GIL 和一个堆；值靠复制传递。",
        },
        python: "concurrent.futures.InterpreterPoolExecutor (3.14)",
        needs: &[Need::SharedMemory],
        most_jobs: Some(MOST_WORKERS),
        settings: &[],
        takes_lanes: false,
        shares_memory: false,
        is_default: false,
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
        most_jobs: None,
        settings: &[Setting::Place],
        takes_lanes: false,
        shares_memory: true,
        is_default: true,
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
        // This match does not compile without a new variant, and the list beside it is then to be completed as well.
        for id in [
            ModelId::Sequential,
            ModelId::ThreadsGil,
            ModelId::ThreadsFree,
            ModelId::ThreadPool,
            ModelId::WorkStealing,
            ModelId::Processes,
            ModelId::ProcessPool,
            ModelId::Subinterpreters,
            ModelId::EventLoop,
        ] {
            match id {
                ModelId::Sequential
                | ModelId::ThreadsGil
                | ModelId::ThreadsFree
                | ModelId::ThreadPool
                | ModelId::WorkStealing
                | ModelId::Processes
                | ModelId::ProcessPool
                | ModelId::Subinterpreters
                | ModelId::EventLoop => assert_eq!(id.row().id, id),
            }
        }
    }
}
