//! Effects as text.

use protocol::ToEngine;
use session::{Effect, EngineId, EngineNeeds};

/// An engine and what it was made for.
pub fn engine(id: EngineId, needs: EngineNeeds) -> String {
    format!("e{} ({}, {} in the pool)", id.0, needs.flavour.slug(), needs.pool_threads)
}

fn message(message: &ToEngine) -> String {
    match message {
        ToEngine::Run { run_id, spec } => format!("run {} as r{}", spec.model.row().slug, run_id.0),
        ToEngine::Stop { run_id } => format!("stop r{}", run_id.0),
    }
}

/// One effect.
pub fn name(effect: &Effect) -> String {
    match effect {
        Effect::StartEngine(id, needs) => format!("start {}", engine(*id, *needs)),
        Effect::SendToEngine(id, to_engine) => format!("tell e{}: {}", id.0, message(to_engine)),
        Effect::SendToPage(to_engine) => format!("tell the page's loop: {}", message(to_engine)),
        Effect::CloseEngine(id) => format!("close e{}", id.0),
        Effect::TerminateEngine(id) => format!("terminate e{}", id.0),
        Effect::AwaitLocksFree { engine_id, millis } => format!("await e{}'s locks for {millis} ms", engine_id.0),
        Effect::StartTimer { millis, .. } => format!("timer of {millis} ms"),
        Effect::TakeTurn => "take the turn".into(),
        Effect::WaitForTurn => "wait for the turn".into(),
        Effect::GiveTurnBack => "give the turn back".into(),
        Effect::WriteLink { link, history } => format!("link {history:?} {link}"),
        Effect::RememberLanguage(language) => format!("remember {language:?}"),
        Effect::RememberTheme(theme) => format!("remember {theme:?}"),
        Effect::StartFrames => "start the frame meter".into(),
        Effect::StopFrames => "stop the frame meter".into(),
        Effect::Copy { text } => format!("copy {} lines", text.lines().count()),
        Effect::Save { name, media_type, .. } => format!("save {name} ({media_type})"),
        Effect::Settle { ticket, report } => format!("settle #{} {}", ticket.0, super::rows(report)),
        Effect::Reject { ticket, reason } => format!("reject #{}: {reason}", ticket.0),
    }
}
