//! What every report must be like, whatever ran it.

use catalog::{Capabilities, Model};
use tests::{
    browser::Browser,
    expected::primes_below,
    page::Page,
    report::{ModelResult, Outcome, Report},
};

/// Every model, as links name it, in the catalog's order.
pub const MODELS: [&str; catalog::MODELS.len()] = slugs();

const fn slugs() -> [&'static str; catalog::MODELS.len()] {
    let mut slugs = [""; catalog::MODELS.len()];
    let mut index = 0;
    while index < slugs.len() {
        slugs[index] = catalog::MODELS[index].slug;
        index += 1;
    }
    slugs
}

/// The models of which the catalog says so.
pub fn models_that(are_meant: impl Fn(&Model) -> bool) -> Vec<&'static str> {
    catalog::MODELS.iter().filter(|model| are_meant(model)).map(|model| model.slug).collect()
}

/// Whether a page's browser can run a model, given that it has shared memory or that it has none. WebKit cannot set wasm
/// calls aside.
pub fn can_run(page: Page, shared_memory: bool) -> impl Fn(&Model) -> bool {
    let capabilities = Capabilities { shared_memory, stack_switching: page.browser() != Browser::WebKit, cores: 2 };
    move |model| model.missing(&capabilities).is_none()
}

/// The models that an isolated page's browser can run.
pub fn every_model(page: Page) -> Vec<&'static str> {
    models_that(can_run(page, true))
}

/// Prime counting, small enough for many cases and large enough to be seen on a timeline.
pub fn primes(models: &[&str], more: &str) -> Work {
    Work {
        link: format!("work=primes&jobs=4&size=100000&models={}{more}", models.join(",")),
        answer: 4 * primes_below(100_000) as u64,
    }
}

/// Sleeping, long enough that eight waits in turn cannot be mistaken for waits at once.
pub fn sleeping(models: &[&str], more: &str) -> Work {
    Work { link: format!("work=sleeping&jobs=4&millis=100&models={}{more}", models.join(",")), answer: 4 }
}

/// An experiment and what it must come to.
pub struct Work {
    /// The experiment.
    pub link: String,
    /// The sum of what its jobs answer.
    pub answer: u64,
}

/// Every model named finished with the right answer and a sound trace.
#[track_caller]
pub fn assert_finished(report: &Report, models: &[&str], work: &Work) {
    for model in models {
        assert_right(report.of(model), work);
    }
}

#[track_caller]
pub fn assert_right(result: &ModelResult, work: &Work) {
    let model = &result.model;
    assert_eq!(result.outcome, Outcome::Finished, "{model} on {}: {:?}", work.link, result.reason);
    assert_eq!(result.number(), Some(work.answer as f64), "{model} on {}: {:?}", work.link, result.answer);
    assert!(result.nanos.is_some_and(|nanos| nanos > 0.0), "{model} took {:?}", result.nanos);
    assert_eq!(result.dropped, 0.0, "{model} dropped spans of a run that is short");
    assert_sound(result);
}

/// A lane is in one state at a time, and no span ends before it begins.
#[track_caller]
pub fn assert_sound(result: &ModelResult) {
    let model = &result.model;
    assert!(result.lanes.iter().any(|lane| !lane.spans.is_empty()), "{model} left no span");
    for lane in &result.lanes {
        let mut spans: Vec<_> = lane.spans.iter().map(|span| (span.start, span.end, &span.state)).collect();
        spans.sort_by(|one, other| one.0.total_cmp(&other.0));
        for (start, end, state) in &spans {
            assert!(end >= start, "{model}, {}: {state} from {start} to {end}", lane.name);
            // What a model does not pay for lies before the run's start, which a browser's clock knows to a millisecond.
            let belongs = *start >= -1e6 || ["starting", "copying", "idle"].contains(&state.as_str());
            assert!(belongs, "{model}, {}: {state} at {start}, before the run began", lane.name);
        }
        for pair in spans.windows(2) {
            assert!(pair[1].0 >= pair[0].1, "{model}, {}: {:?} and {:?} at once", lane.name, pair[0], pair[1]);
        }
    }
}
