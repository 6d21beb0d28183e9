//! Stopping: ask, wait, end, and be sure of it.

use catalog::{Experiment, Place};
use protocol::ToEngine;
use trace::Failure;

use crate::engine_life::{retire, terminate};
use crate::reduce::GRACE_MILLIS;
use crate::run::{begin, next_run};
use crate::state::{Notice, Phase, Running, Stage, State, StopStage, Stopping};
use crate::{Effect, Engine, Outcome, Plan, ResultRow, Ticket, TimerId};

pub(crate) fn stop(state: &mut State, effects: &mut Vec<Effect>) {
    match &mut state.phase {
        Phase::Running(Running { ticket, stage, .. }) => {
            let (ticket, stage) = (*ticket, stage.clone());
            let stop_stage = begin_to_stop(state, stage, effects);
            let is_over = stop_stage == StopStage::ReadingFrames;
            state.phase = Phase::Stopping(Stopping { ticket, stage: stop_stage, then: None, rest: Plan::default() });
            if is_over {
                effects.push(Effect::StopFrames);
            }
        }
        Phase::Stopping(stopping) => {
            stopping.rest = Plan::default();
            if let Some((ticket, _)) = stopping.then.take() {
                effects.push(Effect::Reject { ticket, reason: "stopped before it began".into() });
            }
        }
        Phase::Loading | Phase::Ready | Phase::Broken(_) => {}
    }
}

fn begin_to_stop(state: &mut State, stage: Stage, effects: &mut Vec<Effect>) -> StopStage {
    match stage {
        Stage::AskingForTurn | Stage::AwaitingTurn | Stage::ReadingFrames => StopStage::ReadingFrames,
        Stage::AwaitingEngine(_) => {
            retire(state, effects);
            match state.engine {
                Engine::Closing(_) | Engine::Dying(_) => StopStage::AwaitingLocks,
                _ => StopStage::ReadingFrames,
            }
        }
        Stage::Measuring { run_id, spec } => {
            let message = ToEngine::Stop { run_id };
            match (spec.place, state.engine.id()) {
                (Place::Worker, Some(engine_id)) => effects.push(Effect::SendToEngine(engine_id, message)),
                _ => effects.push(Effect::SendToPage(message)),
            }
            let timer = TimerId(state.number());
            effects.push(Effect::StartTimer { timer, millis: GRACE_MILLIS });
            StopStage::Asked { run_id, spec, timer }
        }
    }
}

/// Ends the engine at once. A browser may keep the page for its way back, and with it every lock that a worker holds.
pub(crate) fn leave(state: &mut State, effects: &mut Vec<Effect>) {
    stop(state, effects);
    match state.engine {
        Engine::Compiling(engine_id, _) | Engine::Starting(engine_id, ..) | Engine::Alive(engine_id, _) => {
            terminate(state, engine_id, effects);
        }
        Engine::Closing(engine_id) => effects.push(Effect::TerminateEngine(engine_id)),
        Engine::Absent | Engine::Dying(_) | Engine::Undead(_) => {}
    }
    if let Phase::Stopping(Stopping { stage, .. }) = &mut state.phase
        && matches!(stage, StopStage::Asked { spec, .. } if spec.place == Place::Worker)
    {
        *stage = StopStage::AwaitingLocks;
    }
    if let Phase::Stopping(stopping) = &mut state.phase {
        stopping.rest = Plan::default();
    }
    effects.push(Effect::GiveTurnBack);
}

/// Ends the run that is on and goes on with the rest: who ends a deadlock wants to see how the other models fare.
pub(crate) fn end_run(state: &mut State, effects: &mut Vec<Effect>) {
    if let Phase::Running(running) = &mut state.phase {
        let rest = std::mem::take(&mut running.plan);
        stop(state, effects);
        if let Phase::Stopping(stopping) = &mut state.phase {
            stopping.rest = rest;
        }
    }
}

/// Stops what runs, then runs something else.
pub(crate) fn stop_and_then(state: &mut State, then: (Ticket, Experiment), effects: &mut Vec<Effect>) {
    stop(state, effects);
    if let Phase::Stopping(stopping) = &mut state.phase {
        stopping.then = Some(then);
        stopping.rest = Plan::default();
    }
}

/// The run did not notice in time that it was to stop.
pub(crate) fn grace_over(state: &mut State, over: TimerId, effects: &mut Vec<Effect>) {
    let Phase::Stopping(stopping) = &mut state.phase else {
        return;
    };
    let place = match &stopping.stage {
        StopStage::Asked { timer, spec, .. } if *timer == over => spec.place,
        _ => return,
    };
    match place {
        Place::Worker => {
            stopping.stage = StopStage::AwaitingLocks;
            retire(state, effects);
        }
        Place::Page => {
            state.notice = Some(Notice::PageLoopGoesOn);
            wind_up(state, effects);
        }
    }
}

/// Nothing runs any more.
pub(crate) fn wind_up(state: &mut State, effects: &mut Vec<Effect>) {
    let Phase::Stopping(stopping) = &mut state.phase else {
        return;
    };
    if stopping.rest.runs.is_empty() {
        stopping.stage = StopStage::ReadingFrames;
        effects.push(Effect::StopFrames);
        return;
    }
    let (ticket, plan) = (stopping.ticket, std::mem::take(&mut stopping.rest));
    state.report.iter_mut().flat_map(|report| &mut report.rows).for_each(keep_deadlock);
    effects.push(Effect::PauseFrames);
    state.phase = Phase::Running(Running { ticket, plan, stage: Stage::AskingForTurn });
    next_run(state, effects);
}

/// That it could not go on is what the reader has seen, whoever ended it.
fn keep_deadlock(row: &mut ResultRow) {
    if let Outcome::Running { deadlock, .. } = &mut row.outcome
        && !deadlock.is_empty()
    {
        row.outcome = Outcome::Failed(Failure::Deadlock { waits: std::mem::take(deadlock) });
    }
}

pub(crate) fn frames_measured(state: &mut State, longest_gap_millis: Option<f64>, effects: &mut Vec<Effect>) {
    let (ticket, then) = match &mut state.phase {
        Phase::Running(Running { ticket, stage: Stage::ReadingFrames, .. }) => (*ticket, None),
        Phase::Stopping(Stopping { ticket, stage: StopStage::ReadingFrames, then, .. }) => (*ticket, then.take()),
        _ => return,
    };
    state.phase = Phase::Ready;
    effects.push(Effect::GiveTurnBack);
    if let Some(report) = &mut state.report {
        report.longest_frame_gap_millis = longest_gap_millis;
        for row in &mut report.rows {
            keep_deadlock(row);
            match &mut row.outcome {
                Outcome::NotRun | Outcome::Running { .. } => row.outcome = Outcome::Stopped,
                _ => {}
            }
        }
        effects.push(Effect::Settle { ticket, report: report.clone() });
    }
    if let Some((ticket, experiment)) = then {
        begin(state, ticket, experiment, effects);
    }
}
