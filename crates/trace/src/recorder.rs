//! Recording one lane into a bounded buffer.

use crate::{Lane, LaneRecord, Mark, MarkKind, Span, State, Wait};

/// Spans (and, apart, marks) that one lane keeps. At 40 bytes each a full lane takes 2.6 MB.
const LIMIT: usize = 65_536;

/// Records one lane. Entering a state ends the one before, so that spans cannot overlap.
pub struct LaneRecorder {
    record: LaneRecord,
    open: Option<Open>,
    limit: usize,
}

struct Open {
    doing: Doing,
    start_nanos: u64,
}

/// What a lane is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doing {
    /// Its state.
    pub state: State,
    /// The job it is doing it for, if any.
    pub job: Option<u32>,
    /// What it waits for, where that is known.
    pub wait: Option<Wait>,
}

impl LaneRecorder {
    /// A recorder with the usual limit.
    pub fn new(lane: Lane) -> LaneRecorder {
        LaneRecorder::with_limit(lane, LIMIT)
    }

    /// A recorder that keeps at most `limit` spans and as many marks.
    pub fn with_limit(lane: Lane, limit: usize) -> LaneRecorder {
        LaneRecorder {
            record: LaneRecord { lane, spans: Vec::new(), marks: Vec::new(), dropped: 0, pauses: 0, pause_nanos: 0 },
            open: None,
            limit,
        }
    }

    /// Ends the state before and begins this one. Going on in the same state for the same job is no new span.
    pub fn enter(&mut self, state: State, job: Option<u32>, at_nanos: u64) {
        self.go_on(Doing { state, job, wait: None }, at_nanos);
    }

    /// Ends the state before and begins to wait.
    pub fn wait(&mut self, wait: Wait, job: Option<u32>, at_nanos: u64) {
        self.go_on(Doing { state: wait.state(), job, wait: Some(wait) }, at_nanos);
    }

    /// Begins to wait in the middle of what the lane does, and says what that was.
    pub fn interrupt(&mut self, wait: Wait, at_nanos: u64) -> Option<Doing> {
        let before = self.open.as_ref().map(|open| open.doing);
        self.wait(wait, before.and_then(|doing| doing.job), at_nanos);
        before
    }

    /// Ends what the lane did before and begins this, or goes on with it.
    pub fn go_on(&mut self, doing: Doing, at_nanos: u64) {
        if self.open.as_ref().is_none_or(|open| open.doing != doing) {
            let start_nanos = self.close(at_nanos);
            self.open = Some(Open { doing, start_nanos });
        }
    }

    /// Ends the state before and begins none.
    pub fn leave(&mut self, at_nanos: u64) {
        self.close(at_nanos);
    }

    /// Notes an instant.
    pub fn mark(&mut self, kind: MarkKind, at_nanos: u64) {
        if self.record.marks.len() < self.limit {
            let last = self.record.marks.last().map_or(0, |mark| mark.at_nanos);
            self.record.marks.push(Mark { kind, at_nanos: at_nanos.max(last) });
        } else {
            self.record.dropped = self.record.dropped.saturating_add(1);
        }
    }

    /// Counts one return to the event loop in the middle of computing.
    pub fn pause(&mut self, nanos: u64) {
        self.record.pauses += 1;
        self.record.pause_nanos += nanos;
    }

    /// Ends the last state and hands over the record, leaving an empty one.
    pub fn finish(&mut self, at_nanos: u64) -> LaneRecord {
        self.close(at_nanos);
        let empty = LaneRecorder::with_limit(self.record.lane, self.limit);
        std::mem::replace(self, empty).record
    }

