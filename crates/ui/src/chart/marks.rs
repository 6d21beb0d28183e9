//! The instants of a lane that are drawn: what became of a message. Of the others there are thousands.

use core::fmt::Write;

use session::trace::{LaneRecord, MarkKind};

use super::Axis;

/// The kinds that are drawn, in the order of the legend.
pub const DRAWN: [MarkKind; 4] = [MarkKind::Send, MarkKind::SendAgain, MarkKind::Acknowledge, MarkKind::Die];

/// How far from a mark one may point to mean it.
pub const REACH: f64 = 4.0;

/// Marks nearer than this are one.
const FINEST: f64 = 1.0;

/// One mark as the data of a path in a box as high as a lane of twelve: a message leaves at the top, what comes of it
/// stands at the bottom, and a death goes right across.
pub fn glyph(kind: MarkKind, x: f64) -> String {
    match kind {
        MarkKind::Send => format!("M{:.1} 0h5l-2.5 5z", x - 2.5),
        MarkKind::SendAgain => format!("M{:.1} 0h7v2h-7zM{:.1} 2h5l-2.5 5z", x - 3.5, x - 2.5),
        MarkKind::Acknowledge => format!("M{:.1} 12h5l-2.5 -5z", x - 2.5),
        _ => format!("M{:.1} 2l2 -2l2.5 2.5l2.5 -2.5l2 2l-2.5 4l2.5 4l-2 2l-2.5 -2.5l-2.5 2.5l-2 -2l2.5 -4z", x - 4.5),
    }
}

/// The marks of a lane, one path for each kind of which there are some. `origin` is when the run began.
pub fn marks(record: &LaneRecord, origin: u64, axis: &Axis) -> Vec<(MarkKind, String)> {
    let path_of = |kind| {
        let (mut path, mut last) = (String::new(), f64::NEG_INFINITY);
        for mark in record.marks.iter().filter(|mark| mark.kind == kind) {
            let x = axis.x_from_nanos(mark.at_nanos as i64 - origin as i64);
            if x - last >= FINEST {
                path.write_str(&glyph(kind, x)).expect("a String takes any text");
                last = x;
            }
        }
        (kind, path)
    };
    DRAWN.into_iter().map(path_of).filter(|(_, path)| !path.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use session::trace::{Lane, LaneKind, LaneRecorder};

    use super::*;

    #[test]
    fn only_messages_are_drawn_and_what_is_too_close_is_one() {
        let mut recorder = LaneRecorder::new(Lane { kind: LaneKind::Conductor, number: 1 });
        for (kind, at) in [
            (MarkKind::Send, 10),
            (MarkKind::Wake, 10),
            (MarkKind::Send, 10),
            (MarkKind::Send, 30),
            (MarkKind::SendAgain, 40),
        ] {
            recorder.mark(kind, at);
        }
        let axis = Axis { end_nanos: 100, width: 100.0 };
        let expected = [
            (MarkKind::Send, "M-2.5 0h5l-2.5 5zM17.5 0h5l-2.5 5z".to_owned()),
            (MarkKind::SendAgain, glyph(MarkKind::SendAgain, 30.0)),
        ];
        assert_eq!(marks(&recorder.finish(50), 10, &axis), expected);
    }
}
