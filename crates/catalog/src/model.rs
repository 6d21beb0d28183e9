//! What a row of the catalog says of a model, and what a model can need.

use serde::{Deserialize, Serialize};

use crate::Text;

mod rows;

pub use rows::MODELS;

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
    /// Coroutines on one event loop, as children of a group.
    TaskGroup,
    /// Chains of callbacks on one event loop.
    Callbacks,
    /// Generators on a trampoline.
    Generators,
    /// Calls with stacks of their own beneath one hub.
    Greenlets,
    /// A broker and processes that take messages from it.
    MessageQueue,
    /// Coroutines on one event loop, and an executor that computes for them.
    LoopAndExecutor,
}

/// What a model cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Need {
    /// Memory that several workers share.
    SharedMemory,
    /// Setting ordinary wasm calls aside in their middle (JSPI).
    StackSwitching,
}

/// Why a model cannot run an experiment here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It cannot do without something that is not there.
    Missing(Need),
    /// The jobs share cells, locks or queues, and the model gives each a memory of its own.
    NothingShared,
    /// The model gives every job a worker or a stack, and a browser does not have so many.
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
    /// How a message queue hands out its messages.
    Messages,
    /// Where the event loop runs.
    Place,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Setting; 6] =
        [Setting::Lanes, Setting::Switching, Setting::PoolGil, Setting::Chunk, Setting::Messages, Setting::Place];
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
    /// The most jobs that it can run, where each gets something that a browser has few of: a hundred workers take a
    /// gigabyte, and twenty thousand stacks end the page.
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
            Need::StackSwitching => !capabilities.stack_switching,
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
            ModelId::TaskGroup,
            ModelId::Callbacks,
            ModelId::Generators,
            ModelId::Greenlets,
            ModelId::MessageQueue,
            ModelId::LoopAndExecutor,
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
                | ModelId::EventLoop
                | ModelId::TaskGroup
                | ModelId::Callbacks
                | ModelId::Generators
                | ModelId::Greenlets
                | ModelId::MessageQueue
                | ModelId::LoopAndExecutor => assert_eq!(id.row().id, id),
            }
        }
    }
}
