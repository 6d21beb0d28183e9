//! Running an experiment: one run at a time, each on an engine made for it.

use catalog::{Experiment, ModelId, Need, Obstacle, Pages, Place, RunSpec};
use protocol::{RunId, ToEngine};
use trace::statistics::RunFigures;
use trace::{Failure, Losses, Missing, Recording, Wait};

use crate::engine_life::retire;
use crate::reduce::DEATH_MILLIS;
use crate::state::{Phase, Running, Stage, State, StopStage};
use crate::stop::{end_row, finish, wind_up};
use crate::{Effect, Engine, EngineId, EngineNeeds, Flavour, History, Outcome, Plan, Progress, Run, Ticket, TimerId};

/// How long a second is.
const SECOND_MILLIS: u32 = 1_000;

pub(crate) fn begin(state: &mut State, ticket: Ticket, experiment: Experiment, effects: &mut Vec<Effect>) {
    let Some(environment) = &state.environment else {
        return;
    };
    let page_is_free = environment.top_level;
    let (plan, mut report) = Plan::of(&experiment, environment, page_is_free);
    report.wanted_baseline = state.baseline;
    if experiment != state.experiment {
        effects.push(Effect::WriteLink { link: experiment.to_link(), history: History::Push });
        state.experiment = experiment;
    }
    state.notice = None;
    state.copied = None;
    state.report = Some(report);
    state.phase = Phase::Running(Running { ticket, plan, stage: Stage::AskingForTurn });
    effects.push(Effect::TakeTurn);
}

pub(crate) fn turn_granted(state: &mut State, effects: &mut Vec<Effect>) {
    match &state.phase {
        Phase::Running(Running { stage: Stage::AskingForTurn | Stage::AwaitingTurn, .. }) => {
            next_run(state, effects);
        }
        Phase::Running(_) | Phase::Stopping(_) => {}
        // The grant came after the reader had thought better of it.
        Phase::Loading | Phase::Ready | Phase::Broken(_) => effects.push(Effect::GiveTurnBack),
    }
}

pub(crate) fn turn_denied(state: &mut State, effects: &mut Vec<Effect>) {
    if let Phase::Running(running) = &mut state.phase
        && running.stage == Stage::AskingForTurn
    {
        running.stage = Stage::AwaitingTurn;
        effects.push(Effect::WaitForTurn);
    }
}

/// The page came into view, or went out of it.
pub(crate) fn seen(state: &mut State, visible: bool, effects: &mut Vec<Effect>) {
    state.visible = visible;
    if !visible {
        let rows = state.report.iter_mut().flat_map(|report| &mut report.rows);
        rows.filter_map(|row| row.now.as_mut()).for_each(|progress| progress.was_hidden = true);
    } else if let Phase::Running(running) = &mut state.phase
        && running.stage == Stage::OutOfSight
    {
        running.stage = Stage::AskingForTurn;
        effects.push(Effect::TakeTurn);
    }
}

/// Goes on with the next run of the plan, or ends the experiment.
pub(crate) fn next_run(state: &mut State, effects: &mut Vec<Effect>) {
    let visible = state.visible;
    let (Phase::Running(running), Some(report)) = (&mut state.phase, &mut state.report) else {
        return;
    };
    if running.plan.runs.is_empty() {
        report.summarize();
    }
    if let Some(end) = running.plan.go_on(report) {
        let ticket = running.ticket;
        finish(state, ticket, end, effects);
    } else if !visible {
        running.stage = Stage::OutOfSight;
        effects.push(Effect::GiveTurnBack);
    } else if let Some(spec) = running.plan.runs.pop_front() {
        running.stage = Stage::AwaitingEngine(spec);
        keep_time(state, effects);
        pursue(state, effects);
    }
}

/// Counts the next second of the time for becoming precise.
fn keep_time(state: &mut State, effects: &mut Vec<Effect>) {
    let timer = TimerId(state.next_number);
    if let Phase::Running(Running { plan, .. }) = &mut state.phase
        && plan.seconds_left > 0
        && plan.second.is_none()
    {
        plan.second = Some(timer);
        state.next_number += 1;
        effects.push(Effect::StartTimer { timer, millis: SECOND_MILLIS });
    }
}

/// A second has passed, unless the experiment waited for something that is not its own.
pub(crate) fn second_over(state: &mut State, timer: TimerId, effects: &mut Vec<Effect>) {
    let Phase::Running(Running { plan, stage, .. }) = &mut state.phase else {
        return;
    };
    if plan.second != Some(timer) {
        return;
    }
    plan.second = None;
    if !matches!(stage, Stage::AskingForTurn | Stage::AwaitingTurn | Stage::OutOfSight) {
        plan.seconds_left -= 1;
        keep_time(state, effects);
    }
}

