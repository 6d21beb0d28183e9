//! Every text of the page that is not in the catalog, once per language. A text that is missing in one does not compile.

mod en;
mod script;
mod zh;

use session::catalog::{Group, Language, LinkError, Obstacle, Repeats, ScriptError};
use session::trace::{Failure, LaneKind, Losses, MarkKind, State, Wait};

/// Jobs of a deadlock that are named; the rest is counted.
const MOST_WAITS: usize = 5;

/// The texts of one language. Where a text has parts that vary, it is a function of them.
pub struct Texts {
    /// What the page is, under its name.
    pub tagline: &'static str,
    /// The page is isolated and has this many cores.
    pub isolated: fn(u32) -> String,
    /// The page has no shared memory and this many cores.
    pub not_isolated: fn(u32) -> String,
    /// Why there is no shared memory and what would bring it.
    pub not_isolated_why: &'static str,
    /// The name of the switch to the other language, in that language.
    pub other_language: &'static str,
    /// The names of the themes: system, light, dark.
    pub themes: [&'static str; 3],
    /// What the theme's switch is for, given the theme.
    pub theme_switch: fn(&str) -> String,
    /// The label of the reader's choices.
    pub choices: &'static str,
    /// The label of the workloads.
    pub work: &'static str,
    /// What each simple step of the work costs, in nanoseconds, to follow the work's summary.
    pub step_cost: fn(u64) -> String,
    /// The label of the field in which the reader writes jobs.
    pub script: &'static str,
    /// What is wrong with them, and where.
    pub script_error: fn(&ScriptError) -> String,
    /// Before the examples.
    pub script_examples: &'static str,
    /// The label of how jobs are written.
    pub script_help: &'static str,
    /// How jobs are written: each step and what it does.
    pub script_steps: script::Steps,
    /// What of the answer is checked.
    pub script_note: &'static str,
    /// The label of the list of workloads.
    pub workload: &'static str,
    /// The label of what can be set of models.
    pub settings: &'static str,
    /// The label of the places at which threads under a GIL may switch.
    pub switches: &'static str,
    /// Those places: jumps back and calls, any instruction.
    pub switches_at: [&'static str; 2],
    /// The label of the choice of how many lanes pools get.
    pub pool_lanes: &'static str,
    /// As Python has it, and as the reader says.
    pub lane_choices: [&'static str; 2],
    /// The label of the choice whether a pool's threads have a GIL.
    pub pool_threads: &'static str,
    /// That choice: with, without.
    pub pool_gil: [&'static str; 2],
    /// The label of the choice when consumers of messages acknowledge them.
    pub acknowledgement: &'static str,
    /// That choice: early, late.
    pub acknowledges: [&'static str; 2],
    /// What comes of that when a consumer dies.
    pub acknowledgement_notes: [&'static str; 2],
    /// The label of how often models are run.
    pub repeats: &'static str,
    /// The ways to say how often: until precise, a number.
    pub repeats_kinds: [&'static str; 2],
    /// What these come to.
    pub repeats_notes: [&'static str; 2],
    /// How often, in a few words.
    pub repeats_said: fn(Repeats) -> String,
    /// The label of the models.
    pub models: &'static str,
    /// The label of the places of event loops.
    pub place: &'static str,
    /// The choices of a place: automatic, page, worker.
    pub places: [&'static str; 3],
    /// What the choices of a place come to.
    pub place_notes: [&'static str; 3],
    /// The field in which a parameter's exact value is typed, given the parameter's name.
    pub exact: fn(&str) -> String,
    /// Why a model cannot run this here, and what would enable it.
    pub obstacle: fn(Obstacle) -> String,
    /// On the button that runs.
    pub run: &'static str,
    /// On the button that stops.
    pub stop: &'static str,
    /// On the same button while jobs wait for each other.
    pub end_it: &'static str,
    /// No model is chosen.
    pub nothing_chosen: &'static str,
    /// The label of all that a run leaves behind.
    pub result: &'static str,
    /// Before the first run: so many jobs of this kind, under so many models.
    pub before: fn(jobs: u64, group: Group, models: usize) -> String,
    /// The jobs of this model wait for each other.
    pub finding_deadlock: fn(&str) -> String,
    /// While nothing has been measured yet.
    pub measuring: &'static str,
    /// Every run has failed or been stopped.
    pub nothing_measured: &'static str,
    /// The report belongs to choices that have been changed since.
    pub of_other_choices: &'static str,
    /// Nothing runs.
    pub status_ready: &'static str,
    /// The browser is being felt.
    pub status_loading: &'static str,
    /// It is being asked whether another tab measures.
    pub status_asking: &'static str,
    /// Another tab measures.
    pub status_other_tab: &'static str,
    /// An engine is coming up for this model.
    pub status_starting: fn(&str) -> String,
    /// This model runs, in the round that these words name.
    pub status_running: fn(&str, &str) -> String,
    /// A round, of so many.
    pub round_of: fn(u32, u32) -> String,
    /// A round, with so many seconds left at most.
    pub round_with: fn(u32, u32) -> String,
    /// The page is out of sight, and nothing new is begun meanwhile.
    pub status_out_of_sight: &'static str,
    /// The experiment is over because every median is known to so many percent.
    pub status_precise: fn(u32) -> String,
    /// The experiment is over because its time was up before that: so many percent, so many seconds.
    pub status_out_of_time: fn(u32, u32) -> String,
    /// The experiment is over because its time of so many seconds was up before there were enough runs for intervals.
    pub status_too_few: fn(u32) -> String,
    /// The jobs of this model wait for each other, and the reader can end it.
    pub status_deadlock: fn(&str) -> String,
    /// The run is being stopped.
    pub status_stopping: &'static str,
    /// The experiment is over.
    pub status_done: &'static str,
    /// The experiment is over, and so many models have failed.
    pub status_failed: fn(usize) -> String,
    /// The experiment was stopped.
    pub status_stopped: &'static str,
    /// The page cannot work, for this reason.
    pub status_broken: fn(&str) -> String,
    /// A row whose model has not run.
    pub not_run: &'static str,
    /// So many jobs of so many are done.
    pub jobs_done: fn(u32, u32) -> String,
    /// A run whose jobs wait for each other, in a word.
    pub deadlock: &'static str,
    /// Who waits for whom.
    pub deadlocked: fn(&[(u32, Wait)]) -> String,
    /// What was lost or done twice, of which there is something.
    pub losses: fn(Losses) -> String,
    /// A row that was stopped.
    pub stopped: &'static str,
    /// A row whose model cannot run here.
    pub unavailable: &'static str,
    /// A row that failed.
    pub failed: &'static str,
    /// Why a run failed, and what to do.
    pub failure: fn(&Failure) -> String,
    /// For the reason that the row above this one gives.
    pub likewise: &'static str,
    /// What the bars are: of so many runs, whether there are intervals, and with which model they are compared.
    pub bars_note: fn(usize, bool, Option<&str>) -> String,
    /// What pressing a model's name does.
    pub compare_with_this: &'static str,
    /// Beside a ratio of which nothing can be said.
    pub no_difference: &'static str,
    /// On the switch of the models' order.
    pub fastest_first: &'static str,
    /// Between two sentences.
    pub between_sentences: &'static str,
    /// The label of the axis.
    pub axis: &'static str,
    /// The label of the timeline.
    pub timeline: &'static str,
    /// In place of the timeline before there is one.
    pub timeline_empty: &'static str,
    /// In place of the timeline while models run.
    pub timeline_later: &'static str,
    /// So many lanes are not drawn.
    pub lanes_not_drawn: fn(u64) -> String,
    /// So many returns to the event loop took so many milliseconds.
    pub pauses: fn(u32, &str) -> String,
    /// What a lane is called.
    pub lane: fn(LaneKind, u32) -> String,
    /// What an instant of a lane is called.
    pub mark: fn(MarkKind) -> &'static str,
    /// So many instants of a kind, given its name.
    pub marks: fn(&str, usize) -> String,
    /// What a state is called.
    pub state: fn(State) -> &'static str,
    /// What a lane waits for.
    pub waits_for: fn(Wait) -> String,
    /// For how many milliseconds a lane was in a state, and what it waited for.
    pub share: fn(&str, &str, Option<&str>) -> String,
    /// Between the parts of a description.
    pub between: &'static str,
    /// What a job is called, counted from one.
    pub job: fn(u32) -> String,
    /// What recording cost at most: the model, its spans, nanoseconds for each, and what part of its run that is, in percent.
    pub recorder: fn(&str, u64, u64, &str) -> String,
    /// From one time to another, in milliseconds.
    pub from_to: fn(&str, &str) -> String,
    /// The label of the table.
    pub table: &'static str,
    /// What the table's figures are of.
    pub table_note: &'static str,
    /// On the button that copies the table.
    pub copy_table: &'static str,
    /// On the button that saves all runs.
    pub save_csv: &'static str,
    /// On the button that saves the whole report.
    pub save_json: &'static str,
    /// The table has been copied.
    pub copied: &'static str,
    /// The browser does not let the page copy.
    pub not_copied: &'static str,
    /// The longest time between two frames, in milliseconds.
    pub frame_gap: fn(&str) -> String,
    /// The page was hidden, so no frames were drawn.
    pub no_frames: &'static str,
    /// What is wrong with a link.
    pub link_error: fn(&LinkError) -> String,
    /// The link made no sense, for this reason.
    pub bad_link: fn(&str) -> String,
    /// A worker lives on.
    pub worker_lives_on: &'static str,
    /// The loop on the page goes on.
    pub page_loop_goes_on: &'static str,
    /// On the button that loads the page again.
    pub reload: &'static str,
    /// On the button that puts a notice away.
    pub dismiss: &'static str,
    /// On the link from an embedded page to the full one.
    pub full_page: &'static str,
}

/// The texts of a language.
pub fn texts(language: Language) -> &'static Texts {
    match language {
        Language::En => &en::TEXTS,
        Language::Zh => &zh::TEXTS,
    }
}
