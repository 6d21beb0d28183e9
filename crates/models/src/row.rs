//! Recording from inside a lane, and collecting what the lanes recorded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use trace::{Doing, Lane, LaneKind, LaneRecord, LaneRecorder, Mark, MarkKind, State, Wait};

/// Rows that one run keeps; a hundred thousand coroutines do not each get one.
const ROWS: usize = 256;

/// A handle to the recorder of one row. Only its own lane writes to it, so its lock is never contended while the run
/// lasts; it is there so that a row outlives a lane that is stuck or gone.
#[derive(Clone)]
pub struct Row(Option<Arc<Mutex<LaneRecorder>>>);

impl Row {
    fn with(&self, change: impl FnOnce(&mut LaneRecorder)) {
        if let Some(recorder) = &self.0 {
            change(&mut recorder.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Whether what is written here is kept: time need not be told otherwise.
    pub(crate) fn is_kept(&self) -> bool {
        self.0.is_some()
    }

    /// Begins a state.
    pub fn enter(&self, state: State, job: Option<u32>, at_nanos: u64) {
        self.with(|recorder| recorder.enter(state, job, at_nanos));
    }

    /// Begins to wait for something.
    pub fn wait(&self, wait: Wait, job: Option<u32>, at_nanos: u64) {
        self.with(|recorder| recorder.wait(wait, job, at_nanos));
    }

    /// Begins to wait in the middle of what the lane does, and says what that was.
    pub fn interrupt(&self, wait: Wait, at_nanos: u64) -> Option<Doing> {
        let mut before = None;
        self.with(|recorder| before = recorder.interrupt(wait, at_nanos));
        before
    }

    /// Goes on with what was interrupted.
    pub fn resume(&self, before: Option<Doing>, at_nanos: u64) {
        let before = before.unwrap_or(Doing { state: State::Idle, job: None, wait: None });
        self.with(|recorder| recorder.go_on(before, at_nanos));
    }

    /// Ends the lane's life on the timeline.
    pub fn leave(&self, at_nanos: u64) {
        self.with(|recorder| recorder.leave(at_nanos));
    }

    /// Notes an instant.
    pub fn mark(&self, kind: MarkKind, at_nanos: u64) {
        self.with(|recorder| recorder.mark(kind, at_nanos));
    }

    /// Counts one return to the platform's event loop in the middle of computing.
    pub fn pause(&self, nanos: u64) {
        self.with(|recorder| recorder.pause(nanos));
    }
}

/// The rows of one run that are written in this memory, and those that have come from other memories.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Rows>>);

#[derive(Default)]
struct Rows {
    open: Vec<Arc<Mutex<LaneRecorder>>>,
    arrived: Vec<LaneRecord>,
    dropped: u32,
}

impl Rows {
    fn are_full(&self) -> bool {
        self.open.len() + self.arrived.len() >= ROWS
    }
}

impl Log {
    /// An empty log.
    pub fn new() -> Log {
        Log::default()
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a row. Where there are too many, the row takes everything and keeps nothing.
    pub fn open(&self, kind: LaneKind, number: u32) -> Row {
        let mut rows = self.rows();
        if rows.are_full() {
            rows.dropped += 1;
            return Row(None);
        }
        let recorder = Arc::new(Mutex::new(LaneRecorder::new(Lane { kind, number })));
        rows.open.push(recorder.clone());
        Row(Some(recorder))
    }

    /// Keeps rows that were written in another memory.
    pub fn add(&self, records: Vec<LaneRecord>, dropped: u32) {
        let mut rows = self.rows();
        rows.dropped += dropped;
        for record in records {
            // A process that is kept sends its row in pieces.
            let mut known = rows.arrived.iter_mut().find(|known| known.lane == record.lane);
            // The way back of a reply is the process's only until it goes on with something else.
            if let Some((last, first)) =
                known.as_mut().and_then(|known| known.spans.last_mut()).zip(record.spans.first())
                && last.state == State::Copying
            {
                last.end_nanos = last.end_nanos.min(first.start_nanos).max(last.start_nanos);
            }
            if let Some(known) = known.filter(|known| {
                let (last, first) = (known.spans.last(), record.spans.first());
                last.zip(first).is_none_or(|(last, first)| last.end_nanos <= first.start_nanos)
            }) {
                known.spans.extend(record.spans);
                known.marks.extend(record.marks);
                known.dropped += record.dropped;
                known.pauses += record.pauses;
                known.pause_nanos += record.pause_nanos;
            } else if rows.are_full() {
                rows.dropped += 1;
            } else {
                rows.arrived.push(record);
            }
        }
    }

    /// Notes that a process has died, on its row if it has one. What it had recorded of its last job is gone with it.
    pub fn note_death(&self, process: u32, at_nanos: u64) {
        let lane = Lane { kind: LaneKind::Process, number: process };
        let marks = vec![Mark { kind: MarkKind::Die, at_nanos }];
        self.add(vec![LaneRecord { lane, spans: Vec::new(), marks, dropped: 0, pauses: 0, pause_nanos: 0 }], 0);
    }

    /// Ends every row and takes them all out, sorted as the timeline shows them, with the number of those left out.
    pub fn take(&self, at_nanos: u64) -> (Vec<LaneRecord>, u32) {
        let rows = std::mem::take(&mut *self.rows());
        let mut records = rows.arrived;
        for recorder in rows.open {
            let mut recorder = recorder.lock().unwrap_or_else(PoisonError::into_inner);
            records.push(recorder.finish(at_nanos));
        }
        records.sort_by_key(|record| (record.lane.kind, record.lane.number));
        (records, rows.dropped)
    }
}
