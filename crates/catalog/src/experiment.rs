//! What the reader chose: one workload under several models.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Capabilities, EXAMPLES, Group, Home, LANES, LaneChoice, LinkError, MessageSettings, ModelId, Obstacle, Pages,
    Param, Place, PlaceChoice, Repeats, Scale, Script, ScriptError, Setting, Text, WorkloadId, link,
};

/// How long a thread waits for the GIL before it asks for it, in microseconds. CPython's default is five milliseconds.
pub const SWITCH: Param = Param {
    slug: "switch",
    name: Text { en: "switch interval", zh: "切换间隔" },
    unit: "µs",
    min: 50,
    max: 1_000_000,
    default: 5_000,
    scale: Scale::Logarithmic,
};

/// How many jobs go to a process of a pool at once.
pub const CHUNK: Param = Param {
    slug: "chunk",
    name: Text { en: "jobs per chunk", zh: "每批任务数" },
    unit: "",
    min: 1,
    max: 64,
    default: 1,
    scale: Scale::Linear,
};

/// How an interpreter's threads take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GilSettings {
    /// How long a thread waits for the GIL before it asks for it.
    pub switch_micros: u32,
    /// Whether threads may switch after every instruction, as up to CPython 3.9, or only at jumps back and calls, as from
    /// 3.10 on.
    pub switches_anywhere: bool,
}

impl GilSettings {
    /// The switch interval.
    pub fn interval_nanos(self) -> u64 {
        u64::from(self.switch_micros) * 1_000
    }
}

impl Default for GilSettings {
    fn default() -> GilSettings {
        GilSettings { switch_micros: SWITCH.default as u32, switches_anywhere: false }
    }
}

/// The cores of a machine of which nobody said how many.
const USUAL_CORES: u32 = 2;

/// One workload under several models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Experiment {
    /// What is computed.
    pub workload: WorkloadId,
    /// The workload's parameters, in the order of its row. Of work that the reader has written, the number of jobs.
    pub values: Vec<u64>,
    /// The jobs as the reader has written them; empty for other work.
    pub script: String,
    /// The models, in the order in which the page lists them, each at most once.
    pub models: Vec<ModelId>,
    /// How many lanes a model with a fixed number of them gets.
    pub lanes: LaneChoice,
    /// How threads under a GIL take turns.
    pub gil: GilSettings,
    /// Whether the threads of a pool are under a GIL.
    pub pool_has_gil: bool,
    /// How many jobs go to a process of a pool at once.
    pub chunk: u32,
    /// How a message queue hands out its messages.
    pub messages: MessageSettings,
    /// Where event loops run.
    pub place: PlaceChoice,
    /// How often each model is run.
    pub repeats: Repeats,
    /// What every random choice of the experiment starts from.
    pub seed: u64,
}

/// One model × workload × parameters: what the engine is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSpec {
    /// What is computed.
    pub workload: WorkloadId,
    /// The workload's parameters, in the order of its row. Of work that the reader has written, the number of jobs.
    pub values: Vec<u64>,
    /// The jobs as the reader has written them; empty for other work.
    pub script: String,
    /// The model that runs it.
    pub model: ModelId,
    /// How many lanes the model gets, if that is for the reader to say.
    pub lanes: u32,
    /// How threads under a GIL take turns.
    pub gil: GilSettings,
    /// Whether the threads of a pool are under a GIL.
    pub pool_has_gil: bool,
    /// How many jobs go to a process of a pool at once.
    pub chunk: u32,
    /// How a message queue hands out its messages.
    pub messages: MessageSettings,
    /// Where an event loop runs.
    pub place: Place,
    /// How pages are answered. Timers, until whoever runs it has found a service worker.
    pub pages: Pages,
    /// What every random choice of the run starts from.
    pub seed: u64,
}

/// A number beyond its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfLimits {
    /// The parameter's name in links.
    pub slug: &'static str,
    /// What it was to be.
    pub value: u64,
    /// The smallest value.
    pub min: u64,
    /// The largest value.
    pub max: u64,
}

impl fmt::Display for OutOfLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OutOfLimits { slug, value, min, max } = self;
        write!(f, "{slug} = {value} is outside {min} to {max}")
    }
}

impl core::error::Error for OutOfLimits {}

impl Param {
    /// The value itself if it lies within the limits.
    pub fn check(&self, value: u64) -> Result<u64, OutOfLimits> {
        if (self.min..=self.max).contains(&value) {
            Ok(value)
        } else {
            Err(OutOfLimits { slug: self.slug, value, min: self.min, max: self.max })
        }
    }
}

