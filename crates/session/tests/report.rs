//! What a report says, in words and as JSON.

use std::rc::Rc;

use catalog::{Experiment, Language, Place};
use session::{Outcome, Report, ResultRow, finding, to_json};
use trace::{Failure, Lane, LaneKind, LaneRecorder, Losses, RecorderCost, Recording, State};

/// A report of so many milliseconds per model; nothing for one that failed.
fn report(link: &str, millis: &[Option<u64>]) -> Report {
    let experiment = Experiment::from_link(link).expect("the test's link is right");
    let rows = experiment.models.iter().zip(millis).map(|(&model, &millis)| {
        let outcome = match millis {
            Some(millis) => Outcome::Finished {
                answer: 168,
                losses: Losses::default(),
                recording: Rc::new(recording(millis * 1_000_000)),
            },
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
    Recording {
        lanes: vec![recorder.finish(100 + nanos)],
        start_nanos: 100,
        end_nanos: 100 + nanos,
        dropped_lanes: 3,
        recorder: Some(RecorderCost { clock_nanos: 210, span_nanos: 40 }),
    }
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
        "4 jobs that compute, in this run: the work-stealing pool took the least time, 0.51× that of one lane (412\u{202f}ms); \
         processes took 0.65×.",
        "这次运行（4 个计算任务）中，工作窃取线程池最快，用时是顺序执行（412 毫秒）的 0.51 倍；多进程是 0.65 倍。",
    );
}

#[test]
fn of_many_models_those_are_named_that_say_most() {
    check(
        "work=primes&models=sequential,threads-gil,threads-free,processes,process-pool,event-loop",
        &[Some(400), Some(392), Some(208), Some(260), Some(240), Some(520)],
        "4 jobs that compute, in this run: free threads took the least time, 0.52× that of one lane (400\u{202f}ms); \
         threads under a GIL took about as long as one lane (0.98×); the event loop took the most, 1.30×.",
        "这次运行（4 个计算任务）中，自由线程最快，用时是顺序执行（400 毫秒）的 0.52 倍；有 GIL 的多线程与顺序执行相差无几（0.98 \
         倍）；事件循环最慢，是 1.30 倍。",
    );
}

#[test]
fn one_lane_may_be_the_fastest() {
    check(
        "work=primes&models=sequential,threads-gil,processes",
        &[Some(10), Some(11), Some(50)],
        "4 jobs that compute, in this run: one lane took the least time (10\u{202f}ms); threads under a GIL took 1.10×; \
         processes took the most, 5.00×.",
        "这次运行（4 个计算任务）中，顺序执行最快（10 毫秒）；有 GIL 的多线程是 1.10 倍；多进程最慢，是 5.00 倍。",
    );
    check(
        "work=primes&models=sequential,threads-gil,event-loop",
        &[Some(100), Some(99), Some(103)],
        "4 jobs that compute, in this run: no model took clearly less time than one lane (100\u{202f}ms); threads under a GIL \
         took about as long as one lane (0.99×); the event loop took about as long as one lane (1.03×).",
        "这次运行（4 个计算任务）中，没有哪种模型明显快于顺序执行（100 毫秒）；有 GIL 的多线程与顺序执行相差无几（0.99 \
         倍）；事件循环与顺序执行相差无几（1.03 倍）。",
    );
}

#[test]
fn lost_updates_are_said_first() {
    let mut report = report("work=counter&models=threads-gil,threads-free", &[Some(20), Some(10)]);
    for (row, lost) in report.rows.iter_mut().zip([12, 31_204]) {
        if let Outcome::Finished { answer, losses, .. } = &mut row.outcome {
            (*answer, losses.updates) = (80_000 - lost, lost);
        }
    }
    assert_eq!(
        [Language::En, Language::Zh].map(|language| finding(&report, language).unwrap_or_default()),
        [
            "Free threads lost 31\u{202f}204 of 80\u{202f}000 updates, threads under a GIL 12. 4 jobs that coordinate, in this \
             run: free threads took 0.50× the time of threads under a GIL (20\u{202f}ms).",
            "80\u{202f}000 次更新里，自由线程丢了 31\u{202f}204 次，有 GIL 的多线程丢了 12 次。这次运行（4 个协作任务）中，\
             自由线程的用时是有 GIL 的多线程（20 毫秒）的 0.50 倍。",
        ]
    );
}

#[test]
fn lost_and_repeated_jobs_are_said_too() {
    let mut report = report("work=primes&jobs=8&models=sequential,process-pool", &[Some(20), Some(10)]);
    let said = |report: &Report| {
        [Language::En, Language::Zh].map(|language| {
            let said = finding(report, language).unwrap_or_default();
            said.split_inclusive(['.', '。']).next().unwrap_or_default().to_owned()
        })
    };
    let mut with = |lost| {
        if let Outcome::Finished { losses, .. } = &mut report.rows[1].outcome {
            *losses = lost;
        }
        said(&report)
    };
    assert_eq!(
        with(Losses { jobs: 2, ..Losses::default() }),
        [
            "The process pool lost 2 of 8 jobs with a consumer that died.",
            "有消费者死亡，进程池丢了 8 个任务中的 2 个。"
        ]
    );
    assert_eq!(
        with(Losses { repeated: 1, ..Losses::default() }),
        ["The process pool ran one job again, because a consumer died.", "有消费者死亡，进程池把任务重跑了 1 次。"]
    );
    assert_eq!(
        with(Losses { repeated: 3, ..Losses::default() })[0],
        "The process pool ran 3 jobs again, because a consumer died."
    );
}

#[test]
fn without_one_lane_it_compares_with_the_first_that_was_measured() {
    check(
        "work=sleeping&jobs=1&models=sequential,processes,event-loop",
        &[None, Some(200), Some(100)],
        "1 job that waits, in this run: the event loop took 0.50× the time of processes (200\u{202f}ms).",
        "这次运行（1 个等待任务）中，事件循环的用时是多进程（200 毫秒）的 0.50 倍。",
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
        r#"{"experiment":"work=primes&jobs=4&size=1000000&models=sequential,processes&lanes=auto&seed=1","results":["#,
        r#"{"model":"sequential","outcome":"finished","place":"worker","nanos":1000000,"answer":168,"lostUpdates":0,"lostJobs":0,"repeatedJobs":0,"dropped":0,"droppedLanes":3,"recorder":{"clockNanos":210,"spanNanos":40},"#,
        r#""lanes":[{"name":"thread 1","kind":"thread","pauses":0,"pauseNanos":0,"spans":["#,
        r#"{"state":"starting","start":-10,"end":0,"job":null},{"state":"computing","start":0,"end":1000000,"job":0}]}]},"#,
        r#"{"model":"processes","outcome":"failed","place":"worker","dropped":0,"lanes":[],"#,
        r#""reason":"panicked: at \"dawn\"\u000a"}],"longestFrameGapMillis":16.700}"#,
    );
    assert_eq!(json, expected);
}
