//! Reads what happens, and writes what the session makes of it.

mod effects;

use catalog::{Capabilities, Experiment, Language, ModelId, Pages};
use protocol::{FromEngine, RunId};
use session::{
    Action, Broken, Effect, Engine, EngineId, Environment, Export, History, Outcome, Phase, Plan, Report, Stage, State,
    StopStage, Theme, Ticket, TimerId, reduce,
};
use trace::{Failure, Lane, LaneKind, LaneRecorder, Losses, Recording, State as LaneState, Wait};

/// What later lines of a story refer to without naming it.
struct Memory {
    state: State,
    run: RunId,
    engine: EngineId,
    timer: TimerId,
    second: TimerId,
}

/// The story with everything that follows from what happens in it.
pub fn tell(story: &str) -> String {
    let mut memory = Memory {
        state: State::new(Language::En, Theme::System),
        run: RunId(0),
        engine: EngineId(0),
        timer: TimerId(0),
        second: TimerId(0),
    };
    let mut text = String::new();
    for line in story.lines().filter(|line| line.starts_with(['>', '#'])) {
        text += &format!("{line}\n");
        let Some(what) = line.strip_prefix("> ") else {
            continue;
        };
        let before = memory.state.clone();
        let (state, effects) = reduce(before.clone(), read(what, &memory));
        for effect in &effects {
            match effect {
                Effect::StartTimer { timer, millis: 1_000 } => memory.second = *timer,
                Effect::StartTimer { timer, .. } => memory.timer = *timer,
                _ => {}
            }
            text += &format!("    -> {}\n", effects::name(effect));
        }
        memory.engine = state.engine.id().unwrap_or(memory.engine);
        memory.run = run_of(&state.phase).unwrap_or(memory.run);
        if phase(&state.phase) != phase(&before.phase) {
            text += &format!("    {}\n", phase(&state.phase));
        }
        if engine(&state.engine) != engine(&before.engine) {
            text += &format!("    engine: {}\n", engine(&state.engine));
        }
        if state.notice != before.notice {
            text += &format!("    notice: {:?}\n", state.notice);
        }
        if state.experiment != before.experiment {
            text += &format!("    experiment: {}\n", state.experiment.to_link());
        }
        if state.report != before.report {
            text += &state.report.iter().map(|report| format!("    {}\n", rows(report))).collect::<String>();
        }
        memory.state = state;
    }
    text
}

/// The action that a line stands for.
#[track_caller]
fn read(line: &str, memory: &Memory) -> Action {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let words: Vec<&str> = rest.split(' ').collect();
    match (verb, words[0]) {
        ("loaded", flavour) => Action::Loaded(Environment {
            capabilities: Capabilities { shared_memory: flavour == "threads", stack_switching: true, cores: 2 },
            isolated: flavour == "threads",
            top_level: !words.contains(&"framed"),
            browser: "a browser".into(),
            clock_step_nanos: 5_000,
        }),
        ("broke", _) => Action::Broke(Broken::NoManifest { message: rest.into() }),
        ("hidden", _) => Action::VisibilityChanged { visible: false },
        ("seen", _) => Action::VisibilityChanged { visible: true },
        ("compare", slug) => {
            Action::BaselineChosen(ModelId::from_slug(slug).expect("the story compares what there is"))
        }
        ("take", "table") => Action::ExportWanted(Export::Table),
        ("take", "csv") => Action::ExportWanted(Export::Csv),
        ("take", "json") => Action::ExportWanted(Export::Json),
        ("link", _) => Action::LinkOpened { query: rest.into() },
        ("choose", _) => {
            let experiment = Experiment::from_link(rest).expect("the story chooses what there is");
            Action::ExperimentChanged { experiment, history: History::Push }
        }
        ("speak", tag) => Action::LanguageChosen(Language::for_tag(tag)),
        ("theme", slug) => Action::ThemeChosen(Theme::from_slug(slug).expect("the story chooses what there is")),
        ("dismiss", _) => Action::NoticeDismissed,
        ("run", ticket) => Action::Run {
            ticket: Ticket(ticket.parse().expect("a run has the number of its ticket")),
            experiment: words.get(1).map(|link| Experiment::from_link(link).expect("the story runs what there is")),
        },
        ("stop", _) => Action::Stop,
        ("end", _) => Action::EndRun,
        ("leave", _) => Action::Left,
        ("deadlocked", _) => {
            let wait = |(job, holder)| (job, Wait::ForLock { lock: holder, held_by: holder });
            let waits = [(0, 1), (1, 0)].map(wait).to_vec();
            Action::FromEngine(memory.engine, FromEngine::Deadlocked { run_id: memory.run, waits })
        }
        ("turn", "granted") => Action::TurnGranted,
        ("turn", "denied") => Action::TurnDenied,
        ("launched", _) => Action::EngineLaunched(memory.engine),
        ("ready", _) => Action::FromEngine(memory.engine, FromEngine::Ready),
        ("engine-failed", _) => {
            let failure = Failure::CouldNotStart { what: "the conductor".into(), message: rest.into() };
            Action::EngineFailed(memory.engine, failure)
        }
        ("stale", _) => Action::FromEngine(memory.engine, finished(RunId(0), words[0])),
        ("pages", how) => {
            let pages = if how == "timers" { Pages::Timers } else { Pages::ServiceWorker };
            Action::FromEngine(memory.engine, FromEngine::PagesFound { run_id: memory.run, pages })
        }
        ("progress", _) => {
            let (done, jobs) = rest.split_once('/').expect("progress is done/jobs");
            let (done, jobs) = (done.parse().expect("a number"), jobs.parse().expect("a number"));
            Action::FromEngine(memory.engine, FromEngine::Progress { run_id: memory.run, done, jobs })
        }
        ("finished", millis) => Action::FromEngine(memory.engine, finished(memory.run, millis)),
        ("failed", _) => Action::FromEngine(memory.engine, failed(memory.run, rest)),
        ("page-finished", millis) => Action::FromPage(finished(memory.run, millis)),
        ("page-failed", _) => Action::FromPage(failed(memory.run, rest)),
        ("page-lost", _) => {
            let failure = Failure::Panicked { message: rest.into() };
            Action::FromPage(FromEngine::Failed { run_id: None, failure })
        }
        ("locks", "free") => Action::LocksFree(memory.engine),
        ("locks", "held") => Action::LocksHeld(memory.engine),
        ("time-up", _) => Action::TimeUp(memory.timer),
        ("second-over", _) => Action::TimeUp(memory.second),
        ("frames", millis) => Action::FramesMeasured { longest_gap_millis: millis.parse().ok() },
        _ => panic!("no story knows “{line}”"),
    }
}

