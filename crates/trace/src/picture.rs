//! A recording as text, for tests: a row per lane, a column per slice of time, a letter for what it does.
//!
//! ```text
//! 0 ms                          40 ms
//! thread 1   CCCCCCCCCCCC............
//! thread 2   ............CCCCCCCCCCCC
//! ```

use std::collections::BTreeMap;

use crate::{LaneRecord, Recording, Span, State, Wait};

/// One letter for each state; several for being blocked, by what it waits for: the `G`IL, a `L`ock, a `Q`ueue, another
/// `J`ob, a `P`rocessor.
fn letter(span: &Span) -> char {
    match (span.state, span.wait) {
        (State::Computing, _) => 'C',
        (State::Waiting, _) => 'w',
        (State::Copying, _) => 'y',
        (State::Starting, _) => 's',
        (State::Idle, _) => '.',
        (State::Blocked, Some(Wait::ForGil)) => 'G',
        (State::Blocked, Some(Wait::ForLock { .. })) => 'L',
        (State::Blocked, Some(Wait::ForRoom { .. } | Wait::ForItem { .. })) => 'Q',
        (State::Blocked, Some(Wait::ForJob { .. })) => 'J',
        (State::Blocked, Some(Wait::ForCore)) => 'P',
        (State::Blocked, _) => 'B',
    }
}

/// The letter of what the lane did for most of the slice; a blank where it did not exist.
fn slice(record: &LaneRecord, from: u64, to: u64) -> char {
    let mut time_of: BTreeMap<char, u64> = BTreeMap::new();
    for span in &record.spans {
        let overlap = span.end_nanos.min(to).saturating_sub(span.start_nanos.max(from));
        if overlap > 0 {
            *time_of.entry(letter(span)).or_default() += overlap;
        }
    }
    time_of.into_iter().max_by_key(|&(_, nanos)| nanos).map_or(' ', |(letter, _)| letter)
}

/// Draws the recording with `columns` slices of time.
pub fn draw(recording: &Recording, columns: u64) -> String {
    let (start, nanos) = (recording.start_nanos, recording.nanos().max(1));
    let names: Vec<String> =
        recording.lanes.iter().map(|record| format!("{} {}", record.lane.kind.slug(), record.lane.number)).collect();
    let width = names.iter().map(String::len).max().unwrap_or(0);
    let mut text = format!("{:width$}  0 to {} µs\n", "", recording.nanos() / 1000);
    for (record, name) in recording.lanes.iter().zip(&names) {
        let row: String = (0..columns)
            .map(|column| slice(record, start + nanos * column / columns, start + nanos * (column + 1) / columns))
            .collect();
        text.push_str(format!("{name:width$}  {row}").trim_end());
        text.push('\n');
    }
    text
}
