//! The report as a table: what stands in each cell, and how the rows are sorted. Figures of single jobs and lanes are those of
//! the typical run.

use catalog::{Language, Place, Text};
use trace::State as LaneState;

use crate::figures::{grouped, millis_from_nanos, millis_interval, ratio, ratio_interval};
use crate::{Order, Outcome, Report, ResultRow};

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The model's name.
    Model,
    /// Where its main lane ran.
    Place,
    /// The median of its times.
    Median,
    /// Where that median lies.
    Interval,
    /// The median compared with the baseline's.
    Ratio,
    /// Where that ratio lies.
    RatioInterval,
    /// The shortest time.
    Least,
    /// The longest time.
    Most,
    /// How often it ran.
    Runs,
    /// Times beyond Tukey's fences.
    Outliers,
    /// Time until half of the jobs were over.
    HalfOfJobs,
    /// Time until 95 % of the jobs were over.
    MostJobs,
    /// Time until 99 % of the jobs were over.
    NearlyAllJobs,
    /// Time until half of the jobs had been taken up.
    Queueing,
    /// Jobs in each second.
    Throughput,
    /// The part of the lanes' time in which they computed.
    Utilisation,
    /// The lanes' time in one state, by its place in [`LaneState::ALL`].
    InState(LaneState),
    /// The longest time between two frames of the page.
    FrameGap,
    /// The answer.
    Answer,
    /// How many lanes there were.
    Lanes,
    /// What speaks against trusting the times.
    Flags,
}

impl Column {
    /// Every column, from left to right.
    pub const ALL: [Column; 26] = [
        Column::Model,
        Column::Place,
        Column::Median,
        Column::Interval,
        Column::Ratio,
        Column::RatioInterval,
        Column::Least,
        Column::Most,
        Column::Runs,
        Column::Outliers,
        Column::HalfOfJobs,
        Column::MostJobs,
        Column::NearlyAllJobs,
        Column::Queueing,
        Column::Throughput,
        Column::Utilisation,
        Column::InState(LaneState::Computing),
        Column::InState(LaneState::Waiting),
        Column::InState(LaneState::Blocked),
        Column::InState(LaneState::Copying),
        Column::InState(LaneState::Starting),
        Column::InState(LaneState::Idle),
        Column::FrameGap,
        Column::Answer,
        Column::Lanes,
        Column::Flags,
    ];

