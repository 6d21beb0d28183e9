//! Everything the app knows.

use catalog::{Capabilities, Experiment, Language, LinkError, ModelId, RunSpec};
use protocol::RunId;

use crate::{Engine, Plan, Report, Sorting, Ticket, TimerId};

/// What the browser, and this way of opening the page, turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// What models can rely on.
    pub capabilities: Capabilities,
    /// Whether the browser calls the page cross-origin isolated.
    pub isolated: bool,
    /// Whether the page is no other page's frame.
    pub top_level: bool,
    /// What the browser calls itself.
    pub browser: String,
    /// The smallest step of its clock.
    pub clock_step_nanos: u64,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// What the reader's system says.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Every theme, in the order of the switch.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// Its name in storage and in `<html data-theme>`.
    pub fn slug(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme of that name.
    pub fn from_slug(slug: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|theme| theme.slug() == slug)
    }
}

/// Why the page cannot work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// What says where the engine is could not be read.
    NoManifest {
        /// What the browser said.
        message: String,
    },
}

/// Something the reader should know that is not part of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The link did not make sense; the experiment shown is the default one.
    BadLink(LinkError),
    /// A worker that was ended lives on, so that measuring would be wrong. Loading the page again helps.
    WorkerLivesOn,
    /// The loop on the page did not stop. Loading the page again helps.
    PageLoopGoesOn,
}

/// In which order models are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As among the choices.
    #[default]
    OfPage,
    /// The one that took the least time first.
    ByTime,
}

/// How far the next run has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// It is being asked whether another tab measures.
    AskingForTurn,
    /// Another tab measures.
    AwaitingTurn,
    /// The page is out of sight, where browsers slow everything down. Other tabs may measure meanwhile.
    OutOfSight,
    /// The run waits for an engine.
    AwaitingEngine(RunSpec),
    /// The run is on.
    Measuring {
        /// Which one.
        run_id: RunId,
        /// What was asked for.
        spec: RunSpec,
    },
    /// A run is over, and the frame meter is being read.
    ReadingFrames {
        /// The model whose run it was, if it left anything.
        model: Option<ModelId>,
    },
}

/// An experiment that runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    /// Who wants its report.
    pub ticket: Ticket,
    /// What is still to be run.
    pub plan: Plan,
    /// How far the next run has come.
    pub stage: Stage,
}

/// How far stopping has come.
#[derive(Clone, Debug, PartialEq)]
pub enum StopStage {
    /// The run was asked to end.
    Asked {
        /// Which one.
        run_id: RunId,
        /// What it was to do.
        spec: RunSpec,
        /// When our patience ends.
        timer: TimerId,
    },
    /// The engine is being ended.
    AwaitingLocks,
    /// Nothing runs any more, and the frame meter is being read.
    ReadingFrames,
}

/// An experiment that is being stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct Stopping {
    /// Who wants its report.
    pub ticket: Ticket,
    /// How far it has come.
    pub stage: StopStage,
    /// What is to be run afterwards.
    pub then: Option<(Ticket, Experiment)>,
    /// The rest of the experiment, if only a run that was stuck is to end and not all of it.
    pub rest: Plan,
}

/// What the app is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The browser is being felt.
    Loading,
    /// Nothing runs.
    Ready,
    /// An experiment runs.
    Running(Running),
    /// An experiment is being stopped.
    Stopping(Stopping),
    /// The page cannot work.
    Broken(Broken),
}

impl Phase {
    /// The name in `<html data-phase>`.
    pub fn slug(&self) -> &'static str {
        match self {
            Phase::Loading => "loading",
            Phase::Ready => "ready",
            Phase::Running(_) => "running",
            Phase::Stopping(_) => "stopping",
            Phase::Broken(_) => "broken",
        }
    }
}

/// Everything the app knows.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// What the app is about.
    pub phase: Phase,
    /// What the reader chose.
    pub experiment: Experiment,
    /// What the browser can do; absent until it has been felt.
    pub environment: Option<Environment>,
    /// Whether the page can be seen.
    pub visible: bool,
    /// The language of the page.
    pub language: Language,
    /// The theme of the page.
    pub theme: Theme,
    /// The engine's life.
    pub engine: Engine,
    /// What the last experiment left behind, or the one that runs.
    pub report: Option<Report>,
    /// The model with which the reader wants the others compared.
    pub baseline: Option<ModelId>,
    /// In which order the reader wants the models.
    pub order: Order,
    /// By which column the reader wants the table sorted.
    pub sorting: Option<Sorting>,
    /// What became of copying the table.
    pub copied: Option<bool>,
    /// Something the reader should know.
    pub notice: Option<Notice>,
    /// The next number for anything that needs a name of its own.
    pub next_number: u64,
}

impl State {
    /// What the app knows before anything has happened.
    pub fn new(language: Language, theme: Theme) -> State {
        State {
            phase: Phase::Loading,
            experiment: Experiment::default(),
            environment: None,
            visible: true,
            language,
            theme,
            engine: Engine::Absent,
            report: None,
            baseline: None,
            order: Order::OfPage,
            sorting: None,
            copied: None,
            notice: None,
            next_number: 1,
        }
    }

    /// Whether the report shown is of other choices than those shown.
    pub fn report_is_of_other_choices(&self) -> bool {
        self.report.as_ref().is_some_and(|report| report.experiment != self.experiment)
    }

    /// The order in which models are listed now. While an experiment runs nothing changes its place.
    pub fn order_shown(&self) -> Order {
        match self.phase {
            Phase::Running(_) | Phase::Stopping(_) => Order::OfPage,
            Phase::Loading | Phase::Ready | Phase::Broken(_) => self.order,
        }
    }

    pub(crate) fn number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }
}
