//! The shape of a finished trace.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Wait;
use crate::columns::LaneColumns;

/// What a lane is doing during a span. A lane is in exactly one state at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum State {
    /// Running a kernel.
    Computing,
    /// Waiting for time or for I/O.
    Waiting,
    /// Ready to go on, but held back by a lock or by a full or empty queue.
    Blocked,
    /// Moving arguments or results from one memory to another.
    Copying,
    /// Coming into being: from the request to the first instruction.
    Starting,
    /// Alive with nothing to do.
    Idle,
}

impl State {
    /// Every state, in the order in which legends list them.
    pub const ALL: [State; 6] =
        [State::Computing, State::Waiting, State::Blocked, State::Copying, State::Starting, State::Idle];

    /// The name used in exports and in the page's attributes.
    pub fn slug(self) -> &'static str {
        match self {
            State::Computing => "computing",
            State::Waiting => "waiting",
            State::Blocked => "blocked",
            State::Copying => "copying",
            State::Starting => "starting",
            State::Idle => "idle",
        }
    }
}

/// An instant that matters beyond the span it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MarkKind {
    /// A message left this lane.
    Send,
    /// What this lane waited for has come.
    Wake,
    /// This lane has taken the GIL from another.
    Switch,
    /// This lane has waited a switch interval for the GIL and asks its holder to drop it.
    DropRequest,
    /// What this lane was to do has been called off.
    Cancel,
    /// This lane has taken responsibility for a message: it will not be sent again.
    Acknowledge,
    /// A message left this lane again, because whoever held it is gone.
    SendAgain,
    /// This lane has ended in the middle of something; what it had recorded of that is gone with it.
    Die,
}

impl MarkKind {
    /// The name used in the page's attributes.
    pub fn slug(self) -> &'static str {
        match self {
            MarkKind::Send => "send",
            MarkKind::Wake => "wake",
            MarkKind::Switch => "switch",
            MarkKind::DropRequest => "drop-request",
            MarkKind::Cancel => "cancel",
            MarkKind::Acknowledge => "acknowledge",
            MarkKind::SendAgain => "send-again",
            MarkKind::Die => "die",
        }
    }
}

/// What sort of row of the timeline this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LaneKind {
    /// The engine's outermost worker, which starts the others and never blocks.
    Conductor,
    /// A thread: shares the engine's memory.
    Thread,
    /// A process: has a memory of its own.
    Process,
    /// An event loop on the page itself.
    PageLoop,
    /// An event loop in a worker.
    WorkerLoop,
    /// One coroutine on an event loop.
    Coroutine,
    /// One chain of callbacks on an event loop.
    Chain,
    /// One generator on a trampoline.
    Generator,
    /// One greenlet beneath a hub.
    Greenlet,
}

impl LaneKind {
    /// The name used in exports and in the page's attributes.
    pub fn slug(self) -> &'static str {
        match self {
            LaneKind::Conductor => "conductor",
            LaneKind::Thread => "thread",
            LaneKind::Process => "process",
            LaneKind::PageLoop => "page-loop",
            LaneKind::WorkerLoop => "worker-loop",
            LaneKind::Coroutine => "coroutine",
            LaneKind::Chain => "chain",
            LaneKind::Generator => "generator",
            LaneKind::Greenlet => "greenlet",
        }
    }
}

/// One row of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// What sort of row it is.
    pub kind: LaneKind,
    /// Counted from one within its kind; for a process, the id that the reader sees.
    pub number: u32,
}

/// An interval that a lane spent in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// What the lane was doing.
    pub state: State,
    /// The job it was doing it for, if any.
    pub job: Option<u32>,
    /// What it waited for, where that is known.
    pub wait: Option<Wait>,
    /// When it began.
    pub start_nanos: u64,
    /// When it ended; never before it began.
    pub end_nanos: u64,
}

impl Span {
    /// How long it lasted.
    pub fn nanos(&self) -> u64 {
        self.end_nanos - self.start_nanos
    }
}

/// An instant on a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What happened.
    pub kind: MarkKind,
    /// When it happened.
    pub at_nanos: u64,
}

/// How long a lane was in one state, for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The state.
    pub state: State,
    /// What the lane waited for, where that is known.
    pub wait: Option<Wait>,
    /// How long, all spans together.
    pub nanos: u64,
}

/// Everything one lane recorded. Spans are in order and do not overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "LaneColumns", try_from = "LaneColumns")]
pub struct LaneRecord {
    /// Whose record it is.
    pub lane: Lane,
    /// What it did, in order.
    pub spans: Vec<Span>,
    /// What happened to it, in order.
    pub marks: Vec<Mark>,
    /// Spans and marks that did not fit into the buffer.
    pub dropped: u32,
    /// How often a computing lane went back to its event loop to ask whether it should stop.
    pub pauses: u32,
    /// What those pauses took in all.
    pub pause_nanos: u64,
}