/// If a run waits for an engine: begins it, or does what brings the engine nearer.
pub(crate) fn pursue(state: &mut State, effects: &mut Vec<Effect>) {
    let Phase::Running(Running { stage: Stage::AwaitingEngine(spec), .. }) = &state.phase else {
        return;
    };
    let spec = spec.clone();
    let needs = needs(state, &spec);
    match state.engine {
        // Nothing is measured while workers of an ended engine may take a processor away.
        Engine::Closing(_) | Engine::Dying(_) => {}
        Engine::Undead(engine_id) => {
            state.engine = Engine::Dying(engine_id);
            effects.push(Effect::AwaitLocksFree { engine_id, millis: DEATH_MILLIS });
        }
        _ if spec.place == Place::Page => measure(state, spec, None, effects),
        Engine::Alive(engine_id, has) if has == needs => measure(state, spec, Some(engine_id), effects),
        Engine::Compiling(_, will_have) | Engine::Starting(_, will_have, _) if will_have == needs => {}
        Engine::Alive(..) | Engine::Compiling(..) | Engine::Starting(..) => retire(state, effects),
        Engine::Absent => {
            let engine_id = EngineId(state.number());
            state.engine = Engine::Compiling(engine_id, needs);
            effects.push(Effect::StartEngine(engine_id, needs));
        }
    }
}

/// One pool serves all models of an experiment, or each other model would need an engine of its own.
fn needs(state: &State, spec: &RunSpec) -> EngineNeeds {
    let capabilities = state.environment.as_ref().map(|environment| &environment.capabilities);
    match capabilities.filter(|capabilities| capabilities.shared_memory) {
        Some(capabilities) => {
            let lanes = state.report.as_ref().map(|report| report.experiment.lanes);
            let pool_threads = lanes.map_or(spec.lanes, |lanes| lanes.of(ModelId::WorkStealing, capabilities.cores));
            EngineNeeds { flavour: Flavour::Threads, pool_threads }
        }
        None => EngineNeeds { flavour: Flavour::Plain, pool_threads: 0 },
    }
}

fn measure(state: &mut State, spec: RunSpec, engine: Option<EngineId>, effects: &mut Vec<Effect>) {
    let run_id = RunId(state.number());
    let message = ToEngine::Run { run_id, spec: spec.clone() };
    let jobs = spec.values.first().copied().unwrap_or_default() as u32;
    let was_hidden = !state.visible;
    if let Some(row) = state.report.as_mut().and_then(|report| report.row_mut(spec.model)) {
        row.now = Some(Progress { jobs, was_hidden, ..Progress::default() });
    }
    effects.push(Effect::StartFrames);
    effects.push(match engine {
        Some(engine_id) => Effect::SendToEngine(engine_id, message),
        None => Effect::SendToPage(message),
    });
    if let Phase::Running(running) = &mut state.phase {
        running.stage = Stage::Measuring { run_id, spec };
    }
}

/// Ends whatever the model did and says how it fared.
pub(crate) fn set(state: &mut State, model: ModelId, outcome: Outcome) {
    if let Some(row) = state.report.as_mut().and_then(|report| report.row_mut(model)) {
        row.outcome = outcome;
        row.now = None;
    }
}

/// The model whose run this is, if it is the one that is on. This is where messages of earlier runs are dropped.
fn model_of(state: &State, named: RunId) -> Option<ModelId> {
    match &state.phase {
        Phase::Running(Running { stage: Stage::Measuring { run_id, spec }, .. }) if *run_id == named => {
            Some(spec.model)
        }
        Phase::Stopping(stopping) => match &stopping.stage {
            StopStage::Asked { run_id, spec, .. } if *run_id == named => Some(spec.model),
            _ => None,
        },
        _ => None,
    }
}

pub(crate) fn progress(state: &mut State, run_id: RunId, now_done: u32, now_jobs: u32) {
    // Jobs that are in no circle may go on beside those that are.
    if let Some(Progress { done, jobs, .. }) = progress_of(state, run_id) {
        (*done, *jobs) = (now_done, now_jobs);
    }
}

/// Jobs of a run wait for each other. It goes on until the reader stops it.
pub(crate) fn deadlocked(state: &mut State, run_id: RunId, waits: Vec<(u32, Wait)>) {
    if let Some(Progress { deadlock, .. }) = progress_of(state, run_id) {
        *deadlock = waits;
    }
}

