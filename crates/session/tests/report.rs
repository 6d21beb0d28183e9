//! What a report says, in words and as JSON.

use std::rc::Rc;

use catalog::{Experiment, Language, Place};
use session::{Outcome, Report, ResultRow, finding, to_json};
use trace::{Failure, Lane, LaneKind, LaneRecorder, Recording, State};

/// A report of so many milliseconds per model; nothing for one that failed.
fn report(link: &str, millis: &[Option<u64>]) -> Report {
    let experiment = Experiment::from_link(link).expect("the test's link is right");
    let rows = experiment.models.iter().zip(millis).map(|(&model, &millis)| {
        let outcome = match millis {
            Some(millis) => {
                Outcome::Finished { answer: 168, lost_updates: 0, recording: Rc::new(recording(millis * 1_000_000)) }
            }
            None => Outcome::Failed(Failure::Panicked { message: "at \"dawn\"\n".into() }),
        };
        ResultRow { model, place: Place::Worker, outcome }
    });
    Report { rows: rows.collect(), experiment, longest_frame_gap_millis: Some(16.7) }
}

fn recording(nanos: u64) -> Recording {
    let mut recorder = LaneRecorder::new(Lane { kind: LaneKind::Thread, number: 1 });
    recorder.enter(State::Starting, None, 90);
    recorder.enter(State::Computing, Some(0), 100);
    Recording { lanes: vec![recorder.finish(100 + nanos)], start_nanos: 100, end_nanos: 100 + nanos, dropped_lanes: 3 }
}

#[track_caller]
fn check(link: &str, millis: &[Option<u64>], english: &str, chinese: &str) {
    let report = report(link, millis);
    let said = [Language::En, Language::Zh].map(|language| finding(&report, language).unwrap_or_default());
    assert_eq!(said, [english, chinese]);
}

#[test]
fn the_sentence_compares_with_one_lane() {
    check(
        "work=primes&models=sequential,work-stealing,processes",
        &[Some(412), Some(210), Some(268)],
        "4 jobs that compute, in this run: work-stealing pool took 0.51× the time of one lane (412\u{202f}ms), processes 0.65×.",
        "这次运行（4 个计算任务）中，以顺序执行的用时（412 毫秒）为 1 倍，工作窃取线程池是 0.51 倍，多进程是 0.65 倍。",
    );
}

#[test]
fn without_one_lane_it_compares_with_the_first_that_was_measured() {
    check(
        "work=sleeping&jobs=1&models=sequential,processes,event-loop",
        &[None, Some(200), Some(100)],
        "1 job that waits, in this run: event loop took 0.50× the time of processes (200\u{202f}ms).",
        "这次运行（1 个等待任务）中，以多进程的用时（200 毫秒）为 1 倍，事件循环是 0.50 倍。",
    );
}

#[test]
fn one_figure_is_not_compared_and_none_says_nothing() {
    check(
        "work=primes&models=processes",
        &[Some(7)],
        "4 jobs that compute, in this run: processes took 7.0\u{202f}ms.",
        "这次运行（4 个计算任务）中，多进程用时 7.0 毫秒。",
    );
    check("work=primes&models=processes", &[None], "", "");
}

#[test]
fn json_counts_from_the_beginning_of_the_run() {
    let json = to_json(&report("work=primes&models=sequential,processes", &[Some(1), None]));
    let expected = concat!(
        r#"{"experiment":"work=primes&jobs=4&size=500000&models=sequential,processes&lanes=2&seed=1","results":["#,
        r#"{"model":"sequential","outcome":"finished","place":"worker","nanos":1000000,"answer":168,"lostUpdates":0,"dropped":0,"droppedLanes":3,"#,
        r#""lanes":[{"name":"thread 1","kind":"thread","pauses":0,"pauseNanos":0,"spans":["#,
        r#"{"state":"starting","start":-10,"end":0,"job":null},{"state":"computing","start":0,"end":1000000,"job":0}]}]},"#,
        r#"{"model":"processes","outcome":"failed","place":"worker","dropped":0,"lanes":[],"#,
        r#""reason":"panicked: at \"dawn\"\u000a"}],"longestFrameGapMillis":16.700}"#,
    );
    assert_eq!(json, expected);
}
