//! What recording costs here.

use std::hint::black_box;

use trace::{LaneKind, RecorderCost, State};

use crate::{Lane, Log};

/// Enough that the coarsest of clocks, with steps of a millisecond, is wrong by a tenth of a microsecond.
const ROUNDS: u32 = 8_192;
/// The first attempt runs in cold code.
const ATTEMPTS: usize = 3;

/// Reads the clock and records spans that nobody keeps, for a few milliseconds. The quickest of some attempts counts: what is
/// slower was interrupted.
pub fn recorder_cost<L: Lane>(lane: &L) -> RecorderCost {
    let mut best = RecorderCost { clock_nanos: u32::MAX, span_nanos: u32::MAX };
    for _ in 0..ATTEMPTS {
        let began = lane.now_nanos();
        for _ in 0..ROUNDS {
            black_box(lane.now_nanos());
        }
        let read = lane.now_nanos();
        let row = Log::new().open(LaneKind::Thread, 1);
        for round in 0..ROUNDS {
            let state = if round % 2 == 0 { State::Computing } else { State::Waiting };
            row.enter(state, black_box(Some(round)), u64::from(round));
        }
        let recorded = lane.now_nanos();
        let each = |nanos: u64| u32::try_from(nanos / u64::from(ROUNDS)).unwrap_or(u32::MAX);
        best.clock_nanos = best.clock_nanos.min(each(read.saturating_sub(began)));
        best.span_nanos = best.span_nanos.min(each(recorded.saturating_sub(read)));
    }
    best
}
