//! English.

use session::catalog::{Group, Need, Obstacle, Repeats};
use session::figures::grouped;
use session::trace::{Failure, LaneKind, Losses, MarkKind, State, Wait};

use super::script::STEPS_EN;
use super::{MOST_WAITS, Texts};

pub const TEXTS: Texts = Texts {
    tagline: "one piece of work under every concurrency model, measured in your browser",
    isolated: |cores| format!("isolated · {}", count(u64::from(cores), "core")),
    not_isolated: |cores| format!("not isolated · {}", count(u64::from(cores), "core")),
    not_isolated_why: "This page cannot share memory between workers, so models that need threads are not available. The server \
                       must send Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, and \
                       the page must be open in its own tab.",
    other_language: "中文",
    themes: ["system", "light", "dark"],
    theme_switch: |theme| format!("Theme: {theme}. Change it"),
    choices: "The experiment",
    work: "Work",
    workload: "Workload",
    script: "Jobs, a line for each sort",
    script_error: |error| format!("{}. The jobs before stay those that run.", capitalized(&error.to_string())),
    script_examples: "Examples:",
    script_help: "How jobs are written",
    script_steps: STEPS_EN,
    script_note: "A line is a job; steps stand between semicolons; what follows a # is a remark. Waits, primes, pages and whatever order \
                  cannot change are checked; a cell that is overwritten and a queue that is not emptied are not.",
    step_cost: |nanos| {
        format!(
            " Reading, adding, writing, a call, a lock: each such step is made to take about {nanos} ns, as compiled code alone would be too fast to be interrupted."
        )
    },
    settings: "Model settings",
    switches: "Threads under a GIL switch",
    switches_at: ["at jumps and calls (3.10 and later)", "after any instruction (up to 3.9)"],
    pool_lanes: "Lanes of a pool",
    lane_choices: ["as many as Python takes by itself", "a number of my own"],
    pool_threads: "Threads of the pool run",
    pool_gil: ["under a GIL", "without a GIL"],
    acknowledgement: "consumers acknowledge",
    acknowledges: ["early, as a job begins", "late, once it is done"],
    acknowledgement_notes: [
        "A consumer that dies takes the job in its hand with it.",
        "Its job is sent again, and may so be done twice.",
    ],
    repeats: "Repeats",
    repeats_kinds: ["until precise, or time is up", "a number of times"],
    repeats_notes: [
        "Ends when each median is known that well, whatever the models took. At least seven runs each for an interval.",
        "Each model so often, however long that takes.",
    ],
    repeats_said: |repeats| match repeats {
        Repeats::Fixed(runs) => count(runs.into(), "run") + " each",
        Repeats::UntilPrecise { percent, seconds } => format!("to ±{percent} %, at most {seconds} s"),
    },
    models: "Models",
    place: "Event loops run",
    places: ["automatically", "on this page", "in a worker"],
    place_notes: [
        "On this page if the work only waits, else in a worker.",
        "Work that computes will freeze this page while it runs. The frame gap shows for how long.",
        "This page stays free whatever the work does.",
    ],
    exact: |name| format!("{name}, exact value"),
    obstacle,
    run: "Run",
    stop: "Stop",
    end_it: "End it",
    nothing_chosen: "Choose at least one model.",
    result: "The result",
    before: |jobs, group, models| {
        let jobs_text = count(jobs, "job");
        let s = if jobs == 1 { "s" } else { "" };
        let does = match group {
            Group::Compute => format!("compute{s}"),
            Group::Wait => format!("wait{s}"),
            Group::Mixed => format!("wait{s} and compute{s}"),
            Group::Coordination => format!("coordinate{s}"),
            Group::Custom => format!("do{} what you wrote", if jobs == 1 { "es" } else { "" }),
        };
        let models = count(models as u64, "model");
        let question = match group {
            Group::Coordination | Group::Custom => "Which will get through, and with the right answer?",
            Group::Compute | Group::Wait | Group::Mixed => "Which will take the least time?",
        };
        format!("{jobs_text} that {does}, under {models}, one model at a time. {question} Guess, then run.")
    },
    finding_deadlock: |model| {
        format!(
            "A deadlock under “{model}”: jobs wait for each other, and nothing will ever wake them. It is real; end it."
        )
    },
    measuring: "The first model is being measured.",
    nothing_measured: "No model was measured.",
    of_other_choices: "Measured with other choices than those shown now.",
    status_ready: "Ready.",
    status_loading: "Finding out what this browser can do.",
    status_asking: "Asking whether another tab is measuring.",
    status_other_tab: "Another tab is measuring. This run begins when it is done.",
    status_starting: |model| format!("Starting an engine for {model}."),
    status_running: |model, round| match round {
        "" => format!("Running {model}."),
        round => format!("Running {model}. {round}"),
    },
    round_of: |round, rounds| format!("Round {round} of {rounds}."),
    round_with: |round, seconds| match (round, seconds) {
        (1, _) => "First round.".into(),
        (_, 0) => format!("Round {round}, the last."),
        _ => format!("Round {round}, {seconds} s left at most."),
    },
    status_out_of_sight: "Paused while this page is out of sight, because browsers slow down what nobody sees.",
    status_precise: |percent| format!("Done: every median is known to within {percent} %."),
    status_out_of_time: |percent, seconds| {
        format!(
            "Done: {seconds} s are up. Not every median is known to within {percent} %; the intervals say how well."
        )
    },
    status_too_few: |seconds| {
        format!("Done: {seconds} s are up, too few for seven runs each. Allow more time under Repeats for intervals.")
    },
    status_deadlock: |model| {
        format!("Deadlock under {model}. It lasts until you end it; what was measured before is kept.")
    },
    status_stopping: "Stopping.",
    status_done: "Done.",
    status_failed: |models| format!("Done, but {} failed.", count(models as u64, "model")),
    status_stopped: "Stopped. What was measured before is kept.",
    status_broken: |why| format!("The workbench cannot run anything: {why}"),
    not_run: "not run",
    deadlock: "deadlock",
    deadlocked: |waits| format!("{}.", capitalized(&who_waits(waits))),
    losses,
    jobs_done: |done, jobs| format!("{} of {}", grouped(done.into()), count(jobs.into(), "job")),
    stopped: "stopped",
    unavailable: "not available",
    failed: "failed",
    failure,
    likewise: "For the reason above.",
    bars_note: |runs, has_intervals, baseline| {
        let bar = match (runs, has_intervals) {
            (0, _) => return "Each model runs several times; a bar is the median of its times.".into(),
            (1, _) => "bar = time of this one run",
            (_, true) => "bar = median · whisker = 95 % interval · dot = one run",
            (_, false) => "bar = median, of too few runs for an interval · dot = one run",
        };
        match baseline {
            Some(baseline) => format!("{bar} · × = compared with {baseline}; press a name to compare with that"),
            None => bar.into(),
        }
    },
    compare_with_this: "Compare the others with this one",
    no_difference: "no difference found, or none that matters",
    fastest_first: "Fastest first",
    between_sentences: " ",
    axis: "time, ms",
    timeline: "What each lane did",
    timeline_empty: "The lanes appear here once a model has run.",
    timeline_later: "The lanes are drawn once all models have run, so that drawing disturbs none of them.",
    lanes_not_drawn: |lanes| format!("{} not drawn", count(lanes, "more lane")),
    pauses: |pauses, millis| {
        format!("{} to the event loop to look for Stop, {millis} ms in all", count(pauses.into(), "return"))
    },
    lane: |kind, number| {
        let kind = match kind {
            LaneKind::Conductor => return "conductor".into(),
            LaneKind::Thread => "thread",
            LaneKind::Process => "process",
            LaneKind::PageLoop => return "page loop".into(),
            LaneKind::WorkerLoop => return "worker loop".into(),
            LaneKind::Coroutine => "coroutine",
            LaneKind::Chain => "chain",
            LaneKind::Generator => "generator",
            LaneKind::Greenlet => "greenlet",
        };
        format!("{kind} {number}")
    },
    mark: |kind| match kind {
        MarkKind::Send => "message sent",
        MarkKind::SendAgain => "sent again",
        MarkKind::Acknowledge => "acknowledged",
        MarkKind::Die => "died",
        MarkKind::Wake => "woken",
        MarkKind::Switch => "took the GIL",
        MarkKind::DropRequest => "asked for the GIL",
        MarkKind::Cancel => "called off",
    },
    marks: |name, times| format!("{name}: {times}"),
    state: |state| match state {
        State::Computing => "computing",
        State::Waiting => "waiting",
        State::Blocked => "blocked",
        State::Copying => "copying",
        State::Starting => "starting",
        State::Idle => "idle",
    },
    waits_for: |wait| wait.to_string(),
    share: |state, millis, wait| match wait {
        Some(wait) => format!("{state} {millis} ms ({wait})"),
        None => format!("{state} {millis} ms"),
    },
    between: "; ",
    job: |job| format!("job {job}"),
    recorder: |model, spans, nanos, percent| {
        format!(
            "Recording took {percent} % of a run at most: {} of about {nanos} ns each under “{model}”.",
            count(spans, "span")
        )
    },
    from_to: |from, to| format!("{from} to {to} ms"),
    table: "Table",
    table_note: "Median, interval, ratio, shortest, longest and outliers (beyond Tukey's fences; kept) are of all runs. Jobs, lanes and \
                 states are of the typical run that is drawn. Intervals of ratios are widened so that all of them together hold in \
                 95 % of experiments.",
    copy_table: "Copy table",
    save_csv: "Save all runs (CSV)",
    save_json: "Save report (JSON)",
    copied: "Copied.",
    not_copied: "The browser does not let this page copy. Save the file instead.",
    frame_gap: |millis| {
        format!("The page's longest gap between two frames while the models ran: {millis} ms (measured).")
    },
    no_frames: "The page was hidden while the models ran, so it drew no frames.",
    link_error: |error| error.to_string(),
    bad_link: |why| format!("This link cannot be read: {why}. The default experiment is shown instead."),
    worker_lives_on: "A worker that was told to end is still running and would disturb every measurement. Load the page again to \
                      be rid of it; the link keeps your choices.",
    page_loop_goes_on: "The run on this page has not stopped yet. Load the page again if it goes on; the link keeps your choices.",
    reload: "Load again",
    dismiss: "Close",
    full_page: "Open the full page",
};

fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

fn losses(losses: Losses) -> String {
    let mut said = Vec::new();
    if losses.updates > 0 {
        said.push(format!(
            "{} lost: two lanes read the same value, and both wrote theirs.",
            count(losses.updates, "update")
        ));
    }
    if losses.jobs > 0 {
        let jobs = count(losses.jobs.into(), "job");
        said.push(format!(
            "{jobs} lost: acknowledged by a consumer that died before the answer came. The total lacks that much."
        ));
    }
    if losses.repeated > 0 {
        let jobs = count(losses.repeated.into(), "job");
        said.push(format!("{jobs} run again: begun by a consumer that died before it could acknowledge."));
    }
    said.join(" ")
}

fn failure(failure: &Failure) -> String {
    let advice = match failure {
        Failure::Stopped | Failure::Unavailable(_) => "",
        Failure::WrongAnswer { .. } => " A wrong answer is never shown as a time.",
        Failure::Panicked { .. }
        | Failure::ChildFailed { .. }
        | Failure::Unhandled { .. }
        | Failure::BadMessage { .. } => " This is a fault of Interleave; the next run starts a new engine.",
        Failure::WorkerDied { .. } | Failure::AllDied { .. } => {
            " The browser may be short of memory: try fewer jobs or a smaller size. The next run starts a new engine."
        }
        Failure::PageNotFetched { .. } => {
            " The service worker may have been ended or removed: load the page again. Without one, timers stand in."
        }
        Failure::CouldNotStart { .. } => {
            " The file may be missing or damaged, or an extension or a policy may block workers: load the page again, and try \
             without extensions."
        }
        Failure::BadRequest { .. } => " Change that choice and run again.",
        Failure::TooManyJobs { .. } => " Choose fewer jobs, or a pool.",
        Failure::NothingShared => " Choose a model whose lanes share a memory.",
        Failure::Deadlock { .. } => " None of them would ever have gone on.",
    };
    let said = match failure {
        Failure::Deadlock { waits } => who_waits(waits),
        failure => failure.to_string(),
    };
    format!("{}.{advice}", capitalized(&said))
}

fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
    first + rest.as_str()
}

fn who_waits(waits: &[(u32, Wait)]) -> String {
    let mut parts: Vec<String> =
        waits.iter().take(MOST_WAITS).map(|(job, wait)| format!("job {} {wait}", job + 1)).collect();
    match waits.len().saturating_sub(MOST_WAITS) {
        0 => {}
        1 => parts.push("1 more job waits".into()),
        more => parts.push(format!("{more} more jobs wait")),
    }
    parts.join("; ")
}

fn obstacle(obstacle: Obstacle) -> String {
    match obstacle {
        Obstacle::Missing(Need::SharedMemory) => {
            "Needs memory shared between workers: open the page in its own tab, from a server that isolates it.".into()
        }
        Obstacle::Missing(Need::StackSwitching) => {
            "Needs a browser that can set ordinary calls aside in their middle (JavaScript Promise Integration): Chromium from 137 \
             or a recent Firefox."
                .into()
        }
        Obstacle::NothingShared => {
            "These jobs share something, and here each has a memory of its own: choose work whose jobs share nothing."
                .into()
        }
        Obstacle::TooManyJobs { jobs, most } => {
            format!(
                "Gives each job a lane of its own, {most} at most: choose fewer jobs than these {}, or a pool.",
                grouped(jobs.into())
            )
        }
    }
}
