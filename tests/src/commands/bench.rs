mod engine;
mod shapes;

use crate::Options;
use crate::commands::run::chosen_or_first;
use catalog::{Experiment, MODELS, ModelId, Repeats, WORKLOADS, Workload};
use models::{Stop, native};
use std::fmt::Write as _;
use tests::{
    browser::{Kind, Sharing},
    error::{Error, Result},
    page::Page,
    server::{Server, Site},
    session::Session,
};

/// How often each pair is measured. What is quoted is the median of the ratios, pair by pair, because the machine's speed
/// drifts.
const PAIRS: usize = 5;

/// A part of the bench.
struct Section {
    name: &'static str,
    measure: fn(&Bench) -> Result<()>,
}

const SECTIONS: &[Section] = &[
    Section { name: "kernels", measure: |bench| kernels(&bench.page()?) },
    Section { name: "speed-ups", measure: |bench| speed_ups(&bench.page()?) },
    Section { name: "overheads", measure: |bench| overheads(&bench.page()?) },
    Section { name: "shapes", measure: |bench| shapes::run(&bench.page()?) },
    Section { name: "engine", measure: engine::run },
];

/// A browser to measure in.
struct Bench {
    session: Session,
    server: Server,
}

impl Bench {
    fn page(&self) -> Result<Page<'_>> {
        Page::open(&self.session, &self.server.url(""))?.ready()
    }
}

/// Measures models and engine in one run, in a browser beside native code on the same machine: everything, or the one
/// section that is named. `models` is everything that there is so far.
pub fn run(options: &Options) -> Result<()> {
    let wanted = options.link.as_deref().filter(|name| *name != "models");
    let sections: Vec<_> = SECTIONS.iter().filter(|section| wanted.is_none_or(|name| section.name == name)).collect();
    if sections.is_empty() {
        let names: Vec<_> = SECTIONS.iter().map(|section| section.name).collect();
        return Err(Error::Usage(format!(
            "the bench has no section {wanted:?}, but models, loop, {}",
            names.join(", ")
        )));
    }
    let browser = chosen_or_first(options)?;
    let server = engine::with_a_conductor_to_ask(Site::project()?)?.serve()?;
    let bench = Bench { session: Session::start(Kind { browser, sharing: Sharing::Offered })?, server };
    let cores = bench.page()?.environment()?.cores;
    println!("{}, {cores} cores; medians of {PAIRS} pairs\n", browser.name());
    sections.iter().try_for_each(|section| (section.measure)(&bench))
}

/// A workload as its row has it, with so many jobs.
fn link(workload: &Workload, jobs: u64, models: &[ModelId]) -> String {
    let mut experiment = Experiment::of(workload.id);
    experiment.values[0] = jobs;
    experiment.models = models.to_vec();
    // What is native has no interpreter.
    experiment.pool_has_gil = false;
    experiment.repeats = Repeats::Fixed(1);
    experiment.to_link()
}

fn in_browser(page: &Page, link: &str, model: ModelId) -> Result<f64> {
    measured(page, link, model).map(|(nanos, _)| nanos)
}

/// How long a model took, and how long of that all its processes together were coming into being.
fn measured(page: &Page, link: &str, model: ModelId) -> Result<(f64, f64)> {
    let slug = model.row().slug;
    let report = page.run(link)?;
    let result = report.results.iter().find(|result| result.model == slug);
    let nanos = result.and_then(|result| result.nanos);
    let starts = result.iter().flat_map(|result| result.lanes_in("process", "starting"));
    let started = starts.flatten().map(|span| span.end).fold(0.0, f64::max);
    nanos
        .map(|nanos| (nanos, started))
        .ok_or_else(|| Error::NotHeld(format!("{slug} gave no time for {link}: {:?}", report.results)))
}

fn natively(link: &str, model: ModelId) -> Result<f64> {
    let unexpected = |error: &dyn std::error::Error| Error::NotHeld(format!("{link} natively: {error}"));
    let experiment = Experiment::from_link(link).map_err(|error| unexpected(&error))?;
    let finished = native::run(&experiment.run_spec(model, false), &Stop::new()).map_err(|error| unexpected(&error))?;
    Ok(finished.recording.nanos() as f64)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The median of a ratio that is measured anew each time.
fn ratio(mut measure: impl FnMut() -> Result<(f64, f64)>) -> Result<f64> {
    let ratios: Result<Vec<f64>> = (0..PAIRS).map(|_| measure().map(|(one, other)| one / other)).collect();
    Ok(median(ratios?))
}

/// Each computing workload on one lane: the browser's time over native time.
fn kernels(page: &Page) -> Result<()> {
    println!("one lane, browser over native");
    let (mut logarithms, mut count) = (0.0, 0.0);
    for workload in WORKLOADS.iter().filter(|workload| workload.group == catalog::Group::Compute) {
        let link = link(workload, 1, &[ModelId::Sequential]);
        // The first run of a workload also warms the engine up.
        in_browser(page, &link, ModelId::Sequential)?;
        let found =
            ratio(|| Ok((in_browser(page, &link, ModelId::Sequential)?, natively(&link, ModelId::Sequential)?)))?;
        println!("  {:<14} {found:>6.2}×", workload.slug);
        logarithms += found.ln();
        count += 1.0;
    }
    println!("  {:<14} {:>6.2}×\n", "geometric mean", (logarithms / count).exp());
    Ok(())
}

/// How much faster two lanes are than one, in the browser and natively.
fn speed_ups(page: &Page) -> Result<()> {
    println!("two lanes, speed-up over one lane");
    let workload = catalog::WorkloadId::Primes.row();
    let one = link(workload, 2, &[ModelId::Sequential]);
    let native = ratio(|| Ok((natively(&one, ModelId::Sequential)?, natively(&one, ModelId::WorkStealing)?)))?;
    println!("  {:<22} {native:>5.2}×", "native rayon");
    for model in [ModelId::WorkStealing, ModelId::ThreadsFree, ModelId::ThreadPool, ModelId::ProcessPool] {
        let two = link(workload, 2, &[model]);
        let found = ratio(|| Ok((in_browser(page, &one, ModelId::Sequential)?, in_browser(page, &two, model)?)))?;
        println!("  {:<22} {found:>5.2}×  {:>5.2} of native", model.row().slug, found / native);
    }
    // Python keeps a pool's processes, so that their start is paid once.
    let two = link(workload, 2, &[ModelId::ProcessPool]);
    let warm = ratio(|| {
        let (nanos, started) = measured(page, &two, ModelId::ProcessPool)?;
        Ok((in_browser(page, &one, ModelId::Sequential)?, nanos - started))
    })?;
    println!("  {:<22} {warm:>5.2}×  {:>5.2} of native", "  without its start", warm / native);
    println!();
    Ok(())
}

/// What a job costs that has almost nothing to do.
fn overheads(page: &Page) -> Result<()> {
    const JOBS: u64 = 64;
    println!("{JOBS} jobs of almost nothing, per job");
    let mut lines = String::new();
    for model in MODELS {
        let mut experiment = Experiment::of(catalog::WorkloadId::Primes);
        experiment.values = vec![JOBS, 1_000];
        experiment.models = vec![model.id];
        experiment.repeats = Repeats::Fixed(1);
        let link = experiment.to_link();
        let times: Result<Vec<f64>> = (0..PAIRS).map(|_| in_browser(page, &link, model.id)).collect();
        let micros = median(times?) / JOBS as f64 / 1_000.0;
        writeln!(lines, "  {:<22} {micros:>9.1} µs", model.slug).expect("a string grows");
    }
    print!("{lines}");
    Ok(())
}
