//! A recording as text, for tests: a row per lane, a column per slice of time, a letter per state.
//!
//! ```text
//! 0 ms                          40 ms
//! thread 1   CCCCCCCCCCCC............
//! thread 2   ............CCCCCCCCCCCC
//! ```

use crate::{LaneRecord, Recording, State};

fn letter(state: State) -> char {
    match state {
        State::Computing => 'C',
        State::Waiting => 'w',
        State::Blocked => 'B',
        State::Copying => 'y',
        State::Starting => 's',
        State::Idle => '.',
    }
}

/// The state in which the lane spent most of the slice; a blank where it did not exist.
fn slice(record: &LaneRecord, from: u64, to: u64) -> char {
    let mut time_in = [0u64; State::ALL.len()];
    for span in &record.spans {
        let overlap = span.end_nanos.min(to).saturating_sub(span.start_nanos.max(from));
        time_in[span.state as usize] += overlap;
    }
    let longest = State::ALL.into_iter().max_by_key(|&state| time_in[state as usize]);
    match longest {
        Some(state) if time_in[state as usize] > 0 => letter(state),
        _ => ' ',
    }
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