/// It turned out how the pages of a run will be answered.
pub(crate) fn pages_found(state: &mut State, run_id: RunId, pages: Pages) {
    let row = model_of(state, run_id).and_then(|model| state.report.as_mut()?.row_mut(model));
    if let Some(row) = row {
        // A row of several runs says of all what holds of one: that not every page was really fetched.
        row.pages = Some(row.pages.filter(|before| *before == Pages::Timers).unwrap_or(pages));
    }
}

/// How far a run has come, if it is the one that is on.
fn progress_of(state: &mut State, run_id: RunId) -> Option<&mut Progress> {
    let model = model_of(state, run_id)?;
    state.report.as_mut()?.row_mut(model)?.now.as_mut()
}

pub(crate) fn complete(
    state: &mut State,
    run_id: RunId,
    (answer, losses): (u64, Losses),
    recording: Recording,
    effects: &mut Vec<Effect>,
) {
    let Some(model) = model_of(state, run_id) else {
        return;
    };
    let round = match &state.phase {
        Phase::Running(running) => running.plan.round,
        Phase::Stopping(stopping) => stopping.rest.round,
        Phase::Loading | Phase::Ready | Phase::Broken(_) => 1,
    };
    if let Some(row) = state.report.as_mut().and_then(|report| report.row_mut(model)) {
        let was_hidden = row.now.take().is_some_and(|progress| progress.was_hidden);
        let run = Run {
            round,
            nanos: recording.nanos(),
            answer,
            losses,
            dropped: recording.dropped(),
            longest_frame_gap_millis: None,
            was_hidden,
            figures: RunFigures::of(&recording),
        };
        row.add(run, recording);
    }
    // The reader waits for the first figure of each model; later ones move the bars once in a round.
    if let (1, Some(report)) = (round, &mut state.report) {
        report.summarize();
    }
    run_over(state, Some(model), effects);
}

/// A run that failed. `engine` names the engine it ran on; absent means the loop on the page.
pub(crate) fn complete_failed(
    state: &mut State,
    run_id: RunId,
    failure: Failure,
    engine: Option<EngineId>,
    effects: &mut Vec<Effect>,
) {
    let Some(model) = model_of(state, run_id) else {
        return;
    };
    let engine_is_suspect = match &failure {
        Failure::Stopped
        | Failure::Unavailable(_)
        | Failure::WrongAnswer { .. }
        | Failure::NothingShared
        | Failure::TooManyJobs { .. }
        | Failure::Deadlock { .. }
        | Failure::PageNotFetched { .. }
        | Failure::BadRequest { .. } => false,
        Failure::Panicked { .. }
        | Failure::ChildFailed { .. }
        | Failure::Unhandled { .. }
        | Failure::WorkerDied { .. }
        | Failure::AllDied { .. }
        | Failure::CouldNotStart { .. }
        | Failure::BadMessage { .. } => true,
    };
    match failure {
        Failure::Stopped => state.report.iter_mut().filter_map(|report| report.row_mut(model)).for_each(end_row),
        Failure::Unavailable(Missing::SharedMemory) => {
            set(state, model, Outcome::Unavailable(Obstacle::Missing(Need::SharedMemory)));
        }
        Failure::Unavailable(Missing::StackSwitching) => {
            set(state, model, Outcome::Unavailable(Obstacle::Missing(Need::StackSwitching)));
        }
        Failure::NothingShared => set(state, model, Outcome::Unavailable(Obstacle::NothingShared)),
        Failure::TooManyJobs { jobs, most } => {
            set(state, model, Outcome::Unavailable(Obstacle::TooManyJobs { jobs, most }));
        }
        failure => set(state, model, Outcome::Failed(failure)),
    }
    if engine_is_suspect && engine.is_some() {
        retire(state, effects);
    }
    run_over(state, None, effects);
}

/// After a run that has left something for `model`, or nothing: what the page's frames were meanwhile, or the rest of stopping.
pub(crate) fn run_over(state: &mut State, model: Option<ModelId>, effects: &mut Vec<Effect>) {
    match &mut state.phase {
        Phase::Running(running) if matches!(running.stage, Stage::Measuring { .. }) => {
            running.stage = Stage::ReadingFrames { model };
            effects.push(Effect::StopFrames);
        }
        Phase::Running(_) => next_run(state, effects),
        Phase::Stopping(_) => wind_up(state, effects),
        Phase::Loading | Phase::Ready | Phase::Broken(_) => {}
    }
}