    /// What stands above it, with its unit.
    pub fn name(self, language: Language) -> &'static str {
        let text = match self {
            Column::Model => Text { en: "model", zh: "模型" },
            Column::Place => Text { en: "ran", zh: "运行位置" },
            Column::Median => Text { en: "median, ms", zh: "中位数（毫秒）" },
            Column::Interval => Text { en: "95 % interval, ms", zh: "95% 区间（毫秒）" },
            Column::Ratio => Text { en: "ratio", zh: "倍数" },
            Column::RatioInterval => Text { en: "95 % interval of the ratio", zh: "倍数的 95% 区间" },
            Column::Least => Text { en: "shortest, ms", zh: "最短（毫秒）" },
            Column::Most => Text { en: "longest, ms", zh: "最长（毫秒）" },
            Column::Runs => Text { en: "runs", zh: "运行次数" },
            Column::Outliers => Text { en: "outliers", zh: "离群值" },
            Column::HalfOfJobs => Text { en: "50 % of jobs over by, ms", zh: "50% 的任务完成于（毫秒）" },
            Column::MostJobs => Text { en: "95 % of jobs over by, ms", zh: "95% 的任务完成于（毫秒）" },
            Column::NearlyAllJobs => Text { en: "99 % of jobs over by, ms", zh: "99% 的任务完成于（毫秒）" },
            Column::Queueing => Text { en: "50 % of jobs begun by, ms", zh: "50% 的任务开始于（毫秒）" },
            Column::Throughput => Text { en: "jobs per second", zh: "每秒任务数" },
            Column::Utilisation => Text { en: "lanes computing, %", zh: "泳道计算占比（%）" },
            Column::InState(LaneState::Computing) => Text { en: "computing, ms", zh: "计算（毫秒）" },
            Column::InState(LaneState::Waiting) => Text { en: "waiting, ms", zh: "等待（毫秒）" },
            Column::InState(LaneState::Blocked) => Text { en: "blocked, ms", zh: "受阻（毫秒）" },
            Column::InState(LaneState::Copying) => Text { en: "copying, ms", zh: "复制（毫秒）" },
            Column::InState(LaneState::Starting) => Text { en: "starting, ms", zh: "启动（毫秒）" },
            Column::InState(LaneState::Idle) => Text { en: "idle, ms", zh: "空闲（毫秒）" },
            Column::FrameGap => Text { en: "longest frame gap, ms", zh: "最长帧间隔（毫秒）" },
            Column::Answer => Text { en: "answer", zh: "答案" },
            Column::Lanes => Text { en: "lanes", zh: "泳道" },
            Column::Flags => Text { en: "remarks", zh: "备注" },
        };
        text.in_language(language)
    }

    /// Whether words stand in it and no figures.
    pub fn is_text(self) -> bool {
        matches!(self, Column::Model | Column::Place | Column::Flags)
    }

    /// What stands in it for a row; nothing where there is no such figure.
    pub fn cell(self, row: &ResultRow, report: &Report, language: Language) -> Option<String> {
        if self == Column::Model {
            return Some(row.model.row().name.in_language(language).to_owned());
        }
        if self == Column::Place {
            let place = match row.place {
                Place::Page => Text { en: "on this page", zh: "本页面" },
                Place::Worker => Text { en: "in workers", zh: "Worker" },
            };
            let comma = if language == Language::En { ", " } else { "，" };
            let pages = row.pages.map(|pages| format!("{comma}{}", pages.said().in_language(language)));
            return Some(place.in_language(language).to_owned() + &pages.unwrap_or_default());
        }
        let summary = row.summary.as_ref().filter(|_| row.outcome == Outcome::Finished)?;
        if self == Column::Flags {
            let blank = if language == Language::En { " " } else { "" };
            let said: Vec<String> = row.flags.iter().map(|flag| flag.sentence(language)).collect();
            return (!said.is_empty()).then(|| said.join(blank));
        }
        let value = || self.value(row, report);
        Some(match self {
            Column::Interval => millis_interval(summary.interval?),
            Column::RatioInterval => ratio_interval(summary.comparison?.interval?),
            Column::Ratio => ratio(value()?),
            Column::Runs | Column::Outliers | Column::Answer | Column::Lanes => grouped(value()? as u64),
            Column::Throughput => match value()? {
                few if few < 100.0 => format!("{few:.1}"),
                many => grouped(many.round() as u64),
            },
            Column::Utilisation => format!("{:.0}", value()?),
            _ => millis_from_nanos((value()?.max(0.0) * 1e6).round() as u64),
        })
    }

    /// The figure in it, times in milliseconds; nothing where there is none, and for words.
    pub fn value(self, row: &ResultRow, report: &Report) -> Option<f64> {
        let summary = row.summary.as_ref().filter(|_| row.outcome == Outcome::Finished)?;
        let run = row.typical_run()?;
        let figures = &run.figures;
        let millis = |nanos: u64| nanos as f64 / 1e6;
        Some(match self {
            Column::Model | Column::Place | Column::Flags => return None,
            Column::Median => summary.times.median() / 1e6,
            Column::Interval => summary.interval?.low / 1e6,
            Column::Ratio => report.ratio(row)?,
            Column::RatioInterval => summary.comparison?.interval?.low,
            Column::Least => summary.times.min() / 1e6,
            Column::Most => summary.times.max() / 1e6,
            Column::Runs => row.runs.len() as f64,
            Column::Outliers => summary.times.outliers() as f64,
            Column::HalfOfJobs => millis(figures.latency_nanos[0]),
            Column::MostJobs => millis(figures.latency_nanos[1]),
            Column::NearlyAllJobs => millis(figures.latency_nanos[2]),
            Column::Queueing => millis(figures.queueing_nanos),
            Column::Throughput if run.nanos == 0 => return None,
            Column::Throughput => report.experiment.jobs() as f64 / (run.nanos as f64 / 1e9),
            Column::Utilisation => 100.0 * figures.utilisation,
            Column::InState(state) => {
                millis(figures.nanos_by_state[LaneState::ALL.iter().position(|other| *other == state)?])
            }
            Column::FrameGap => row.runs.iter().filter_map(|run| run.longest_frame_gap_millis).reduce(f64::max)?,
            Column::Answer => run.answer as f64,
            Column::Lanes => {
                let recording = &row.typical.as_ref()?.recording;
                recording.lanes.len() as f64 + f64::from(recording.dropped_lanes)
            }
        })
    }
}

/// By which column the table is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sorting {
    /// The column.
    pub column: Column,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Sorting {
    /// What it becomes when the reader presses a column's head.
    pub fn after(before: Option<Sorting>, column: Column) -> Sorting {
        let descending = before.is_some_and(|before| before.column == column && !before.descending);
        Sorting { column, descending }
    }
}

/// The rows as the table lists them: those without a figure come last.
pub fn rows(report: &Report, sorting: Option<Sorting>, order: Order, language: Language) -> Vec<&ResultRow> {
    let mut rows = report.in_order(order);
    let Some(Sorting { column, descending }) = sorting else {
        return rows;
    };
    if column.is_text() {
        rows.sort_by_key(|row| column.cell(row, report, language));
        if descending {
            rows.reverse();
        }
        return rows;
    }
    let sign = if descending { -1.0 } else { 1.0 };
    let key = |row: &ResultRow| column.value(row, report).map_or(f64::INFINITY, |value| sign * value);
    rows.sort_by(|one, other| key(one).total_cmp(&key(other)));
    rows
}

/// The table as it is shown, for a spreadsheet: columns apart by tabs.
pub fn tabbed(report: &Report, sorting: Option<Sorting>, order: Order, language: Language) -> String {
    let mut text = Column::ALL.map(|column| column.name(language)).join("\t");
    for row in rows(report, sorting, order, language) {
        let cells = Column::ALL.map(|column| column.cell(row, report, language).unwrap_or_default());
        text += "\n";
        // A spreadsheet reads a narrow blank within a number as text.
        text += &cells.join("\t").replace('\u{202f}', "");
    }
    text
}
