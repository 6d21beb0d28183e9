//! The message above the bars: two sentences at most, made of measured figures only. A single run has no interval, so they
//! speak of this run and of nothing more.
//!
//! With three models beside the baseline or fewer, each is named; with more, those that say most: the one that took the
//! least time, the threads under a GIL, and the one that took the most.

use catalog::{Group, Language, ModelId};

use crate::Report;
use crate::figures::{grouped, millis_from_nanos, ratio};
use crate::losses::losses;

/// Nearer to the baseline than this is called about as long.
const ABOUT: f64 = 0.05;
/// More models than this beside the baseline are not all named.
const NAMED: usize = 3;

/// A model and how long it took compared with the baseline.
#[derive(Clone, Copy, PartialEq)]
struct Figure {
    model: ModelId,
    ratio: f64,
}

impl Figure {
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
        (ModelId::Generators, Language::En) => "generators on a trampoline",
        (ModelId::ThreadsGil, Language::Zh) => "有 GIL 的多线程",
        (ModelId::ThreadsFree, Language::Zh) => "自由线程",
        _ => model.row().name.in_language(language),
    }
}

fn times(report: &Report, language: Language) -> Option<String> {
    let baseline = report.baseline()?;
    let base = (subject(baseline.model, language), millis_from_nanos(baseline.outcome.nanos()?));
    let mut others: Vec<Figure> = report
        .rows
        .iter()
        .filter(|row| row.model != baseline.model)
        .filter_map(|row| Some(Figure { model: row.model, ratio: report.ratio(row)? }))
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
    Some(match language {
        Language::En => english(&opening, &base, &named),
        Language::Zh => chinese(&opening, &base, &named),
    })
}

fn opening(report: &Report, language: Language) -> String {
    let jobs = report.experiment.jobs();
    let group = report.experiment.workload.row().group;
    match language {
        Language::En => {
            let (noun, s) = if jobs == 1 { ("job", "s") } else { ("jobs", "") };
            let does = match group {
                Group::Compute => format!("compute{s}"),
                Group::Wait => format!("wait{s}"),
                Group::Mixed => format!("wait{s} and compute{s}"),
                Group::Coordination => format!("coordinate{s}"),
            };
            format!("{} {noun} that {does}, in this run:", grouped(jobs))
        }
        Language::Zh => {
            let does = match group {
                Group::Compute => "计算",
                Group::Wait => "等待",
                Group::Mixed => "混合",
                Group::Coordination => "协作",
            };
            format!("这次运行（{} 个{does}任务）中，", grouped(jobs))
        }
    }
}

fn english(opening: &str, (base, time): &(&str, String), named: &[Figure]) -> String {
    let subject = |figure: &Figure| subject(figure.model, Language::En);
    let part = |figure: &Figure, last: bool| {
        let (name, ratio) = (subject(figure), ratio(figure.ratio));
        if figure.is_about_one() {
            format!("{name} took about as long as {base} ({ratio})")
        } else if last && figure.ratio > 1.0 && named.len() > 1 {
            format!("{name} took the most, {ratio}")
        } else {
            format!("{name} took {ratio}")
        }
    };
    let Some((first, rest)) = named.split_first() else {
        return format!("{opening} {base} took {time}\u{202f}ms.");
    };
    let (mut said, rest) = match (first.is_about_one(), first.ratio < 1.0) {
        (true, _) if rest.is_empty() => {
            let name = subject(first);
            (format!("{name} took about as long as {base} ({time}\u{202f}ms), {}", ratio(first.ratio)), rest)
        }
        (true, _) => (format!("no model took clearly less time than {base} ({time}\u{202f}ms)"), named),
        (false, true) if rest.is_empty() => {
            (format!("{} took {} the time of {base} ({time}\u{202f}ms)", subject(first), ratio(first.ratio)), rest)
        }
        (false, true) => (
            format!("{} took the least time, {} that of {base} ({time}\u{202f}ms)", subject(first), ratio(first.ratio)),
            rest,
        ),
        (false, false) => (format!("{base} took the least time ({time}\u{202f}ms)"), named),
    };
    for (index, figure) in rest.iter().enumerate() {
        said += &format!("; {}", part(figure, index + 1 == rest.len()));
    }
    format!("{opening} {said}.")
}

fn chinese(opening: &str, (base, time): &(&str, String), named: &[Figure]) -> String {
    let times = |figure: &Figure| ratio(figure.ratio).trim_end_matches('×').to_owned();
    let subject = |figure: &Figure| subject(figure.model, Language::Zh);
    let part = |figure: &Figure, last: bool| {
        let (name, times) = (subject(figure), times(figure));
        if figure.is_about_one() {
            format!("{name}与{base}相差无几（{times} 倍）")
        } else if last && figure.ratio > 1.0 && named.len() > 1 {
            format!("{name}最慢，是 {times} 倍")
        } else {
            format!("{name}是 {times} 倍")
        }
    };
    let Some((first, rest)) = named.split_first() else {
        return format!("{opening}{base}用时 {time} 毫秒。");
    };
    let (mut said, rest) = match (first.is_about_one(), first.ratio < 1.0) {
        (true, _) if rest.is_empty() => {
            (format!("{}与{base}（{time} 毫秒）相差无几，是 {} 倍", subject(first), times(first)), rest)
        }
        (true, _) => (format!("没有哪种模型明显快于{base}（{time} 毫秒）"), named),
        (false, true) if rest.is_empty() => {
            (format!("{}的用时是{base}（{time} 毫秒）的 {} 倍", subject(first), times(first)), rest)
        }
        (false, true) => (format!("{}最快，用时是{base}（{time} 毫秒）的 {} 倍", subject(first), times(first)), rest),
        (false, false) => (format!("{base}最快（{time} 毫秒）"), named),
    };
    for (index, figure) in rest.iter().enumerate() {
        said += &format!("；{}", part(figure, index + 1 == rest.len()));
    }
    format!("{opening}{said}。")
}
