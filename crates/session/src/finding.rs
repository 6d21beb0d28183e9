//! The message above the bars: two sentences at most, made of measured figures only. With intervals it says of each model whether
//! a difference was found; with too few runs for intervals it speaks of these runs and of nothing more.
//!
//! With three models beside the baseline or fewer, each is named; with more, those that say most: the one that took the
//! least time, the threads under a GIL, and the one that took the most.

use catalog::{Group, Language, ModelId};
use trace::statistics::{Comparison, Interval, Verdict};

use crate::Report;
use crate::figures::{grouped, millis_from_nanos, ratio, ratio_interval};
use crate::losses::losses;

mod few;

/// Nearer to the baseline than this is called about as long where there are no intervals.
const ABOUT: f64 = 0.05;
/// More models than this beside the baseline are not all named.
const NAMED: usize = 3;

/// A model and how long it took compared with the baseline.
#[derive(Clone, Copy, PartialEq)]
struct Figure {
    model: ModelId,
    ratio: f64,
    /// Absent for too few runs.
    sure: Option<(Interval, Verdict)>,
}

impl Figure {
    fn of(model: ModelId, ratio: f64, comparison: Option<Comparison>) -> Figure {
        let sure = comparison.and_then(|comparison| Some((comparison.interval?, comparison.verdict)));
        Figure { model, ratio, sure }
    }

    fn is_about_one(self) -> bool {
        (self.ratio - 1.0).abs() <= ABOUT
    }
}

/// What the report says, or nothing if no model has been measured.
pub fn finding(report: &Report, language: Language) -> Option<String> {
    let times = times(report, language)?;
    Some(match losses(report, language) {
        Some(lost) => match language {
            Language::En => format!("{lost} {times}"),
            Language::Zh => format!("{lost}{times}"),
        },
        None => times,
    })
}

/// A model's name within a sentence.
pub(crate) fn subject(model: ModelId, language: Language) -> &'static str {
    match (model, language) {
        (ModelId::Sequential, Language::En) => "one lane",
        (ModelId::ThreadsGil, Language::En) => "threads under a GIL",
        (ModelId::ThreadPool, Language::En) => "the thread pool",
        (ModelId::WorkStealing, Language::En) => "the work-stealing pool",
        (ModelId::MessageQueue, Language::En) => "the message queue",
        (ModelId::ProcessPool, Language::En) => "the process pool",
        (ModelId::EventLoop, Language::En) => "the event loop",
        (ModelId::TaskGroup, Language::En) => "the task group",
        (ModelId::LoopAndExecutor, Language::En) => "the event loop with an executor",
        (ModelId::Generators, Language::En) => "generators on a trampoline",
        (ModelId::ThreadsGil, Language::Zh) => "有 GIL 的多线程",
        (ModelId::ThreadsFree, Language::Zh) => "自由线程",
        _ => model.row().name.in_language(language),
    }
}

fn times(report: &Report, language: Language) -> Option<String> {
    let baseline = report.baseline()?;
    let base = (subject(baseline.model, language), millis_from_nanos(baseline.median_nanos()?));
    let mut others: Vec<Figure> = report
        .rows
        .iter()
        .filter(|row| row.model != baseline.model)
        .filter_map(|row| Some(Figure::of(row.model, report.ratio(row)?, row.summary.as_ref()?.comparison)))
        .collect();
    others.sort_by(|one, other| one.ratio.total_cmp(&other.ratio));
    let named: Vec<Figure> = match others.as_slice() {
        [fastest, .., slowest] if others.len() > NAMED => {
            let gil = others.iter().find(|figure| figure.model == ModelId::ThreadsGil);
            let mut named = vec![*fastest];
            named.extend(gil.filter(|gil| *gil != fastest && *gil != slowest));
            // Among those that all took less than the baseline, the last one says little.
            named.extend((named.len() < 2 || slowest.ratio > 1.0 + ABOUT).then_some(*slowest));
            named
        }
        all => all.to_vec(),
    };
    let opening = opening(report, language);
    let sure: Option<Vec<_>> = named.iter().map(|figure| figure.sure.map(|sure| (*figure, sure))).collect();
    Some(match (language, sure.filter(|sure| !sure.is_empty())) {
        (Language::En, Some(sure)) => format!("{opening} {}.", english(&base, &sure)),
        (Language::Zh, Some(sure)) => format!("{opening}{}。", chinese(&base, &sure)),
        (Language::En, None) => few::english(&opening, &base, &named),
        (Language::Zh, None) => few::chinese(&opening, &base, &named),
    })
}

