//! What one run's recording comes to in figures.

use crate::{LaneKind, Recording, State};

/// The figures of one run. Small enough to keep of every run, where a recording is not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunFigures {
    /// Jobs of which something was recorded.
    pub jobs: u32,
    /// From the beginning of the run until a job was over: of half of the jobs, of 95 % and of 99 % it was at most this. They are
    /// nearest ranks, so each is the time of one of the jobs.
    pub latency_nanos: [u64; 3],
    /// How long half of the jobs at most waited for their turn: from the beginning of the run until a lane took the job up.
    pub queueing_nanos: u64,
    /// Time in each state, in the order of [`State::ALL`], of all lanes but the conductor, which only waits for the others.
    pub nanos_by_state: [u64; 6],
    /// Threads and processes, or the one lane on which coroutines take turns.
    pub lanes: u32,
    /// The part of these lanes' time in which they computed.
    pub utilisation: f64,
}

/// The parts of the jobs whose latency is told.
const PARTS: [f64; 3] = [0.50, 0.95, 0.99];

impl RunFigures {
    /// The figures of this recording.
    pub fn of(recording: &Recording) -> RunFigures {
        let (start, end) = (recording.start_nanos, recording.end_nanos);
        let mut first_and_last: Vec<(u32, u64, u64)> = Vec::new();
        let mut nanos_by_state = [0; 6];
        let working = || recording.lanes.iter().filter(|record| record.lane.kind != LaneKind::Conductor);
        for span in working().flat_map(|record| &record.spans) {
            let within = span.end_nanos.min(end).saturating_sub(span.start_nanos.max(start));
            if let Some(index) = State::ALL.iter().position(|state| *state == span.state) {
                nanos_by_state[index] += within;
            }
            if let Some(job) = span.job.filter(|_| span.state != State::Starting) {
                first_and_last.push((job, span.start_nanos.max(start) - start, span.end_nanos.max(start) - start));
            }
        }
        first_and_last.sort_unstable();
        let (mut latencies, mut queueing) = (Vec::new(), Vec::new());
        for spans in first_and_last.chunk_by(|one, other| one.0 == other.0) {
            queueing.push(spans[0].1);
            latencies.push(spans.iter().map(|span| span.2).max().unwrap_or_default());
        }
        latencies.sort_unstable();
        queueing.sort_unstable();
        let is_own_lane = |kind| matches!(kind, LaneKind::Thread | LaneKind::Process);
        let lanes = working().filter(|record| is_own_lane(record.lane.kind)).count().max(1);
        let available = recording.nanos() as f64 * lanes as f64;
        RunFigures {
            jobs: latencies.len() as u32,
            latency_nanos: PARTS.map(|part| nearest_rank(&latencies, part)),
            queueing_nanos: nearest_rank(&queueing, 0.5),
            utilisation: if available > 0.0 { nanos_by_state[0] as f64 / available } else { 0.0 },
            nanos_by_state,
            lanes: lanes as u32,
        }
    }
}

/// The least value that this part of the values does not exceed; nothing of nothing.
fn nearest_rank(sorted: &[u64], part: f64) -> u64 {
    let rank = (part * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lane, LaneRecorder};

    fn lane(kind: LaneKind, number: u32, states: &[(State, Option<u32>, u64)], end: u64) -> crate::LaneRecord {
        let mut recorder = LaneRecorder::new(Lane { kind, number });
        for &(state, job, at) in states {
            recorder.enter(state, job, at);
        }
        recorder.finish(end)
    }

    #[test]
    fn figures_count_from_the_beginning_of_the_run() {
        let first = lane(LaneKind::Thread, 1, &[(State::Starting, None, 50), (State::Computing, Some(0), 110)], 150);
        let second =
            lane(LaneKind::Thread, 2, &[(State::Computing, Some(1), 100), (State::Computing, Some(2), 160)], 200);
        let conductor = lane(LaneKind::Conductor, 1, &[(State::Waiting, None, 100)], 200);
        let figures = RunFigures::of(&Recording {
            lanes: vec![conductor, first, second],
            start_nanos: 100,
            end_nanos: 200,
            dropped_lanes: 0,
            recorder: None,
        });
        let expected = RunFigures {
            jobs: 3,
            latency_nanos: [60, 100, 100],
            queueing_nanos: 10,
            nanos_by_state: [140, 0, 0, 0, 10, 0],
            lanes: 2,
            utilisation: 0.7,
        };
        assert_eq!(figures, expected);
    }

    #[test]
    fn coroutines_share_one_lane() {
        let row = |number, from, to| lane(LaneKind::Coroutine, number, &[(State::Computing, Some(number), from)], to);
        let figures = RunFigures::of(&Recording {
            lanes: vec![lane(LaneKind::WorkerLoop, 1, &[], 0), row(1, 0, 40), row(2, 40, 80)],
            start_nanos: 0,
            end_nanos: 100,
            dropped_lanes: 0,
            recorder: None,
        });
        assert_eq!((figures.lanes, figures.utilisation, figures.queueing_nanos), (1, 0.8, 0));
    }

    #[test]
    fn a_run_without_length_or_lanes_has_figures_too() {
        let empty = Recording { lanes: Vec::new(), start_nanos: 7, end_nanos: 7, dropped_lanes: 0, recorder: None };
        assert_eq!(RunFigures::of(&empty), RunFigures { lanes: 1, ..RunFigures::default() });
    }
}
