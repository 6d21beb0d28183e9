//! What a report says, in words and as JSON.

use catalog::{Capabilities, Experiment, Language, ModelId, Place};
use session::table::{self, Column, Sorting};
use session::{End, Environment, Flag, Order, Outcome, Report, ResultRow, Run, finding, to_json};
use trace::statistics::RunFigures;
use trace::{Failure, Lane, LaneKind, LaneRecorder, Losses, RecorderCost, Recording, State};

/// A report of so many milliseconds per model; nothing for one that failed.
fn report(link: &str, millis: &[Option<u64>]) -> Report {
    let experiment = Experiment::from_link(link).expect("the test's link is right");
    let rows = experiment.models.iter().zip(millis).map(|(&model, &millis)| {
        let mut row = ResultRow::new(model, Place::Worker, None);
        match millis {
            Some(millis) => add(&mut row, millis),
            None => row.outcome = Outcome::Failed(Failure::Panicked { message: "at \"dawn\"\n".into() }),
        }
        row
    });
    let rows = rows.collect();
    let end = Some(End::Complete);
    let mut report = Report { rows, experiment, environment: environment(), wanted_baseline: None, end };
    report.summarize();
    report
}

/// A report of several runs per model, which took so many milliseconds.
fn report_of_runs(link: &str, millis: &[&[u64]]) -> Report {
    let firsts: Vec<_> = millis.iter().map(|millis| millis.first().copied()).collect();
    let mut report = report(link, &firsts);
    for (row, millis) in report.rows.iter_mut().zip(millis) {
        millis.iter().skip(1).for_each(|millis| add(row, *millis));
    }
    report.summarize();
    report
}

