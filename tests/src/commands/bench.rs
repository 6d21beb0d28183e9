use crate::Options;
use crate::commands::run::chosen_or_first;
use catalog::{Experiment, MODELS, ModelId, WORKLOADS, Workload};
use models::{Stop, native};
use std::fmt::Write as _;
use tests::{
    browser::{Kind, Sharing},
    error::{Error, Result},
    page::Page,
    server::Site,
    session::Session,
};

/// How often each pair is measured. What is quoted is the median of the ratios, pair by pair, because the machine's speed
/// drifts.
const PAIRS: usize = 5;

/// Measures kernels, speed-ups and overheads in one run, in a browser beside native code on the same machine.
pub fn run(options: &Options) -> Result<()> {
    let browser = chosen_or_first(options)?;
    let server = Site::project()?.serve()?;
    let session = Session::start(Kind { browser, sharing: Sharing::Offered })?;
    let page = Page::open(&session, &server.url(""))?.ready()?;
    println!("{}, {} cores; medians of {PAIRS} pairs\n", browser.name(), page.environment()?.cores);
    kernels(&page)?;
    speed_ups(&page)?;
    overheads(&page)
}

/// A workload as its row has it, with so many jobs.
fn link(workload: &Workload, jobs: u64, models: &[ModelId]) -> String {
    let mut experiment = Experiment::of(workload.id);
    experiment.values[0] = jobs;
    experiment.models = models.to_vec();
    // What is native has no interpreter.
    experiment.pool_has_gil = false;
    experiment.to_link()
}

fn in_browser(page: &Page, link: &str, model: ModelId) -> Result<f64> {
    let slug = model.row().slug;
    let report = page.run(link)?;
    let result = report.results.iter().find(|result| result.model == slug);
    result
        .and_then(|result| result.nanos)
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
        let link = experiment.to_link();
        let times: Result<Vec<f64>> = (0..PAIRS).map(|_| in_browser(page, &link, model.id)).collect();
        let micros = median(times?) / JOBS as f64 / 1_000.0;
        writeln!(lines, "  {:<22} {micros:>9.1} µs", model.slug).expect("a string grows");
    }
    print!("{lines}");
    Ok(())
}
