//! A lane's record as it travels: one column per field, times as differences, so that most numbers fit into a byte or two.

use serde::{Deserialize, Serialize};

use crate::{Lane, LaneRecord, Mark, MarkKind, Span, State, Wait};

/// Written in place of a job's number when a span belongs to no job.
const NO_JOB: u32 = 0;

#[derive(Serialize, Deserialize)]
pub(crate) struct LaneColumns {
    lane: Lane,
    states: Vec<State>,
    /// One more than the job's number, or `NO_JOB`.
    jobs: Vec<u32>,
    /// A byte where the lane did not wait, or nobody knows for what.
    waits: Vec<Option<Wait>>,
    /// From the end of the span before.
    gaps: Vec<u64>,
    durations: Vec<u64>,
    mark_kinds: Vec<MarkKind>,
    /// From the mark before.
    mark_gaps: Vec<u64>,
    dropped: u32,
    pauses: u32,
    pause_nanos: u64,
}

impl From<LaneRecord> for LaneColumns {
    fn from(record: LaneRecord) -> LaneColumns {
        let mut last = 0;
        let mut gaps = Vec::with_capacity(record.spans.len());
        for span in &record.spans {
            gaps.push(span.start_nanos.saturating_sub(last));
            last = span.end_nanos;
        }
        let mut last_mark = 0;
        let mut mark_gaps = Vec::with_capacity(record.marks.len());
        for mark in &record.marks {
            mark_gaps.push(mark.at_nanos.saturating_sub(last_mark));
            last_mark = mark.at_nanos;
        }
        LaneColumns {
            lane: record.lane,
            states: record.spans.iter().map(|span| span.state).collect(),
            jobs: record.spans.iter().map(|span| span.job.map_or(NO_JOB, |job| job.saturating_add(1))).collect(),
            waits: record.spans.iter().map(|span| span.wait).collect(),
            gaps,
            durations: record.spans.iter().map(Span::nanos).collect(),
            mark_kinds: record.marks.iter().map(|mark| mark.kind).collect(),
            mark_gaps,
            dropped: record.dropped,
            pauses: record.pauses,
            pause_nanos: record.pause_nanos,
        }
    }
}

impl TryFrom<LaneColumns> for LaneRecord {
    type Error = &'static str;

    fn try_from(columns: LaneColumns) -> Result<LaneRecord, &'static str> {
        let rows = columns.states.len();
        let lengths = [columns.jobs.len(), columns.waits.len(), columns.gaps.len(), columns.durations.len()];
        if lengths != [rows; 4] {
            return Err("the columns of the spans differ in length");
        }
        if columns.mark_kinds.len() != columns.mark_gaps.len() {
            return Err("the columns of the marks differ in length");
        }
        let mut spans = Vec::with_capacity(rows);
        let mut last = 0u64;
        let reasons = columns.states.into_iter().zip(columns.jobs).zip(columns.waits);
        for (((state, job), wait), (gap, duration)) in reasons.zip(columns.gaps.into_iter().zip(columns.durations)) {
            if wait.is_some_and(|wait| wait.state() != state) {
                return Err("a span waits for something in another state than one does");
            }
            let start_nanos = last.checked_add(gap).ok_or("a span begins beyond the end of time")?;
            let end_nanos = start_nanos.checked_add(duration).ok_or("a span ends beyond the end of time")?;
            spans.push(Span { state, job: job.checked_sub(1), wait, start_nanos, end_nanos });
            last = end_nanos;
        }
        let mut marks = Vec::with_capacity(columns.mark_kinds.len());
        let mut at_nanos = 0u64;
        for (kind, gap) in columns.mark_kinds.into_iter().zip(columns.mark_gaps) {
            at_nanos = at_nanos.checked_add(gap).ok_or("a mark lies beyond the end of time")?;
            marks.push(Mark { kind, at_nanos });
        }
        Ok(LaneRecord {
            lane: columns.lane,
            spans,
            marks,
            dropped: columns.dropped,
            pauses: columns.pauses,
            pause_nanos: columns.pause_nanos,
        })
    }
}
