//! The engine's life as the page sees it.

use crate::{EngineId, TimerId};

/// Which build of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Its workers share one memory.
    Threads,
    /// Each worker has a memory of its own.
    Plain,
}

impl Flavour {
    /// The name of its folder and in attributes.
    pub fn slug(self) -> &'static str {
        match self {
            Flavour::Threads => "threads",
            Flavour::Plain => "plain",
        }
    }
}

/// What an engine is made for. It cannot be changed afterwards: another number of threads means another engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineNeeds {
    /// Which build.
    pub flavour: Flavour,
    /// Threads of the pool; none in the plain flavour.
    pub pool_threads: u32,
}

/// The engine's life.
#[derive(Clone, Debug, PartialEq)]
pub enum Engine {
    /// There is none.
    Absent,
    /// Its code is being fetched and compiled.
    Compiling(EngineId, EngineNeeds),
    /// Its conductor is coming up; the timer ends our patience.
    Starting(EngineId, EngineNeeds, TimerId),
    /// It can be asked to run something.
    Alive(EngineId, EngineNeeds),
    /// It was asked to end, and some of its workers may live.
    Closing(EngineId),
    /// It was ended without asking, and some of its workers may live.
    Dying(EngineId),
    /// It was ended without asking, but a worker of it lives on.
    Undead(EngineId),
}

impl Engine {
    /// Which engine it is.
    pub fn id(&self) -> Option<EngineId> {
        match *self {
            Engine::Absent => None,
            Engine::Compiling(id, _)
            | Engine::Starting(id, ..)
            | Engine::Alive(id, _)
            | Engine::Closing(id)
            | Engine::Dying(id)
            | Engine::Undead(id) => Some(id),
        }
    }
}
