//! Run, Stop, and what is going on.

use session::catalog::Repeats;
use session::{Action, Broken, End, Outcome, Phase, Plan, Report, Stage, State};
use yew::{Callback, Html, MouseEvent, html};

use crate::texts::Texts;

/// The sheet in which the choices lie on a phone.
pub struct Sheet {
    /// Whether it is shown.
    pub open: bool,
    /// Shows or hides it.
    pub toggle: Callback<MouseEvent>,
}

/// The bar that is always in reach.
pub fn controls(state: &State, texts: &Texts, act: &Callback<Action>, run: &Callback<()>, sheet: &Sheet) -> Html {
    let stoppable = matches!(state.phase, Phase::Running(_));
    let runnable = matches!(state.phase, Phase::Ready | Phase::Running(_)) && !state.experiment.models.is_empty();
    let deadlocked = stoppable && state.report.as_ref().is_some_and(|report| report.deadlocked().is_some());
    let act = act.clone();
    let stop = move |_| {
        if stoppable {
            act.emit(if deadlocked { Action::EndRun } else { Action::Stop });
        }
    };
    let run = run.clone();
    let start = move |_| {
        if runnable {
            run.emit(());
        }
    };
    // A button that was disabled while it had the focus would lose it, so these only say that they do nothing.
    html! {
        <div class="controls">
            <button type="button" class={if deadlocked { "" } else { "primary" }} data-part="run" aria-disabled={(!runnable).to_string()}
                aria-keyshortcuts="Control+Enter Meta+Enter" onclick={start}>
                { texts.run }<kbd aria-hidden="true">{ "⌘/Ctrl ↵" }</kbd>
            </button>
            <button type="button" class={if deadlocked { "primary" } else { "" }} data-part="stop"
                aria-disabled={(!stoppable).to_string()} onclick={stop}>
                { if deadlocked { texts.end_it } else { texts.stop } }
            </button>
            <button type="button" class="sheet-switch" data-part="sheet" aria-expanded={sheet.open.to_string()}
                onclick={sheet.toggle.clone()}>{ if sheet.open { texts.dismiss } else { texts.choices } }</button>
            <p class="status" role="status" aria-live="polite" data-part="status">{ status(state, texts) }</p>
        </div>
    }
}

/// Which round it is, and of how many, or how much time is left at most.
fn round(plan: &Plan, texts: &Texts) -> String {
    match plan.repeats {
        Repeats::Fixed(1) => String::new(),
        Repeats::Fixed(runs) => (texts.round_of)(plan.round, runs),
        Repeats::UntilPrecise { .. } => (texts.round_with)(plan.round, plan.seconds_left),
    }
}

/// How an experiment ended that nobody stopped.
fn done(report: &Report, texts: &Texts) -> String {
    match (report.end, report.experiment.repeats) {
        (Some(End::Precise), Repeats::UntilPrecise { percent, .. }) => (texts.status_precise)(percent),
        (Some(End::OutOfTime), Repeats::UntilPrecise { percent, seconds }) if report.has_intervals() => {
            (texts.status_out_of_time)(percent, seconds)
        }
        (Some(End::OutOfTime), Repeats::UntilPrecise { seconds, .. }) => (texts.status_too_few)(seconds),
        _ => texts.status_done.to_owned(),
    }
}

fn status(state: &State, texts: &Texts) -> String {
    match &state.phase {
        Phase::Loading => texts.status_loading.to_owned(),
        Phase::Broken(Broken::NoManifest { message }) => (texts.status_broken)(message),
        Phase::Stopping(_) => texts.status_stopping.to_owned(),
        Phase::Ready if state.experiment.models.is_empty() => texts.nothing_chosen.to_owned(),
        Phase::Ready => match &state.report {
            None => texts.status_ready.to_owned(),
            Some(report) if report.end == Some(End::Stopped) => texts.status_stopped.to_owned(),
            Some(report) => match report.rows.iter().filter(|row| matches!(row.outcome, Outcome::Failed(_))).count() {
                0 => done(report, texts),
                failed => (texts.status_failed)(failed),
            },
        },
        Phase::Running(running) => {
            let name = |model: session::catalog::ModelId| model.row().name.in_language(state.language);
            match &running.stage {
                Stage::AskingForTurn => texts.status_asking.to_owned(),
                Stage::OutOfSight => texts.status_out_of_sight.to_owned(),
                Stage::AwaitingTurn => texts.status_other_tab.to_owned(),
                Stage::AwaitingEngine(spec) => (texts.status_starting)(name(spec.model)),
                Stage::Measuring { spec, .. } => match state.report.as_ref().and_then(Report::deadlocked) {
                    Some(_) => (texts.status_deadlock)(name(spec.model)),
                    None => (texts.status_running)(name(spec.model), &round(&running.plan, texts)),
                },
                // It lasts no longer than the browser needs to call back.
                Stage::ReadingFrames { .. } => round(&running.plan, texts),
            }
        }
    }
}
