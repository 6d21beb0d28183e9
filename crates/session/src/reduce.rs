//! The one way from a state to the next.

use catalog::{Experiment, ModelId};
use protocol::FromEngine;
use trace::Failure;

use crate::engine_life::{engine_failed, engine_launched, engine_ready, locks_free, locks_held};
use crate::run::{
    begin, complete, complete_failed, deadlocked, pages_found, progress, second_over, seen, turn_denied, turn_granted,
};
use crate::state::{Notice, Phase, Stage, State, StopStage};
use crate::stop::{end_run, frames_measured, grace_over, leave, stop, stop_and_then};
use crate::table::{self, Sorting};
use crate::{Action, Effect, Engine, EngineId, Export, History, Ticket, TimerId, to_json};

/// How long a conductor may take to say that it is ready, once its code is compiled.
pub(crate) const START_MILLIS: u32 = 15_000;
/// How long a run may take to notice that it is to stop.
pub(crate) const GRACE_MILLIS: u32 = 1_500;
/// How long an engine may take to end its workers in order.
pub(crate) const CLOSE_MILLIS: u32 = 1_000;
/// How long the browser may take to end workers that it was told to end. Chromium takes four seconds for busy ones.
pub(crate) const DEATH_MILLIS: u32 = 6_000;

/// From one state to the next, and what is to be done on the way.
pub fn reduce(mut state: State, action: Action) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    apply(&mut state, action, &mut effects);
    (state, effects)
}

fn apply(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Loaded(environment) => {
            if state.phase == Phase::Loading {
                state.environment = Some(environment);
                state.phase = Phase::Ready;
            }
        }
        Action::Broke(broken) => state.phase = Phase::Broken(broken),
        Action::VisibilityChanged { visible } => seen(state, visible, effects),
        Action::ExperimentChanged { experiment, history } => show(state, experiment, history, effects),
        Action::LinkOpened { query } => open_link(state, &query),
        Action::LanguageChosen(language) => {
            state.language = language;
            effects.push(Effect::RememberLanguage(language));
        }
        Action::ThemeChosen(theme) => {
            state.theme = theme;
            effects.push(Effect::RememberTheme(theme));
        }
        Action::NoticeDismissed => state.notice = None,
        Action::BaselineChosen(model) => choose_baseline(state, model),
        Action::OrderChosen(order) => state.order = order,
        Action::TableSorted(column) => state.sorting = Some(Sorting::after(state.sorting, column)),
        Action::ExportWanted(export) => hand_out(state, export, effects),
        Action::Copied { worked } => state.copied = Some(worked),
        Action::Run { ticket, experiment } => run(state, ticket, experiment, effects),
        Action::Stop => stop(state, effects),
        Action::EndRun => end_run(state, effects),
        Action::Left => leave(state, effects),
        Action::TurnGranted => turn_granted(state, effects),
        Action::TurnDenied => turn_denied(state, effects),
        Action::EngineLaunched(id) => engine_launched(state, id, effects),
        Action::FromEngine(id, message) => from_engine(state, id, message, effects),
        Action::FromPage(message) => from_page(state, message, effects),
        Action::EngineFailed(id, failure) => engine_failed(state, id, failure, effects),
        Action::LocksFree(id) => locks_free(state, id, effects),
        Action::LocksHeld(id) => locks_held(state, id, effects),
        Action::TimeUp(timer) => time_up(state, timer, effects),
        Action::FramesMeasured { longest_gap_millis } => frames_measured(state, longest_gap_millis, effects),
    }
}

fn show(state: &mut State, experiment: Experiment, history: History, effects: &mut Vec<Effect>) {
    if matches!(state.notice, Some(Notice::BadLink(_))) {
        state.notice = None;
    }
    if experiment != state.experiment {
        effects.push(Effect::WriteLink { link: experiment.to_link(), history });
        state.experiment = experiment;
    }
}

/// A link that makes no sense stays in the address bar, so that its author can mend it.
fn open_link(state: &mut State, query: &str) {
    match Experiment::from_link(query) {
        Ok(experiment) => {
            state.experiment = experiment;
            if matches!(state.notice, Some(Notice::BadLink(_))) {
                state.notice = None;
            }
        }
        Err(error) => {
            state.experiment = Experiment::default();
            state.notice = Some(Notice::BadLink(error));
        }
    }
}