impl LaneRecord {
    /// What the lane's time went into: states in the order of legends, within each the longest wait first.
    pub fn shares(&self) -> Vec<Share> {
        let mut nanos: BTreeMap<(State, Option<Wait>), u64> = BTreeMap::new();
        for span in &self.spans {
            *nanos.entry((span.state, span.wait)).or_default() += span.nanos();
        }
        let mut shares: Vec<Share> =
            nanos.into_iter().map(|((state, wait), nanos)| Share { state, wait, nanos }).collect();
        shares.sort_by_key(|share| (share.state, Reverse(share.nanos)));
        shares
    }

    /// What the lane did at an instant.
    pub fn span_at(&self, at_nanos: u64) -> Option<&Span> {
        let next = self.spans.partition_point(|span| span.start_nanos <= at_nanos);
        self.spans[..next].last().filter(|span| at_nanos < span.end_nanos)
    }
}

/// What a run leaves behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// The lanes, main lane first.
    pub lanes: Vec<LaneRecord>,
    /// When the model began to run its jobs.
    pub start_nanos: u64,
    /// When the last answer was there.
    pub end_nanos: u64,
    /// Lanes that were not recorded because there were too many.
    pub dropped_lanes: u32,
    /// What recording costs where the run took place; absent in virtual time, where it costs nothing.
    pub recorder: Option<RecorderCost>,
}

/// What it costs to record, measured beforehand by recording what nobody keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecorderCost {
    /// To read the clock once.
    pub clock_nanos: u32,
    /// To begin a span whose time has been read.
    pub span_nanos: u32,
}

impl RecorderCost {
    /// To record a span, the reading of the clock included.
    pub fn nanos(&self) -> u64 {
        u64::from(self.clock_nanos) + u64::from(self.span_nanos)
    }
}

impl Recording {
    /// How long the model took.
    pub fn nanos(&self) -> u64 {
        self.end_nanos.saturating_sub(self.start_nanos)
    }

    /// Spans that were kept, over all lanes.
    pub fn spans(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.spans.len() as u64).sum()
    }

    /// The part of the run that recording took at most: less where lanes recorded at the same time.
    pub fn recording_share(&self) -> Option<f64> {
        let nanos = self.recorder?.nanos().saturating_mul(self.spans());
        (self.nanos() > 0).then(|| nanos as f64 / self.nanos() as f64)
    }

    /// Spans and marks that did not fit, over all lanes.
    pub fn dropped(&self) -> u64 {
        self.lanes.iter().map(|lane| u64::from(lane.dropped)).sum()
    }

    /// Whether two lanes were ever computing at the same instant.
    pub fn computes_in_parallel(&self) -> bool {
        let mut edges: Vec<(u64, i32)> = self
            .lanes
            .iter()
            .flat_map(|lane| &lane.spans)
            .filter(|span| span.state == State::Computing && span.nanos() > 0)
            .flat_map(|span| [(span.start_nanos, 1), (span.end_nanos, -1)])
            .collect();
        edges.sort_unstable();
        let mut running = 0;
        edges.into_iter().any(|(_, step)| {
            running += step;
            running > 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn computing(spans: &[(u64, u64)]) -> LaneRecord {
        LaneRecord {
            lane: Lane { kind: LaneKind::Thread, number: 1 },
            spans: spans
                .iter()
                .map(|&(start_nanos, end_nanos)| Span {
                    state: State::Computing,
                    job: None,
                    wait: None,
                    start_nanos,
                    end_nanos,
                })
                .collect(),
            marks: Vec::new(),
            dropped: 0,
            pauses: 0,
            pause_nanos: 0,
        }
    }

    fn recording(lanes: &[&[(u64, u64)]]) -> Recording {
        Recording {
            lanes: lanes.iter().map(|spans| computing(spans)).collect(),
            start_nanos: 0,
            end_nanos: 100,
            dropped_lanes: 0,
            recorder: None,
        }
    }

    #[test]
    fn touching_spans_are_not_parallel() {
        assert!(!recording(&[&[(0, 10)], &[(10, 20)]]).computes_in_parallel());
    }

    #[test]
    fn recording_takes_what_its_spans_take() {
        let recorder = Some(RecorderCost { clock_nanos: 2, span_nanos: 1 });
        let two_spans = recording(&[&[(0, 10)], &[(10, 20)]]);
        assert_eq!(two_spans.recording_share(), None);
        assert_eq!(Recording { recorder, ..two_spans }.recording_share(), Some(0.06));
        let nothing = Recording { recorder, end_nanos: 0, ..recording(&[]) };
        assert_eq!(nothing.recording_share(), None);
    }

    #[test]
    fn overlapping_spans_are_parallel() {
        assert!(recording(&[&[(0, 10)], &[(5, 6)]]).computes_in_parallel());
    }
}