fn finished(run_id: RunId, millis: &str) -> FromEngine {
    let nanos = 1_000_000 * millis.parse::<u64>().expect("a number of milliseconds");
    let mut recorder = LaneRecorder::new(Lane { kind: LaneKind::Thread, number: 1 });
    recorder.enter(LaneState::Computing, Some(0), 5);
    let recording = Recording {
        lanes: vec![recorder.finish(5 + nanos)],
        start_nanos: 5,
        end_nanos: 5 + nanos,
        dropped_lanes: 0,
        recorder: None,
    };
    FromEngine::Finished { run_id, answer: 168, losses: Losses::default(), recording }
}

fn failed(run_id: RunId, how: &str) -> FromEngine {
    let failure = match how {
        "stopped" => Failure::Stopped,
        "wrong" => Failure::WrongAnswer { expected: 168, got: 167 },
        message => Failure::Panicked { message: message.into() },
    };
    FromEngine::Failed { run_id: Some(run_id), failure }
}

fn run_of(phase: &Phase) -> Option<RunId> {
    match phase {
        Phase::Running(running) => match &running.stage {
            Stage::Measuring { run_id, .. } => Some(*run_id),
            _ => None,
        },
        _ => None,
    }
}

fn phase(phase: &Phase) -> String {
    let slug = phase.slug();
    match phase {
        Phase::Loading | Phase::Ready => slug.into(),
        Phase::Broken(broken) => format!("{slug}: {broken:?}"),
        Phase::Running(running) => {
            let stage = match &running.stage {
                Stage::AskingForTurn => "asking for its turn".into(),
                Stage::AwaitingTurn => "awaiting its turn".into(),
                Stage::AwaitingEngine(spec) => format!("{} awaits an engine", spec.model.row().slug),
                Stage::Measuring { spec, .. } => {
                    format!("measuring {} ({})", spec.model.row().slug, spec.place.slug())
                }
                Stage::OutOfSight => "out of sight".into(),
                Stage::ReadingFrames { .. } => "reading the frame meter".into(),
            };
            let Plan { round, runs, seconds_left, .. } = &running.plan;
            let of = format!("round {round}, {} more, {seconds_left} s left", runs.len());
            format!("{slug} for #{}: {stage}; {of}", running.ticket.0)
        }
        Phase::Stopping(stopping) => {
            let stage = match &stopping.stage {
                StopStage::Asked { spec, .. } => format!("asked {} to end", spec.model.row().slug),
                StopStage::AwaitingLocks => "awaiting the engine's end".into(),
                StopStage::ReadingFrames => "reading the frame meter".into(),
            };
            let then = stopping.then.as_ref().map_or(String::new(), |(ticket, _)| format!(", then #{}", ticket.0));
            format!("{slug} for #{}: {stage}{then}", stopping.ticket.0)
        }
    }
}

fn engine(engine: &Engine) -> String {
    match engine {
        Engine::Absent => "absent".into(),
        Engine::Compiling(id, needs) => format!("compiling {}", effects::engine(*id, *needs)),
        Engine::Starting(id, needs, _) => format!("starting {}", effects::engine(*id, *needs)),
        Engine::Alive(id, needs) => format!("alive {}", effects::engine(*id, *needs)),
        Engine::Closing(id) => format!("closing e{}", id.0),
        Engine::Dying(id) => format!("dying e{}", id.0),
        Engine::Undead(id) => format!("undead e{}", id.0),
    }
}

pub fn rows(report: &Report) -> String {
    let rows: Vec<String> = report
        .rows
        .iter()
        .map(|row| {
            let times: Vec<String> = row.runs.iter().map(|run| (run.nanos / 1_000_000).to_string()).collect();
            let mut how = match &row.outcome {
                Outcome::Finished => format!("{} ms", times.join(" ")),
                Outcome::Failed(failure) => format!("failed ({failure})"),
                _ => row.slug().into(),
            };
            match &row.now {
                Some(progress) if !progress.deadlock.is_empty() => how = "deadlock".into(),
                Some(progress) if row.runs.is_empty() => how = format!("{}/{}", progress.done, progress.jobs),
                Some(progress) => how += &format!(" and {}/{}", progress.done, progress.jobs),
                None => {}
            }
            if let Some(pages) = row.pages {
                how += &format!(", pages by {}", pages.slug());
            }
            if row.runs.iter().any(|run| run.was_hidden) {
                how += " (hidden)";
            }
            let is_baseline = report.end.is_some() && report.baseline().is_some_and(|baseline| baseline == row);
            format!("{}{}: {how}", row.model.row().slug, if is_baseline { " = 1" } else { "" })
        })
        .collect();
    let end = report.end.map_or(String::new(), |end| format!(" {}", end.slug()));
    format!("[{}]{end}", rows.join(" · "))
}