fn choose_baseline(state: &mut State, model: ModelId) {
    state.baseline = (state.baseline != Some(model)).then_some(model);
    if let Some(report) = &mut state.report {
        report.wanted_baseline = state.baseline;
        report.summarize();
    }
}

/// Only what is over is handed out: half a report would be mistaken for a whole one.
fn hand_out(state: &mut State, export: Export, effects: &mut Vec<Effect>) {
    let (Phase::Ready, Some(report)) = (&state.phase, &state.report) else {
        return;
    };
    state.copied = None;
    effects.push(match export {
        Export::Table => Effect::Copy { text: table::tabbed(report, state.sorting, state.order, state.language) },
        Export::Csv => {
            Effect::Save { name: "interleave.csv", media_type: "text/csv", text: crate::csv::to_csv(report) }
        }
        Export::Json => Effect::Save { name: "interleave.json", media_type: "application/json", text: to_json(report) },
    });
}

fn run(state: &mut State, ticket: Ticket, experiment: Option<Experiment>, effects: &mut Vec<Effect>) {
    let experiment = experiment.unwrap_or_else(|| state.experiment.clone());
    match &state.phase {
        Phase::Loading => effects
            .push(Effect::Reject { ticket, reason: "the page is still loading; wait for interleave.ready".into() }),
        Phase::Broken(_) => effects.push(Effect::Reject { ticket, reason: "the page could not be set up".into() }),
        Phase::Ready => begin(state, ticket, experiment, effects),
        Phase::Running(_) | Phase::Stopping(_) => stop_and_then(state, (ticket, experiment), effects),
    }
}

fn from_engine(state: &mut State, id: EngineId, message: FromEngine, effects: &mut Vec<Effect>) {
    if state.engine.id() != Some(id) {
        return;
    }
    match message {
        FromEngine::Ready => engine_ready(state, id, effects),
        FromEngine::Failed { run_id: None, failure } => engine_failed(state, id, failure, effects),
        FromEngine::Failed { run_id: Some(run_id), failure } => {
            complete_failed(state, run_id, failure, Some(id), effects);
        }
        FromEngine::PagesFound { run_id, pages } => pages_found(state, run_id, pages),
        FromEngine::Progress { run_id, done, jobs } => progress(state, run_id, done, jobs),
        FromEngine::Deadlocked { run_id, waits } => deadlocked(state, run_id, waits),
        FromEngine::Finished { run_id, answer, losses, recording } => {
            complete(state, run_id, (answer, losses), recording, effects);
        }
    }
}

fn from_page(state: &mut State, message: FromEngine, effects: &mut Vec<Effect>) {
    match message {
        FromEngine::Ready => {}
        FromEngine::PagesFound { run_id, pages } => pages_found(state, run_id, pages),
        FromEngine::Progress { run_id, done, jobs } => progress(state, run_id, done, jobs),
        FromEngine::Deadlocked { run_id, waits } => deadlocked(state, run_id, waits),
        FromEngine::Finished { run_id, answer, losses, recording } => {
            complete(state, run_id, (answer, losses), recording, effects);
        }
        FromEngine::Failed { run_id: Some(run_id), failure } => {
            complete_failed(state, run_id, failure, None, effects);
        }
        FromEngine::Failed { run_id: None, failure } => {
            let run_on_page = match &state.phase {
                Phase::Running(running) => match &running.stage {
                    Stage::Measuring { run_id, spec } if spec.place == catalog::Place::Page => Some(*run_id),
                    _ => None,
                },
                Phase::Stopping(stopping) => match &stopping.stage {
                    StopStage::Asked { run_id, spec, .. } if spec.place == catalog::Place::Page => Some(*run_id),
                    _ => None,
                },
                _ => None,
            };
            if let Some(run_id) = run_on_page {
                complete_failed(state, run_id, failure, None, effects);
            }
        }
    }
}

fn time_up(state: &mut State, timer: TimerId, effects: &mut Vec<Effect>) {
    if let Engine::Starting(id, _, patience) = state.engine
        && patience == timer
    {
        let message = format!("no answer within {} s", START_MILLIS / 1_000);
        engine_failed(state, id, Failure::CouldNotStart { what: "the engine".into(), message }, effects);
    }
    second_over(state, timer, effects);
    grace_over(state, timer, effects);
}
