//! What can happen to the app, and what the app asks to be done.

use catalog::{Experiment, Language, ModelId};
use protocol::{FromEngine, ToEngine};
use trace::Failure;

use crate::{Broken, Column, EngineNeeds, Environment, Order, Report, Theme};

/// Names an engine for as long as the page lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EngineId(pub u64);

/// Names a timer for as long as the page lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerId(pub u64);

/// Names a request for a report, so that whoever asked gets his own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Something that has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The browser has been felt and the engine's place is known.
    Loaded(Environment),
    /// The page cannot work.
    Broke(Broken),
    /// The page came into view or went out of it.
    VisibilityChanged {
        /// Whether it can be seen now.
        visible: bool,
    },
    /// The reader changed his choices.
    ExperimentChanged {
        /// What he chooses now.
        experiment: Experiment,
        /// Whether the browser's *back* should lead to what was before.
        history: History,
    },
    /// The browser went to another link, or the page began with one.
    LinkOpened {
        /// The link's query.
        query: String,
    },
    /// The reader chose a language.
    LanguageChosen(Language),
    /// The reader chose a theme.
    ThemeChosen(Theme),
    /// The reader wants the models compared with this one, or no longer, if they are already.
    BaselineChosen(ModelId),
    /// The reader chose in which order models are listed.
    OrderChosen(Order),
    /// The reader wants the table sorted by this column, or the other way round, if it is already.
    TableSorted(Column),
    /// The reader wants the report elsewhere.
    ExportWanted(Export),
    /// The table is where the reader can paste it, or the browser refused.
    Copied {
        /// Whether it is there.
        worked: bool,
    },
    /// The reader has read the notice.
    NoticeDismissed,
    /// A report is wanted.
    Run {
        /// By whom.
        ticket: Ticket,
        /// Of what; absent means of what is shown.
        experiment: Option<Experiment>,
    },
    /// Nothing shall run any more.
    Stop,
    /// The reader wants the run that is on to end, and the rest of the experiment to go on.
    EndRun,
    /// The page is being left. It may come back.
    Left,
    /// No other tab measures now, and none will begin to.
    TurnGranted,
    /// Another tab is measuring.
    TurnDenied,
    /// The engine's code is compiled and its conductor asked for.
    EngineLaunched(EngineId),
    /// An engine says something.
    FromEngine(EngineId, FromEngine),
    /// The loop on the page says something.
    FromPage(FromEngine),
    /// An engine cannot start, or has come to a bad end.
    EngineFailed(EngineId, Failure),
    /// No worker of that engine lives any more.
    LocksFree(EngineId),
    /// Workers of that engine live still, although time is up.
    LocksHeld(EngineId),
    /// A timer ran out.
    TimeUp(TimerId),
    /// The frame meter has been read.
    FramesMeasured {
        /// The longest time between two frames; absent when nothing was measured, or the page was hidden and drew none.
        longest_gap_millis: Option<f64>,
    },
}

/// What becomes of the link that was shown before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// *Back* leads to it.
    Push,
    /// It is forgotten, as while a slider moves.
    Replace,
}

/// A way to take the report elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// The table as it is shown, for pasting into a spreadsheet.
    Table,
    /// All runs, as lines of a file with commas.
    Csv,
    /// Everything, as a file.
    Json,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Start an engine. Answered by `EngineLaunched`, then by its `Ready`, or by `EngineFailed`.
    StartEngine(EngineId, EngineNeeds),
    /// Hand a message to an engine.
    SendToEngine(EngineId, ToEngine),
    /// Hand a message to the loop on the page, which starts with the first. Answered by `FromPage`.
    SendToPage(ToEngine),
    /// Ask an engine to end its workers and itself.
    CloseEngine(EngineId),
    /// End an engine without asking.
    TerminateEngine(EngineId),
    /// Watch until no worker of the engine lives. Answered by `LocksFree` or `LocksHeld`.
    AwaitLocksFree {
        /// Whose workers.
        engine_id: EngineId,
        /// How long to watch.
        millis: u32,
    },
    /// Answered by `TimeUp`.
    StartTimer {
        /// Comes back in the answer.
        timer: TimerId,
        /// How long.
        millis: u32,
    },
    /// Ask whether another tab measures. Answered by `TurnGranted` or `TurnDenied`.
    TakeTurn,
    /// Wait until no other tab measures. Answered by `TurnGranted`.
    WaitForTurn,
    /// Let other tabs measure, or give up waiting.
    GiveTurnBack,
    /// Show the link of the experiment.
    WriteLink {
        /// The query.
        link: String,
        /// What becomes of the one before.
        history: History,
    },
    /// Keep this choice for the next visit.
    RememberLanguage(Language),
    /// Keep this choice for the next visit.
    RememberTheme(Theme),
    /// Measure the time between frames from here on.
    StartFrames,
    /// Read the frame meter and end it. Answered by `FramesMeasured`.
    StopFrames,
    /// Put this where the reader can paste it. Answered by `Copied`.
    Copy {
        /// What.
        text: String,
    },
    /// Give the reader this as a file.
    Save {
        /// The file's name.
        name: &'static str,
        /// What sort of file it is, as servers say it.
        media_type: &'static str,
        /// What stands in it.
        text: String,
    },
    /// This is the report that was asked for.
    Settle {
        /// Who asked.
        ticket: Ticket,
        /// All that there is of it.
        report: Report,
    },
    /// There will be no such report.
    Reject {
        /// Who asked.
        ticket: Ticket,
        /// Why not.
        reason: String,
    },
}
