//! From the wish for an engine to the certainty that nothing of it lives.
//!
//! ```text
//!  Absent ─▶ Compiling ─▶ Starting ─▶ Alive
//!    ▲           │            │         │ another one is needed, or it is suspect
//!    │           ▼ failed     ▼         ▼
//!    │◀──────── Dying ◀──────────── Closing ──▶ Absent (its locks are free)
//!    │            │ locks still held
//!    └───────── Undead
//! ```

use catalog::Place;
use trace::Failure;

use crate::reduce::{CLOSE_MILLIS, DEATH_MILLIS, START_MILLIS};
use crate::run::{next_run, pursue, run_over, set};
use crate::state::{Notice, Phase, Running, Stage, State, StopStage};
use crate::stop::wind_up;
use crate::{Effect, Engine, EngineId, Outcome, TimerId};

pub(crate) fn engine_launched(state: &mut State, id: EngineId, effects: &mut Vec<Effect>) {
    if let Engine::Compiling(compiling, needs) = state.engine
        && compiling == id
    {
        let timer = TimerId(state.number());
        state.engine = Engine::Starting(id, needs, timer);
        effects.push(Effect::StartTimer { timer, millis: START_MILLIS });
    }
}

pub(crate) fn engine_ready(state: &mut State, id: EngineId, effects: &mut Vec<Effect>) {
    if let Engine::Starting(starting, needs, _) = state.engine
        && starting == id
    {
        state.engine = Engine::Alive(id, needs);
        pursue(state, effects);
    }
}

/// Ends the engine in order if it can still be asked, else at once.
pub(crate) fn retire(state: &mut State, effects: &mut Vec<Effect>) {
    match state.engine {
        Engine::Alive(engine_id, _) => {
            state.engine = Engine::Closing(engine_id);
            effects.push(Effect::CloseEngine(engine_id));
            effects.push(Effect::AwaitLocksFree { engine_id, millis: CLOSE_MILLIS });
        }
        Engine::Compiling(engine_id, _) | Engine::Starting(engine_id, ..) => terminate(state, engine_id, effects),
        Engine::Absent | Engine::Closing(_) | Engine::Dying(_) | Engine::Undead(_) => {}
    }
}

pub(crate) fn terminate(state: &mut State, engine_id: EngineId, effects: &mut Vec<Effect>) {
    state.engine = Engine::Dying(engine_id);
    effects.push(Effect::TerminateEngine(engine_id));
    effects.push(Effect::AwaitLocksFree { engine_id, millis: DEATH_MILLIS });
}

pub(crate) fn engine_failed(state: &mut State, id: EngineId, failure: Failure, effects: &mut Vec<Effect>) {
    match state.engine {
        Engine::Compiling(engine_id, _) | Engine::Starting(engine_id, ..) | Engine::Alive(engine_id, _)
            if engine_id == id =>
        {
            terminate(state, id, effects);
        }
        _ => return,
    }
    match &mut state.phase {
        Phase::Running(Running { stage: Stage::AwaitingEngine(spec) | Stage::Measuring { spec, .. }, .. })
            if spec.place == Place::Worker =>
        {
            let model = spec.model;
            set(state, model, Outcome::Failed(failure));
            run_over(state, None, effects);
        }
        Phase::Stopping(stopping) => match &stopping.stage {
            StopStage::Asked { spec, .. } if spec.place == Place::Worker => stopping.stage = StopStage::AwaitingLocks,
            _ => {}
        },
        _ => {}
    }
}

pub(crate) fn locks_free(state: &mut State, id: EngineId, effects: &mut Vec<Effect>) {
    match state.engine {
        Engine::Closing(engine_id) | Engine::Dying(engine_id) if engine_id == id => {
            state.engine = Engine::Absent;
            after_locks(state, effects);
        }
        _ => {}
    }
}

pub(crate) fn locks_held(state: &mut State, id: EngineId, effects: &mut Vec<Effect>) {
    match state.engine {
        Engine::Closing(engine_id) if engine_id == id => terminate(state, id, effects),
        Engine::Dying(engine_id) if engine_id == id => {
            state.engine = Engine::Undead(id);
            state.notice = Some(Notice::WorkerLivesOn);
            give_up(state);
            after_locks(state, effects);
        }
        _ => {}
    }
}

/// Whatever is left of the plan cannot be measured beside a worker that lives on.
fn give_up(state: &mut State) {
    let Phase::Running(running) = &mut state.phase else {
        return;
    };
    let Stage::AwaitingEngine(spec) = &running.stage else {
        return;
    };
    let mut models = vec![spec.model];
    // What was measured before stays: only who has no time yet has none for this reason.
    models.extend(running.plan.models.drain(..).map(|spec| spec.model));
    let failure = Failure::CouldNotStart {
        what: "a new engine".into(),
        message: "a worker of the one before lives on; load the page again".into(),
    };
    for model in models {
        let row = state.report.as_mut().and_then(|report| report.row_mut(model));
        if row.is_some_and(|row| row.outcome == Outcome::NotRun) {
            set(state, model, Outcome::Failed(failure.clone()));
        }
    }
}

fn after_locks(state: &mut State, effects: &mut Vec<Effect>) {
    match &state.phase {
        Phase::Running(Running { stage: Stage::AwaitingEngine(_), .. }) => match state.engine {
            Engine::Undead(_) => next_run(state, effects),
            _ => pursue(state, effects),
        },
        Phase::Stopping(stopping) if stopping.stage == StopStage::AwaitingLocks => wind_up(state, effects),
        _ => {}
    }
}
