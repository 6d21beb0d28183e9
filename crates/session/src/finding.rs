//! The message above the bars: one sentence, made of measured figures only. A single run has no interval, so the sentence
//! speaks of this run and of nothing more.

use catalog::{Group, Language, ModelId};

use crate::figures::{millis_from_nanos, ratio};
use crate::{Report, ResultRow};

/// What the report says, or nothing if no model has been measured.
pub fn finding(report: &Report, language: Language) -> Option<String> {
    let baseline = report.baseline()?;
    let others: Vec<&ResultRow> =
        report.rows.iter().filter(|row| row.model != baseline.model && report.ratio(row).is_some()).collect();
    let time = millis_from_nanos(baseline.outcome.nanos()?);
    let name = |row: &ResultRow| row.model.row().name.in_language(language);
    let ratios = others.iter().filter_map(|row| Some((name(row), ratio(report.ratio(row)?))));
    let jobs = report.experiment.jobs();
    let group = report.experiment.workload.row().group;
    Some(match language {
        Language::En => {
            let (noun, s) = if jobs == 1 { ("job", "s") } else { ("jobs", "") };
            let does = match group {
                Group::Compute => format!("compute{s}"),
                Group::Wait => format!("wait{s}"),
                Group::Mixed => format!("wait{s} and compute{s}"),
                Group::Coordination => format!("depend{s} on each other"),
            };
            let opening = format!("{jobs} {noun} that {does}, in this run:");
            if others.is_empty() {
                return Some(format!("{opening} {} took {time}\u{202f}ms.", name(baseline)));
            }
            let than = match baseline.model {
                ModelId::Sequential => format!("one lane ({time}\u{202f}ms)"),
                _ => format!("{} ({time}\u{202f}ms)", name(baseline)),
            };
            let parts: Vec<String> = ratios
                .enumerate()
                .map(|(index, (name, ratio))| match index {
                    0 => format!("{name} took {ratio} the time of {than}"),
                    _ => format!("{name} {ratio}"),
                })
                .collect();
            format!("{opening} {}.", parts.join(", "))
        }
        Language::Zh => {
            let does = match group {
                Group::Compute => "计算",
                Group::Wait => "等待",
                Group::Mixed => "混合",
                Group::Coordination => "协作",
            };
            let opening = format!("这次运行（{jobs} 个{does}任务）中，");
            if others.is_empty() {
                return Some(format!("{opening}{}用时 {time} 毫秒。", name(baseline)));
            }
            let parts: Vec<String> =
                ratios.map(|(name, ratio)| format!("{name}是 {} 倍", ratio.trim_end_matches('×'))).collect();
            format!("{opening}以{}的用时（{time} 毫秒）为 1 倍，{}。", name(baseline), parts.join("，"))
        }
    })
}