fn add(row: &mut ResultRow, millis: u64) {
    let recording = recording(millis * 1_000_000);
    let run = Run {
        round: row.runs.len() as u32 + 1,
        nanos: recording.nanos(),
        answer: 168,
        losses: Losses::default(),
        dropped: 0,
        longest_frame_gap_millis: Some(16.7),
        was_hidden: false,
        figures: RunFigures::of(&recording),
    };
    row.add(run, recording);
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
        (row.runs[0].answer, row.runs[0].losses.updates) = (80_000 - lost, lost);
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
        report.rows[1].runs[0].losses = lost;
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
fn with_intervals_it_says_whether_a_difference_was_found() {
    let base = [400, 436, 371, 412, 390, 405, 420, 383];
    let report = report_of_runs(
        "work=primes&models=sequential,threads-gil,threads-free",
        &[&base, &base.map(|millis| millis + 1), &base.map(|millis| millis / 2)],
    );
    assert_eq!(
        [Language::En, Language::Zh].map(|language| finding(&report, language).unwrap_or_default()),
        [
            "4 jobs that compute, 8 runs each: free threads took 0.50× the time of one lane (402\u{202f}ms), 95\u{202f}% interval \
             0.46–0.54; no difference found for threads under a GIL 1.00× (0.93–1.08).",
            "4 个计算任务，各运行 8 次：自由线程的用时是顺序执行（402 毫秒）的 0.50 倍（95% 区间 0.46–0.54）；未发现差异：有 GIL \
             的多线程 1.00 倍（0.93–1.08）。",
        ]
    );
}

#[test]
fn models_that_do_not_differ_are_named_together() {
    let base = [400, 436, 371, 412, 390, 405, 420, 383];
    let steady = [1_000, 1_001, 999, 1_000, 1_000, 1_001, 999, 1_000];
    let said = |millis: &[&[u64]]| {
        let report = report_of_runs("work=primes&models=sequential,threads-gil,event-loop", millis);
        [Language::En, Language::Zh].map(|language| finding(&report, language).unwrap_or_default())
    };
    assert_eq!(
        said(&[&base, &base.map(|millis| millis + 1), &base.map(|millis| millis - 1)]),
        [
            "4 jobs that compute, 8 runs each: no difference from one lane (402\u{202f}ms) found: the event loop 1.00× (95\u{202f}% \
             interval 0.93–1.07), threads under a GIL 1.00× (0.93–1.08).",
            "4 个计算任务，各运行 8 次：与顺序执行（402 毫秒）相比未发现差异：事件循环 1.00 倍（95% 区间 0.93–1.07）、有 GIL 的多线程 \
             1.00 倍（0.93–1.08）。",
        ]
    );
    // Sure, but one percent.
    assert_eq!(
        said(&[&steady, &steady.map(|millis| millis + 10), &steady.map(|millis| millis * 2)]),
        [
            "4 jobs that compute, 8 runs each: the event loop took 2.00× the time of one lane (1000\u{202f}ms), 95\u{202f}% interval \
             2.00–2.00; no difference that matters for threads under a GIL 1.01× (1.01–1.01).",
            "4 个计算任务，各运行 8 次：事件循环的用时是顺序执行（1000 毫秒）的 2.00 倍（95% 区间 2.00–2.00）；相差太小，没有实际意义：\
             有 GIL 的多线程 1.01 倍（1.01–1.01）。",
        ]
    );
}

#[test]
fn runs_too_few_for_intervals_are_said_to_be_few() {
    let report = report_of_runs("work=primes&models=sequential,processes", &[&[400, 404, 401], &[200, 210]]);
    assert_eq!(
        [Language::En, Language::Zh].map(|language| finding(&report, language).unwrap_or_default()),
        [
            "4 jobs that compute, medians of only 2–3 runs: processes took 0.51× the time of one lane (401\u{202f}ms).",
            "4 个计算任务，各只运行了 2–3 次，按中位数比较：多进程的用时是顺序执行（401 毫秒）的 0.51 倍。",
        ]
    );
}

#[test]
fn another_baseline_is_another_sentence() {
    let mut report = report("work=primes&models=sequential,processes,event-loop", &[Some(400), Some(200), None]);
    report.wanted_baseline = Some(ModelId::Processes);
    report.summarize();
    let said = "4 jobs that compute, in this run: processes took the least time (200\u{202f}ms); one lane took 2.00×.";
    assert_eq!(finding(&report, Language::En).as_deref(), Some(said));
    // One that has failed is no measure.
    report.wanted_baseline = Some(ModelId::EventLoop);
    report.summarize();
    assert_eq!(report.baseline().map(|row| row.model), Some(ModelId::Sequential));
}

#[test]
fn the_run_nearest_to_the_median_stands_for_all() {
    let report = report_of_runs("work=primes&models=sequential", &[&[500, 400, 410, 405, 900]]);
    let row = &report.rows[0];
    assert_eq!((row.typical_run().map(|run| run.nanos), row.median_nanos()), (Some(410_000_000), Some(410_000_000)));
    assert_eq!(row.typical.as_ref().map(|typical| typical.recording.nanos()), Some(410_000_000));
}

fn environment() -> Environment {
    let capabilities = Capabilities { shared_memory: true, stack_switching: false, cores: 2 };
    Environment {
        capabilities,
        isolated: true,
        top_level: true,
        browser: "Browser \"9\"".into(),
        clock_step_nanos: 5_000,
    }
}

#[test]
fn json_has_every_run_and_says_where_it_was_measured() {
    let json = to_json(&report("work=primes&models=sequential,processes", &[Some(1), None]));
    let expected = concat!(
        r#"{"form":1,"version":""#,
        env!("CARGO_PKG_VERSION"),
        r#"","experiment":"work=primes&jobs=4&size=1000000&models=sequential,processes&lanes=auto&seed=1","seed":1,"#,
        r#""repeats":{"precisionPercent":2,"budgetSeconds":20},"end":"complete","#,
        r#""environment":{"browser":"Browser \"9\"","isolated":true,"topLevel":true,"sharedMemory":true,"jspi":false,"cores":2,"clockStepNanos":5000},"#,
        r#""baseline":"sequential","results":["#,
        r#"{"model":"sequential","outcome":"finished","place":"worker","nanos":1000000,"interval":null,"ratio":1.00000,"#,
        r#""ratioInterval":null,"verdict":null,"outliers":0,"flags":[],"runs":[{"round":1,"nanos":1000000,"answer":168,"lostUpdates":0,"lostJobs":0,"repeatedJobs":0,"#,
        r#""dropped":0,"hidden":false,"longestFrameGapMillis":16.700,"jobs":1,"latencyNanos":{"p50":1000000,"p95":1000000,"#,
        r#""p99":1000000},"queueingNanos":0,"lanes":1,"utilisation":1.0000,"nanosByState":{"computing":1000000,"waiting":0,"#,
        r#""blocked":0,"copying":0,"starting":0,"idle":0}}],"typicalRun":0,"answer":168,"lostUpdates":0,"lostJobs":0,"repeatedJobs":0,"dropped":0,"#,
        r#""droppedLanes":3,"recorder":{"clockNanos":210,"spanNanos":40},"lanes":[{"name":"thread 1","kind":"thread","pauses":0,"pauseNanos":0,"spans":["#,
        // Times of spans count from the beginning of the run.
        r#"{"state":"starting","start":-10,"end":0,"job":null},{"state":"computing","start":0,"end":1000000,"job":0}]}]},"#,
        r#"{"model":"processes","outcome":"failed","place":"worker","runs":[],"dropped":0,"lanes":[],"#,
        r#""reason":"panicked: at \"dawn\"\u000a"}],"longestFrameGapMillis":16.700}"#,
    );
    assert_eq!(json, expected);
}

#[test]
fn json_is_json_whatever_the_times_are() {
    let times: [&[&[u64]]; 4] =
        [&[&[0; 9], &[0; 9]], &[&[0; 9], &[5; 9]], &[&[7; 9], &[7; 9]], &[&[1], &[90_000_000; 9]]];
    for millis in times {
        let report = report_of_runs("work=primes&models=sequential,processes", millis);
        let json = to_json(&report);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error} in {json}"));
        assert_eq!(value["results"][0]["runs"].as_array().map(Vec::len), Some(millis[0].len()));
        for language in Language::ALL {
            let said =
                finding(&report, language).unwrap_or_default() + &table::tabbed(&report, None, Order::OfPage, language);
            assert!(!said.contains("NaN") && !said.contains("inf"), "{said}");
        }
    }
}

