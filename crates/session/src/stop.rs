//! Stopping: ask, wait, end, and be sure of it.

use catalog::{Experiment, Place};
use protocol::ToEngine;
use trace::Failure;

use crate::engine_life::{retire, terminate};
use crate::reduce::GRACE_MILLIS;
use crate::run::{begin, next_run};
use crate::state::{Notice, Phase, Running, Stage, State, StopStage, Stopping};
use crate::{Effect, End, Engine, Outcome, Plan, ResultRow, Ticket, TimerId};

pub(crate) fn stop(state: &mut State, effects: &mut Vec<Effect>) {
    match &mut state.phase {
        Phase::Running(Running { ticket, stage, .. }) => {
            let (ticket, stage) = (*ticket, stage.clone());
            let stop_stage = begin_to_stop(state, stage, effects);
            let is_over = stop_stage == StopStage::ReadingFrames;
            state.phase = Phase::Stopping(Stopping { ticket, stage: stop_stage, then: None, rest: Plan::nothing() });
            if is_over {
                effects.push(Effect::StopFrames);
            }
        }
        Phase::Stopping(stopping) => {
            stopping.rest = Plan::nothing();
            if let Some((ticket, _)) = stopping.then.take() {
                effects.push(Effect::Reject { ticket, reason: "stopped before it began".into() });
            }
        }
        Phase::Loading | Phase::Ready | Phase::Broken(_) => {}
    }
}

fn begin_to_stop(state: &mut State, stage: Stage, effects: &mut Vec<Effect>) -> StopStage {
    match stage {
        Stage::AskingForTurn | Stage::AwaitingTurn | Stage::OutOfSight | Stage::ReadingFrames { .. } => {
            StopStage::ReadingFrames
        }
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
        stopping.rest = Plan::nothing();
    }
    effects.push(Effect::GiveTurnBack);
}

/// Ends the run that is on and goes on with the rest: who ends a deadlock wants to see how the other models fare.
pub(crate) fn end_run(state: &mut State, effects: &mut Vec<Effect>) {
    if let Phase::Running(running) = &mut state.phase {
        let rest = std::mem::replace(&mut running.plan, Plan::nothing());
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
        stopping.rest = Plan::nothing();
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
    effects.push(Effect::StopFrames);
    if stopping.rest.models.is_empty() {
        stopping.stage = StopStage::ReadingFrames;
        return;
    }
    let (ticket, mut plan) = (stopping.ticket, std::mem::replace(&mut stopping.rest, Plan::nothing()));
    // The second that was being counted when the run was ended is the reader's.
    plan.second = None;
    state.report.iter_mut().flat_map(|report| &mut report.rows).for_each(end_row);
    state.phase = Phase::Running(Running { ticket, plan, stage: Stage::ReadingFrames { model: None } });
}

/// A run that the reader ended has left nothing. That it could not go on is what he has seen, whoever ended it.
pub(crate) fn end_row(row: &mut ResultRow) {
    let Some(progress) = row.now.take() else {
        return;
    };
    if !progress.deadlock.is_empty() {
        row.outcome = Outcome::Failed(Failure::Deadlock { waits: progress.deadlock });
    } else if row.outcome == Outcome::NotRun {
        row.outcome = Outcome::Stopped;
    }
}

pub(crate) fn frames_measured(state: &mut State, longest_gap_millis: Option<f64>, effects: &mut Vec<Effect>) {
    match &mut state.phase {
        Phase::Running(Running { stage: Stage::ReadingFrames { model }, .. }) => {
            let row = model.and_then(|model| state.report.as_mut()?.row_mut(model));
            if let Some(run) = row.and_then(|row| row.runs.last_mut()) {
                run.longest_frame_gap_millis = longest_gap_millis;
            }
            next_run(state, effects);
        }
        Phase::Stopping(Stopping { ticket, stage: StopStage::ReadingFrames, then, .. }) => {
            let (ticket, then) = (*ticket, then.take());
            finish(state, ticket, End::Stopped, effects);
            if let Some((ticket, experiment)) = then {
                begin(state, ticket, experiment, effects);
            }
        }
        _ => {}
    }
}

/// The experiment is over.
pub(crate) fn finish(state: &mut State, ticket: Ticket, end: End, effects: &mut Vec<Effect>) {
    state.phase = Phase::Ready;
    effects.push(Effect::GiveTurnBack);
    let Some(report) = &mut state.report else {
        return;
    };
    for row in &mut report.rows {
        end_row(row);
        if row.outcome == Outcome::NotRun {
            row.outcome = Outcome::Stopped;
        }
    }
    report.end = Some(end);
    report.summarize();
    effects.push(Effect::Settle { ticket, report: report.clone() });
}