impl Default for Experiment {
    fn default() -> Experiment {
        Experiment::of(WorkloadId::Primes)
    }
}

impl Experiment {
    /// The workload with its defaults, under the models that say most about it.
    pub fn of(workload: WorkloadId) -> Experiment {
        let is_custom = workload == WorkloadId::Custom;
        let script = if is_custom { EXAMPLES[0].1 } else { "" };
        let jobs = Script::read(script).map_or(0, |script| script.jobs());
        let params = workload.row().params.iter().map(|param| param.default);
        Experiment {
            workload,
            values: is_custom.then_some(u64::from(jobs)).into_iter().chain(params).collect(),
            script: script.into(),
            models: crate::MODELS.iter().filter(|model| model.is_default).map(|model| model.id).collect(),
            lanes: workload.row().lanes,
            gil: GilSettings::default(),
            pool_has_gil: true,
            chunk: CHUNK.default as u32,
            messages: MessageSettings::default(),
            place: PlaceChoice::Automatic,
            repeats: Repeats::default(),
            seed: 1,
        }
    }

    /// Reads the form that stands in a link (`work=primes&jobs=4&…`). What is absent has its default.
    pub fn from_link(query: &str) -> Result<Experiment, LinkError> {
        link::parse(query)
    }

    /// Writes the form that stands in a link.
    pub fn to_link(&self) -> String {
        link::write(self)
    }

    /// How many jobs there are.
    pub fn jobs(&self) -> u64 {
        self.values[0]
    }

    /// What the engine is asked to do for one of the models. `page_is_free` says that the page is no other page's frame,
    /// so that a loop that only waits may run on it.
    pub fn run_spec(&self, model: ModelId, page_is_free: bool) -> RunSpec {
        self.run_spec_on(USUAL_CORES, model, page_is_free)
    }

    /// The same on a machine with so many cores, which matters where the number of lanes is left to us.
    pub fn run_spec_on(&self, cores: u32, model: ModelId, page_is_free: bool) -> RunSpec {
        let place = match self.place {
            _ if model.row().home != Home::Loop => Place::Worker,
            PlaceChoice::Fixed(place) => place,
            PlaceChoice::Automatic if page_is_free && self.workload.row().group == Group::Wait => Place::Page,
            PlaceChoice::Automatic => Place::Worker,
        };
        RunSpec {
            workload: self.workload,
            values: self.values.clone(),
            script: self.script.clone(),
            model,
            lanes: self.lanes.of(model, cores),
            gil: self.gil,
            pool_has_gil: self.pool_has_gil,
            chunk: self.chunk,
            messages: self.messages,
            place,
            pages: Pages::Timers,
            seed: self.seed,
        }
    }

    /// Why a model cannot run this experiment, if it cannot.
    pub fn obstacle(&self, model: ModelId, capabilities: &Capabilities) -> Option<Obstacle> {
        let row = model.row();
        let jobs = u32::try_from(self.jobs()).unwrap_or(u32::MAX);
        if let Some(need) = row.missing(capabilities) {
            return Some(Obstacle::Missing(need));
        }
        if self.shares() && !row.shares_memory {
            return Some(Obstacle::NothingShared);
        }
        row.most_jobs.filter(|&most| jobs > most).map(|most| Obstacle::TooManyJobs { jobs, most })
    }

    /// Whether the jobs share cells, locks or queues.
    fn shares(&self) -> bool {
        match self.workload {
            WorkloadId::Custom => Script::read(&self.script).is_ok_and(|script| script.shares()),
            other => other.row().shares,
        }
    }

    /// The same with other jobs, if they can be read.
    pub fn with_script(&self, text: &str) -> Result<Experiment, ScriptError> {
        let script = Script::read(text)?;
        let (workload, values) = (WorkloadId::Custom, vec![u64::from(script.jobs())]);
        Ok(Experiment { workload, values, script: text.into(), ..self.clone() })
    }

    /// The same models and settings with other work. Lanes that the reader has not chosen become those of that work.
    pub fn with_workload(&self, workload: WorkloadId) -> Experiment {
        let Experiment { values, script, lanes, .. } = Experiment::of(workload);
        let lanes = if self.lanes == self.workload.row().lanes { lanes } else { self.lanes };
        Experiment { workload, values, script, lanes, ..self.clone() }
    }

