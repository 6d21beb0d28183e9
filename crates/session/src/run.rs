//! Running an experiment: one run at a time, each on an engine made for it.

use std::rc::Rc;

use catalog::{Experiment, ModelId, Need, Obstacle, Place, RunSpec};
use protocol::{RunId, ToEngine};
use trace::{Failure, Losses, Missing, Recording, Wait};

use crate::engine_life::retire;
use crate::reduce::DEATH_MILLIS;
use crate::state::{Phase, Running, Stage, State, StopStage};
use crate::stop::wind_up;
use crate::{Effect, Engine, EngineId, EngineNeeds, Flavour, History, Outcome, Plan, Ticket};

pub(crate) fn begin(state: &mut State, ticket: Ticket, experiment: Experiment, effects: &mut Vec<Effect>) {
    let Some(environment) = &state.environment else {
        return;
    };
    let page_is_free = state.visible && environment.top_level;
    let (plan, report) = Plan::of(&experiment, environment, page_is_free);
    if experiment != state.experiment {
        effects.push(Effect::WriteLink { link: experiment.to_link(), history: History::Push });
        state.experiment = experiment;
    }
    state.notice = None;
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

/// Goes on with the next run of the plan, or ends the experiment.
pub(crate) fn next_run(state: &mut State, effects: &mut Vec<Effect>) {
    let Phase::Running(running) = &mut state.phase else {
        return;
    };
    match running.plan.runs.pop_front() {
        Some(spec) => {
            if matches!(running.stage, Stage::Measuring { .. }) {
                effects.push(Effect::PauseFrames);
            }
            running.stage = Stage::AwaitingEngine(spec);
            pursue(state, effects);
        }
        None => {
            running.stage = Stage::ReadingFrames;
            effects.push(Effect::StopFrames);
        }
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
    set(state, spec.model, Outcome::Running { done: 0, jobs, deadlock: Vec::new() });
    effects.push(Effect::StartFrames);
    effects.push(match engine {
        Some(engine_id) => Effect::SendToEngine(engine_id, message),
        None => Effect::SendToPage(message),
    });
    if let Phase::Running(running) = &mut state.phase {
        running.stage = Stage::Measuring { run_id, spec };
    }
}

pub(crate) fn set(state: &mut State, model: ModelId, outcome: Outcome) {
    if let Some(report) = &mut state.report {
        report.set(model, outcome);
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
    if let Some(Outcome::Running { done, jobs, .. }) = outcome_of(state, run_id) {
        (*done, *jobs) = (now_done, now_jobs);
    }
}

/// Jobs of a run wait for each other. It goes on until the reader stops it.
pub(crate) fn deadlocked(state: &mut State, run_id: RunId, waits: Vec<(u32, Wait)>) {
    if let Some(Outcome::Running { deadlock, .. }) = outcome_of(state, run_id) {
        *deadlock = waits;
    }
}

/// What the report says of a run, if it is the one that is on.
fn outcome_of(state: &mut State, run_id: RunId) -> Option<&mut Outcome> {
    let model = model_of(state, run_id)?;
    let row = state.report.as_mut()?.rows.iter_mut().find(|row| row.model == model)?;
    Some(&mut row.outcome)
}

pub(crate) fn complete(
    state: &mut State,
    run_id: RunId,
    (answer, losses): (u64, Losses),
    recording: Recording,
    effects: &mut Vec<Effect>,
) {
    if let Some(model) = model_of(state, run_id) {
        set(state, model, Outcome::Finished { answer, losses, recording: Rc::new(recording) });
        go_on(state, effects);
    }
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
        | Failure::BadRequest { .. } => false,
        Failure::Panicked { .. }
        | Failure::ChildFailed { .. }
        | Failure::Unhandled { .. }
        | Failure::WorkerDied { .. }
        | Failure::AllDied { .. }
        | Failure::CouldNotStart { .. }
        | Failure::BadMessage { .. } => true,
    };
    let outcome = match failure {
        Failure::Stopped => Outcome::Stopped,
        Failure::Unavailable(Missing::SharedMemory) => Outcome::Unavailable(Obstacle::Missing(Need::SharedMemory)),
        Failure::Unavailable(Missing::StackSwitching) => Outcome::Unavailable(Obstacle::Missing(Need::StackSwitching)),
        Failure::NothingShared => Outcome::Unavailable(Obstacle::NothingShared),
        Failure::TooManyJobs { jobs, most } => Outcome::Unavailable(Obstacle::TooManyJobs { jobs, most }),
        failure => Outcome::Failed(failure),
    };
    set(state, model, outcome);
    if engine_is_suspect && engine.is_some() {
        retire(state, effects);
    }
    go_on(state, effects);
}

/// After a run: the next one, or the rest of stopping.
fn go_on(state: &mut State, effects: &mut Vec<Effect>) {
    match state.phase {
        Phase::Running(_) => next_run(state, effects),
        Phase::Stopping(_) => wind_up(state, effects),
        Phase::Loading | Phase::Ready | Phase::Broken(_) => {}
    }
}
