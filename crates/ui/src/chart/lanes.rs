//! A lane as areas: one path per state, so that a lane of thousands of spans is a handful of elements.

use core::fmt::Write;

use session::trace::{LaneRecord, State};

use super::Axis;

/// What a lane did in one state, as the data of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneShape {
    /// The state.
    pub state: State,
    /// The path's data.
    pub path: String,
}

/// Narrower than this nothing can be told apart, so neighbours in one state that are closer become one area.
const FINEST: f64 = 0.5;

/// The gap that shows where one job ends and the next begins, and the least width of an area that can spare it.
const SEAM: f64 = 1.0;
const WIDTH_WITH_SEAM: f64 = 4.0;

/// What is drawn without a gap.
struct Area {
    start: f64,
    end: f64,
    job: Option<u32>,
}

/// The areas of a lane, in the order of the legend. `origin` is when the run began.
pub fn shape(record: &LaneRecord, origin: u64, axis: &Axis, height: f64) -> Vec<LaneShape> {
    let mut shapes = Vec::new();
    for state in State::ALL {
        let mut areas: Vec<Area> = Vec::new();
        for span in record.spans.iter().filter(|span| span.state == state) {
            let start = axis.x_from_nanos(span.start_nanos as i64 - origin as i64);
            let end = axis.x_from_nanos(span.end_nanos as i64 - origin as i64);
            match areas.last_mut() {
                Some(last) if start - last.end < FINEST => {
                    if last.job != span.job && last.end - last.start >= WIDTH_WITH_SEAM {
                        last.end -= SEAM;
                        areas.push(Area { start, end, job: span.job });
                    } else {
                        last.end = last.end.max(end);
                        last.job = span.job;
                    }
                }
                _ => areas.push(Area { start, end, job: span.job }),
            }
        }
        let mut path = String::new();
        for Area { start, end, .. } in areas.into_iter().filter(|area| area.end > area.start) {
            let width = (end - start).max(FINEST);
            write!(path, "M{start:.1} 0h{width:.1}v{height}h-{width:.1}z").expect("a String takes any text");
        }
        if !path.is_empty() {
            shapes.push(LaneShape { state, path });
        }
    }
    shapes
}

#[cfg(test)]
mod tests {
    use session::trace::{Lane, LaneKind, LaneRecorder};

    use super::*;

    #[track_caller]
    fn check(states: &[(State, u64)], end: u64, expected: &[(State, &str)]) {
        let jobless: Vec<_> = states.iter().map(|&(state, at)| (state, None, at)).collect();
        check_jobs(&jobless, end, expected);
    }

    #[track_caller]
    fn check_jobs(states: &[(State, Option<u32>, u64)], end: u64, expected: &[(State, &str)]) {
        let mut recorder = LaneRecorder::new(Lane { kind: LaneKind::Thread, number: 1 });
        for &(state, job, at) in states {
            recorder.enter(state, job, at);
        }
        let axis = Axis { end_nanos: 100, width: 100.0 };
        let shapes = shape(&recorder.finish(end), 10, &axis, 8.0);
        let found: Vec<_> = shapes.iter().map(|shape| (shape.state, shape.path.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn each_state_is_one_path_counted_from_the_origin() {
        check(
            &[(State::Computing, 10), (State::Waiting, 30), (State::Computing, 40)],
            60,
            &[
                (State::Computing, "M0.0 0h20.0v8h-20.0zM30.0 0h20.0v8h-20.0z"),
                (State::Waiting, "M20.0 0h10.0v8h-10.0z"),
            ],
        );
    }

    #[test]
    fn a_seam_shows_where_the_next_job_begins() {
        check_jobs(
            &[(State::Computing, Some(0), 10), (State::Computing, Some(1), 30)],
            50,
            &[(State::Computing, "M0.0 0h19.0v8h-19.0zM20.0 0h20.0v8h-20.0z")],
        );
    }

    #[test]
    fn jobs_too_short_for_a_seam_are_one_area() {
        check_jobs(
            &[(State::Computing, Some(0), 10), (State::Computing, Some(1), 13), (State::Computing, Some(2), 16)],
            19,
            &[(State::Computing, "M0.0 0h5.0v8h-5.0zM6.0 0h3.0v8h-3.0z")],
        );
    }

    #[test]
    fn what_lies_before_the_origin_is_not_drawn() {
        check(&[(State::Starting, 0), (State::Computing, 10)], 20, &[(State::Computing, "M0.0 0h10.0v8h-10.0z")]);
    }

    #[test]
    fn ten_thousand_spans_are_a_bounded_path() {
        let mut recorder = LaneRecorder::new(Lane { kind: LaneKind::Thread, number: 1 });
        for at in 0..10_000 {
            recorder.enter(if at % 2 == 0 { State::Computing } else { State::Waiting }, None, at);
        }
        let axis = Axis { end_nanos: 10_000, width: 500.0 };
        let shapes = shape(&recorder.finish(10_000), 0, &axis, 8.0);
        assert!(shapes.iter().all(|shape| shape.path.matches('M').count() <= 1_000));
    }
}