    /// Whether a setting changes what one of the chosen models does, of those that can run this here.
    pub fn uses(&self, setting: Setting, capabilities: &Capabilities) -> bool {
        let can_run = |model: &&ModelId| self.obstacle(**model, capabilities).is_none();
        self.models.iter().filter(can_run).map(|model| model.row().settings).any(|settings| {
            let without_gil = settings.contains(&Setting::PoolGil) && !self.pool_has_gil;
            settings.contains(&setting) && !(setting == Setting::Switching && without_gil)
        })
    }
}

impl RunSpec {
    /// A spec that came from elsewhere may say anything: whether its numbers are within their limits.
    pub fn check(&self) -> Result<(), LinkError> {
        if self.workload == WorkloadId::Custom {
            let jobs = Script::read(&self.script).map_err(LinkError::Script)?.jobs();
            let (slug, value) = ("jobs", self.values.first().copied().unwrap_or(0));
            if value != u64::from(jobs) {
                return Err(OutOfLimits { slug, value, min: jobs.into(), max: jobs.into() }.into());
            }
        }
        let params = self.workload.row().params;
        for (index, param) in params.iter().enumerate() {
            param.check(self.values.get(index).copied().unwrap_or(0))?;
        }
        LANES.check(u64::from(self.lanes))?;
        SWITCH.check(u64::from(self.gil.switch_micros))?;
        CHUNK.check(u64::from(self.chunk))?;
        Ok(self.messages.check()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERYTHING: Capabilities = Capabilities { shared_memory: true, stack_switching: true, cores: 2 };

    #[track_caller]
    fn check(link: &str, capabilities: &Capabilities, expected: &[(ModelId, Obstacle)]) {
        let experiment = Experiment::from_link(link).expect("the test's link is right");
        let found: Vec<_> = crate::MODELS
            .iter()
            .filter_map(|model| Some((model.id, experiment.obstacle(model.id, capabilities)?)))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_cannot_run_is_named_with_its_cause() {
        check("work=primes", &EVERYTHING, &[]);
        let obstacle = Obstacle::NothingShared;
        check(
            "work=counter",
            &EVERYTHING,
            &[ModelId::Processes, ModelId::ProcessPool, ModelId::Subinterpreters, ModelId::MessageQueue]
                .map(|model| (model, obstacle)),
        );
        let obstacle = Obstacle::TooManyJobs { jobs: 100, most: 64 };
        check(
            "work=users&jobs=100",
            &EVERYTHING,
            &[ModelId::ThreadsGil, ModelId::ThreadsFree, ModelId::Processes, ModelId::Subinterpreters]
                .map(|model| (model, obstacle)),
        );
        let obstacle = Obstacle::Missing(crate::Need::SharedMemory);
        check(
            "work=primes",
            &Capabilities { shared_memory: false, ..EVERYTHING },
            &[
                ModelId::ThreadsGil,
                ModelId::ThreadsFree,
                ModelId::ThreadPool,
                ModelId::WorkStealing,
                ModelId::Subinterpreters,
            ]
            .map(|model| (model, obstacle)),
        );
    }

    #[test]
    fn settings_matter_to_the_models_that_have_them() {
        let uses = |link: &str| {
            let experiment = Experiment::from_link(link).expect("the test's link is right");
            Setting::ALL.into_iter().filter(|setting| experiment.uses(*setting, &EVERYTHING)).collect::<Vec<_>>()
        };
        assert_eq!(uses("models=sequential,processes"), []);
        assert_eq!(uses("models=threads-gil,event-loop"), [Setting::Switching, Setting::Place]);
        assert_eq!(uses("models=thread-pool"), [Setting::Lanes, Setting::Switching, Setting::PoolGil]);
        assert_eq!(uses("models=thread-pool&gil=off"), [Setting::Lanes, Setting::PoolGil]);
        assert_eq!(uses("models=process-pool"), [Setting::Lanes, Setting::Chunk]);
        // Jobs that share something cannot run in processes, so nothing is said of how they would.
        assert_eq!(uses("work=counter&models=process-pool"), []);
    }

    #[test]
    fn other_work_brings_its_lanes_unless_the_reader_has_chosen() {
        let lanes = |link: &str, workload| {
            let experiment = Experiment::from_link(link).expect("the test's link is right");
            experiment.with_workload(workload).lanes
        };
        assert_eq!(lanes("work=primes", WorkloadId::Users), LaneChoice::Fixed(10));
        assert_eq!(lanes("work=users", WorkloadId::Sleeping), LaneChoice::Automatic);
        assert_eq!(lanes("work=primes&lanes=3", WorkloadId::Users), LaneChoice::Fixed(3));
    }
}