    /// Returns the instant up to which the lane is now accounted for. Clocks of a browser may step back by their own
    /// resolution; a span never does.
    fn close(&mut self, at_nanos: u64) -> u64 {
        let last = self.record.spans.last().map_or(0, |span| span.end_nanos);
        let Some(open) = self.open.take() else {
            return at_nanos.max(last);
        };
        let end_nanos = at_nanos.max(open.start_nanos);
        if end_nanos > open.start_nanos {
            if self.record.spans.len() < self.limit {
                let Open { doing: Doing { state, job, wait }, start_nanos } = open;
                self.record.spans.push(Span { state, job, wait, start_nanos, end_nanos });
            } else {
                self.record.dropped = self.record.dropped.saturating_add(1);
            }
        }
        end_nanos
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LaneKind;

    const LANE: Lane = Lane { kind: LaneKind::Thread, number: 1 };

    #[track_caller]
    fn check(events: &[(State, u64)], end: u64, expected: &[(State, u64, u64)]) {
        let mut recorder = LaneRecorder::new(LANE);
        for &(state, at) in events {
            recorder.enter(state, None, at);
        }
        let spans: Vec<_> =
            recorder.finish(end).spans.iter().map(|span| (span.state, span.start_nanos, span.end_nanos)).collect();
        assert_eq!(spans, expected);
    }

    #[test]
    fn entering_a_state_ends_the_one_before() {
        check(&[(State::Computing, 0), (State::Waiting, 5)], 9, &[(State::Computing, 0, 5), (State::Waiting, 5, 9)]);
    }

    #[test]
    fn the_same_state_goes_on() {
        check(&[(State::Computing, 0), (State::Computing, 5)], 9, &[(State::Computing, 0, 9)]);
    }

    #[test]
    fn an_interrupted_state_goes_on_afterwards() {
        let mut recorder = LaneRecorder::new(LANE);
        recorder.enter(State::Computing, Some(3), 0);
        let before = recorder.interrupt(Wait::ForGil, 5).expect("the lane was computing");
        recorder.go_on(before, 7);
        let spans = recorder.finish(9).spans;
        let found: Vec<_> = spans.iter().map(|span| (span.state, span.job, span.wait, span.nanos())).collect();
        let expected = [
            (State::Computing, Some(3), None, 5),
            (State::Blocked, Some(3), Some(Wait::ForGil), 2),
            (State::Computing, Some(3), None, 2),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_wait_for_something_else_is_another_span() {
        let mut recorder = LaneRecorder::new(LANE);
        recorder.wait(Wait::ForLock { lock: 0, held_by: 1 }, None, 0);
        recorder.wait(Wait::ForLock { lock: 0, held_by: 2 }, None, 4);
        recorder.wait(Wait::ForLock { lock: 0, held_by: 2 }, None, 6);
        recorder.wait(Wait::ForTime, None, 7);
        let record = recorder.finish(17);
        let shares: Vec<_> = record.shares().iter().map(|share| (share.state, share.wait, share.nanos)).collect();
        let expected = [
            (State::Waiting, Some(Wait::ForTime), 10),
            (State::Blocked, Some(Wait::ForLock { lock: 0, held_by: 1 }), 4),
            (State::Blocked, Some(Wait::ForLock { lock: 0, held_by: 2 }), 3),
        ];
        assert_eq!(shares, expected);
        let wait_at = |at| record.span_at(at).and_then(|span| span.wait);
        assert_eq!(wait_at(4), Some(Wait::ForLock { lock: 0, held_by: 2 }));
        assert_eq!((wait_at(16), wait_at(17)), (Some(Wait::ForTime), None));
    }

    #[test]
    fn a_span_stays_as_small_as_its_limit_says() {
        assert_eq!(size_of::<Span>(), 40);
    }

    #[test]
    fn a_clock_that_steps_back_makes_no_negative_span() {
        check(&[(State::Computing, 10), (State::Waiting, 8)], 12, &[(State::Waiting, 10, 12)]);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut recorder = LaneRecorder::with_limit(LANE, 2);
        for at in 0..10 {
            recorder.enter(if at % 2 == 0 { State::Computing } else { State::Waiting }, None, at);
        }
        let record = recorder.finish(10);
        assert_eq!((record.spans.len(), record.dropped), (2, 8));
    }
}