#[test]
fn rows_without_a_figure_come_last_whichever_way_the_table_is_sorted() {
    let report = report("models=sequential,threads-gil,threads-free", &[Some(30), None, Some(20)]);
    let sorted = |descending| {
        let sorting = Some(Sorting { column: Column::Median, descending });
        let rows = table::rows(&report, sorting, Order::OfPage, Language::En);
        rows.iter().map(|row| row.model).collect::<Vec<_>>()
    };
    assert_eq!(sorted(false), [ModelId::ThreadsFree, ModelId::Sequential, ModelId::ThreadsGil]);
    assert_eq!(sorted(true), [ModelId::Sequential, ModelId::ThreadsFree, ModelId::ThreadsGil]);
    let by_time: Vec<_> = report.in_order(Order::ByTime).iter().map(|row| row.model).collect();
    assert_eq!(by_time, sorted(false));
}

#[test]
fn a_pasted_table_and_a_file_have_as_many_cells_in_each_line() {
    let report = report_of_runs("work=primes&models=sequential,processes", &[&[400; 8], &[]]);
    let counts = |text: &str, apart: char| text.lines().map(|line| line.split(apart).count()).collect::<Vec<_>>();
    let tabbed = table::tabbed(&report, None, Order::OfPage, Language::Zh);
    assert_eq!(counts(&tabbed, '\t'), [Column::ALL.len(); 3]);
    let cells = counts(&session::to_csv(&report), ',');
    assert_eq!((cells.len(), cells.iter().all(|count| *count == cells[0])), (10, true), "{cells:?}");
}

#[test]
fn what_speaks_against_the_times_is_named() {
    let flags = |report: &Report| report.rows[0].flags.clone();
    let steady: Vec<u64> = (0..14).map(|round| 400 + round * 7 % 5).collect();
    let mut report = report_of_runs("work=primes&models=sequential,processes", &[&steady, &steady]);
    assert_eq!(flags(&report), []);
    report.rows[0].runs[3].was_hidden = true;
    report.rows[0].runs[4].was_hidden = true;
    report.environment.clock_step_nanos = 5_000_000;
    report.summarize();
    assert_eq!(flags(&report), [Flag::Hidden(2), Flag::CoarseClock]);
    let slower: Vec<u64> = (0..14).map(|round| 400 + 10 * round).collect();
    let report = report_of_runs("work=primes&models=sequential,processes", &[&slower, &slower]);
    assert!(matches!(flags(&report)[..], [Flag::Drift(part)] if (0.25..0.3).contains(&part)), "{:?}", flags(&report));
    let shaken: Vec<u64> =
        (0..40).map(|round| if round % 2 == 0 { 400 + round % 7 } else { 480 + round % 9 }).collect();
    let report = report_of_runs("work=primes&models=sequential,processes", &[&shaken, &steady]);
    assert_eq!(flags(&report), [Flag::HalvesDisagree]);
    // What has failed has no times to trust.
    assert_eq!(flags(&report_of_runs("models=sequential", &[&[]])), []);
}