/// What was run, and how often.
fn opening(report: &Report, language: Language) -> String {
    let jobs = report.experiment.jobs();
    let group = report.experiment.workload.row().group;
    let (fewest, most) = report.repeats().unwrap_or((1, 1));
    let runs = if fewest == most { most.to_string() } else { format!("{fewest}–{most}") };
    match language {
        Language::En => {
            let (noun, s) = if jobs == 1 { ("job", "s") } else { ("jobs", "") };
            let does = match group {
                Group::Compute => format!("compute{s}"),
                Group::Wait => format!("wait{s}"),
                Group::Mixed => format!("wait{s} and compute{s}"),
                Group::Coordination => format!("coordinate{s}"),
                Group::Custom => format!("do{} what you wrote", if jobs == 1 { "es" } else { "" }),
            };
            let how = match (most, report.has_intervals()) {
                (1, _) => "in this run".to_owned(),
                (_, true) => format!("{runs} runs each"),
                (_, false) => format!("medians of only {runs} runs"),
            };
            format!("{} {noun} that {does}, {how}:", grouped(jobs))
        }
        Language::Zh => {
            let does = match group {
                Group::Compute => "计算",
                Group::Wait => "等待",
                Group::Mixed => "混合",
                Group::Coordination => "协作",
                Group::Custom => "自己编写的",
            };
            let jobs = grouped(jobs);
            match (most, report.has_intervals()) {
                (1, _) => format!("这次运行（{jobs} 个{does}任务）中，"),
                (_, true) => format!("{jobs} 个{does}任务，各运行 {runs} 次："),
                (_, false) => format!("{jobs} 个{does}任务，各只运行了 {runs} 次，按中位数比较："),
            }
        }
    }
}

/// Sorted by what can be said of them: who differs, who does not, and whose difference is sure but too small to matter.
struct Sorted {
    differ: Vec<(Figure, Interval)>,
    alike: Vec<(Figure, Interval)>,
    close: Vec<(Figure, Interval)>,
}

impl Sorted {
    fn of(named: &[(Figure, (Interval, Verdict))]) -> Sorted {
        let mut sorted = Sorted { differ: Vec::new(), alike: Vec::new(), close: Vec::new() };
        for (figure, (interval, verdict)) in named {
            let list = match verdict {
                Verdict::Faster | Verdict::Slower => &mut sorted.differ,
                Verdict::NoDifference | Verdict::TooFew if interval.holds(1.0) => &mut sorted.alike,
                Verdict::NoDifference | Verdict::TooFew => &mut sorted.close,
            };
            list.push((*figure, *interval));
        }
        sorted
    }
}

fn english((base, time): &(&str, String), named: &[(Figure, (Interval, Verdict))]) -> String {
    let Sorted { differ, alike, close } = Sorted::of(named);
    let one = |(figure, interval): &(Figure, Interval), label: &str| {
        let (name, ratio) = (subject(figure.model, Language::En), ratio(figure.ratio));
        format!("{name} {ratio} ({label}{})", ratio_interval(*interval))
    };
    let mut said = Vec::new();
    // The first interval says what it is, and the first clause with what all is compared.
    for (index, model) in differ.iter().enumerate() {
        let (figure, interval) = model;
        said.push(match index {
            0 => format!(
                "{} took {} the time of {base} ({time}\u{202f}ms), 95\u{202f}% interval {}",
                subject(figure.model, Language::En),
                ratio(figure.ratio),
                ratio_interval(*interval)
            ),
            _ => one(model, ""),
        });
    }
    for (list, what) in [(&alike, "found"), (&close, "that matters")] {
        let Some((first, rest)) = list.split_first() else {
            continue;
        };
        let is_first = said.is_empty();
        let opening = if is_first {
            format!("no difference from {base} ({time}\u{202f}ms) {what}:")
        } else {
            format!("no difference {what} for")
        };
        let mut models = vec![one(first, if is_first { "95\u{202f}% interval " } else { "" })];
        models.extend(rest.iter().map(|model| one(model, "")));
        said.push(format!("{opening} {}", models.join(", ")));
    }
    said.join("; ")
}

fn chinese((base, time): &(&str, String), named: &[(Figure, (Interval, Verdict))]) -> String {
    let Sorted { differ, alike, close } = Sorted::of(named);
    let times = |figure: &Figure| ratio(figure.ratio).trim_end_matches('×').to_owned();
    let one = |(figure, interval): &(Figure, Interval), label: &str| {
        let name = subject(figure.model, Language::Zh);
        format!("{name} {} 倍（{label}{}）", times(figure), ratio_interval(*interval))
    };
    let mut said = Vec::new();
    for (index, model) in differ.iter().enumerate() {
        let (figure, interval) = model;
        let name = subject(figure.model, Language::Zh);
        let (times, interval) = (times(figure), ratio_interval(*interval));
        said.push(match index {
            0 => format!("{name}的用时是{base}（{time} 毫秒）的 {times} 倍（95% 区间 {interval}）"),
            _ => format!("{name}是 {times} 倍（{interval}）"),
        });
    }
    for (list, with_base, without) in [
        (&alike, "与{base}相比未发现差异", "未发现差异"),
        (&close, "与{base}相差太小，没有实际意义", "相差太小，没有实际意义"),
    ] {
        let Some((first, rest)) = list.split_first() else {
            continue;
        };
        let is_first = said.is_empty();
        let opening = if is_first {
            with_base.replace("{base}", &format!("{base}（{time} 毫秒）"))
        } else {
            without.to_owned()
        };
        let mut models = vec![one(first, if is_first { "95% 区间 " } else { "" })];
        models.extend(rest.iter().map(|model| one(model, "")));
        said.push(format!("{opening}：{}", models.join("、")));
    }
    said.join("；")
}
