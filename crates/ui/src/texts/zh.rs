//! Simplified Chinese.

use session::catalog::{Group, LinkError, Need, Obstacle, OutOfLimits, Repeats};
use session::figures::grouped;
use session::trace::{Failure, LaneKind, Losses, MarkKind, Missing, State, Wait};

use super::script::{STEPS_ZH, script_error};
use super::{MOST_WAITS, Texts};

pub const TEXTS: Texts = Texts {
    tagline: "同一件工作，各种并发模型，在你的浏览器里实测",
    isolated: |cores| format!("已隔离 · {cores} 核"),
    not_isolated: |cores| format!("未隔离 · {cores} 核"),
    not_isolated_why: "这个页面里的 Worker 之间无法共享内存，需要线程的模型因此不可用。服务器须发送 Cross-Origin-Opener-Policy: \
                       same-origin 和 Cross-Origin-Embedder-Policy: require-corp，并且页面要在单独的标签页中打开。",
    other_language: "English",
    themes: ["跟随系统", "浅色", "深色"],
    theme_switch: |theme| format!("主题：{theme}，点击切换"),
    choices: "实验设置",
    work: "工作",
    workload: "具体工作",
    script: "任务，每行一种",
    script_error: |error| format!("{}。改好之前，运行的仍是原来的任务。", script_error(error)),
    script_examples: "示例：",
    script_help: "任务怎么写",
    script_steps: STEPS_ZH,
    script_note: "一行就是一种任务，步骤之间用分号隔开，# 之后是注释。等待、质数、网页，以及不受先后影响的结果都会核对；被覆盖的单元和没有取空的\
                  队列不核对。",
    step_cost: |nanos| {
        format!("读、加、写、调用、加锁等每个步骤都特意放慢到约 {nanos} 纳秒；编译后的代码太快，否则来不及被打断。")
    },
    settings: "模型设置",
    switches: "有 GIL 的线程在哪里切换",
    switches_at: ["向后跳转和调用处（3.10 起）", "任何一条指令之后（3.9 及更早）"],
    pool_lanes: "池的泳道数",
    lane_choices: ["与 Python 的默认值相同", "自己指定"],
    pool_threads: "线程池里的线程",
    pool_gil: ["有 GIL", "没有 GIL"],
    acknowledgement: "消费者何时确认消息",
    acknowledges: ["提前确认（任务开始时）", "延后确认（任务完成后）"],
    acknowledgement_notes: ["消费者中途死亡，手上的任务就丢了。", "任务会重新投递，因此可能做两遍。"],
    repeats: "重复",
    repeats_kinds: ["直到足够精确或时间用完", "固定次数"],
    repeats_notes: [
        "每个中位数达到所要的精度就结束，与谁快谁慢无关。至少七次才有区间。",
        "每种模型都运行这么多次，不限时间。",
    ],
    repeats_said: |repeats| match repeats {
        Repeats::Fixed(runs) => format!("每种 {runs} 次"),
        Repeats::UntilPrecise { percent, seconds } => format!("±{percent}%，最多 {seconds} 秒"),
    },
    models: "模型",
    place: "事件循环运行在",
    places: ["自动选择", "本页面上", "Worker 中"],
    place_notes: [
        "工作只是等待时放在本页面上，否则放进 Worker。",
        "计算型的工作会让页面卡住，卡了多久看帧间隔就知道。",
        "无论做什么工作，页面都不会卡。",
    ],
    exact: |name| format!("{name}的准确数值"),
    obstacle,
    run: "运行",
    stop: "停止",
    end_it: "结束它",
    nothing_chosen: "请至少选一个模型。",
    result: "结果",
    before: |jobs, group, models| {
        let (does, question) = match group {
            Group::Compute => ("计算", "哪一种最省时间？"),
            Group::Wait => ("等待", "哪一种最省时间？"),
            Group::Mixed => ("又等待又计算的", "哪一种最省时间？"),
            Group::Coordination => ("相互协作的", "哪些能跑完，而且结果正确？"),
            Group::Custom => ("你自己编写的", "哪些能跑完，而且结果正确？"),
        };
        format!("{} 个{does}任务，依次交给 {models} 种模型。{question}先猜一猜，再运行。", grouped(jobs))
    },
    finding_deadlock: |model| {
        format!("“{model}”死锁了：任务互相等待，谁也不会再被唤醒。这是真的死锁，只能由你来结束。")
    },
    measuring: "正在测第一个模型。",
    nothing_measured: "没有测到任何模型。",
    of_other_choices: "这是按之前的设置测得的，设置后来改过。",
    status_ready: "可以运行。",
    status_loading: "正在了解这个浏览器支持什么。",
    status_asking: "正在确认有没有别的标签页在测量。",
    status_other_tab: "另一个标签页正在测量，等它结束后再开始。",
    status_starting: |model| format!("正在为“{model}”启动引擎。"),
    status_running: |model, round| format!("正在运行“{model}”。{round}"),
    round_of: |round, rounds| format!("第 {round} 轮，共 {rounds} 轮。"),
    round_with: |round, seconds| match (round, seconds) {
        (1, _) => "第一轮。".into(),
        (_, 0) => format!("第 {round} 轮，也是最后一轮。"),
        _ => format!("第 {round} 轮，最多还剩 {seconds} 秒。"),
    },
    status_out_of_sight: "页面不可见时浏览器会放慢一切，所以先暂停，回到本页面就继续。",
    status_precise: |percent| format!("运行结束：每个中位数的误差都在 {percent}% 以内。"),
    status_out_of_time: |percent, seconds| {
        format!("运行结束：{seconds} 秒已用完，还有中位数的误差超过 {percent}%，准到什么程度请看区间。")
    },
    status_too_few: |seconds| {
        format!("运行结束：{seconds} 秒不够每种模型跑满七次，所以没有区间。想要区间，请在“重复”里延长时间。")
    },
    status_deadlock: |model| format!("死锁：“{model}”会一直等下去，直到你结束它。之前测得的结果会保留。"),
    status_stopping: "正在停止。",
    status_done: "运行结束。",
    status_failed: |models| format!("运行结束，其中 {models} 种模型失败。"),
    status_stopped: "已停止，之前测得的结果仍然保留。",
    status_broken: |why| format!("工作台无法运行：{why}"),
    not_run: "未运行",
    deadlock: "死锁",
    deadlocked: |waits| format!("{}。", who_waits(waits)),
    losses,
    jobs_done: |done, jobs| format!("已完成 {} / {}", grouped(done.into()), grouped(jobs.into())),
    stopped: "已停止",
    unavailable: "不可用",
    failed: "失败",
    failure,
    likewise: "原因同上。",
    bars_note: |runs, has_intervals, baseline| {
        let bar = match (runs, has_intervals) {
            (0, _) => return "每种模型会运行多次，条长是用时的中位数。".into(),
            (1, _) => "条长 = 这一次运行的用时",
            (_, true) => "条长 = 中位数 · 须线 = 95% 区间 · 圆点 = 每次运行",
            (_, false) => "条长 = 中位数（次数太少，没有区间） · 圆点 = 每次运行",
        };
        match baseline {
            Some(baseline) => format!("{bar} · 倍数以“{baseline}”为 1，点模型名可换一个作基准"),
            None => bar.into(),
        }
    },
    compare_with_this: "以它为基准比较",
    no_difference: "未发现差异，或差异太小，没有实际意义",
    fastest_first: "快的在前",
    between_sentences: "",
    axis: "时间（毫秒）",
    timeline: "每条泳道做了什么",
    timeline_empty: "有模型跑完之后，泳道会画在这里。",
    timeline_later: "所有模型都跑完之后再画泳道，免得绘图干扰测量。",
    lanes_not_drawn: |lanes| format!("另有 {} 条泳道未画出", grouped(lanes)),
    pauses: |pauses, millis| format!("为查看是否要停止，回到事件循环 {pauses} 次，共 {millis} 毫秒"),
    lane: |kind, number| {
        let kind = match kind {
            LaneKind::Conductor => return "调度者".into(),
            LaneKind::Thread => "线程",
            LaneKind::Process => "进程",
            LaneKind::PageLoop => return "页面循环".into(),
            LaneKind::WorkerLoop => return "Worker 循环".into(),
            LaneKind::Coroutine => "协程",
            LaneKind::Chain => "回调链",
            LaneKind::Generator => "生成器",
            LaneKind::Greenlet => "greenlet",
        };
        format!("{kind} {number}")
    },
    mark: |kind| match kind {
        MarkKind::Send => "发出消息",
        MarkKind::SendAgain => "重新投递",
        MarkKind::Acknowledge => "确认",
        MarkKind::Die => "死亡",
        MarkKind::Wake => "被唤醒",
        MarkKind::Switch => "拿到 GIL",
        MarkKind::DropRequest => "要求让出 GIL",
        MarkKind::Cancel => "被取消",
    },
    marks: |name, times| format!("{name} {times} 次"),
    state: |state| match state {
        State::Computing => "计算",
        State::Waiting => "等待",
        State::Blocked => "受阻",
        State::Copying => "复制",
        State::Starting => "启动",
        State::Idle => "空闲",
    },
    waits_for,
    share: |state, millis, wait| match wait {
        Some(wait) => format!("{state} {millis} 毫秒（{wait}）"),
        None => format!("{state} {millis} 毫秒"),
    },
    between: "；",
    job: |job| format!("任务 {job}"),
    recorder: |model, spans, nanos, percent| {
        format!("记录本身最多占一次运行的 {percent}%：“{model}”下共 {} 段，每段约 {nanos} 纳秒。", grouped(spans))
    },
    from_to: |from, to| format!("{from} 至 {to} 毫秒"),
    table: "表格",
    table_note: "中位数、区间、倍数、最短、最长和离群值（超出 Tukey 栅栏，但仍计入）来自全部运行；任务、泳道和各状态的时间来自画出的那次\
                 典型运行。倍数的区间已放宽，使所有区间同时成立的把握为 95%。",
    copy_table: "复制表格",
    save_csv: "保存每次运行（CSV）",
    save_json: "保存报告（JSON）",
    copied: "已复制。",
    not_copied: "浏览器不允许本页面复制，请改为保存文件。",
    frame_gap: |millis| format!("模型运行期间，页面两帧之间最长隔了 {millis} 毫秒（实测）。"),
    no_frames: "模型运行期间页面不可见，没有绘制任何一帧。",
    link_error,
    bad_link: |why| format!("这个链接读不懂（{why}），现在显示的是默认实验。"),
    worker_lives_on: "有一个 Worker 已被要求结束却仍在运行，会干扰之后的测量。重新加载页面就能清除它，你的设置都保存在链接里。",
    page_loop_goes_on: "页面上的运行还没有停下来。如果一直不停，请重新加载页面，你的设置都保存在链接里。",
    reload: "重新加载",
    dismiss: "关闭",
    full_page: "打开完整页面",
};

fn losses(losses: Losses) -> String {
    let mut said = String::new();
    if losses.updates > 0 {
        let lost = grouped(losses.updates);
        said += &format!("丢了 {lost} 次更新：两条泳道读到同一个值，又各自写回了自己的结果。");
    }
    if losses.jobs > 0 {
        let lost = grouped(losses.jobs.into());
        said += &format!("丢了 {lost} 个任务：消费者已经确认，却没交出结果就死了，总数里少了这一部分。");
    }
    if losses.repeated > 0 {
        let repeated = grouped(losses.repeated.into());
        said += &format!("重跑了 {repeated} 次：开始做任务的消费者还没来得及确认就死了。");
    }
    said
}

fn failure(failure: &Failure) -> String {
    match failure {
        Failure::Stopped => "已停止。".into(),
        Failure::Unavailable(Missing::SharedMemory) => "需要 Worker 之间共享内存。".into(),
        Failure::Unavailable(Missing::StackSwitching) => "需要能挂起 wasm 调用（JSPI）。".into(),
        Failure::WrongAnswer { expected, got } => {
            format!("正确答案是 {expected}，却得到 {got}。答案不对的运行不会显示用时。")
        }
        Failure::Panicked { message } => {
            format!("程序崩溃：{message}。这是 Interleave 自身的缺陷；下次运行会启动新的引擎。")
        }
        Failure::ChildFailed { cause, failed, called_off } => {
            format!(
                "组内有 {failed} 个任务失败，最先失败的原因：{cause}。另外 {called_off} 个任务因此被取消。\
                 这是 Interleave 自身的缺陷；下次运行会启动新的引擎。"
            )
        }
        Failure::Unhandled { message } => {
            format!(
                "一个回调出错：{message}。回调没有能接住异常的调用者，于是事件循环的异常处理器结束了这次运行。\
                 这是 Interleave 自身的缺陷；下次运行会启动新的引擎。"
            )
        }
        Failure::WorkerDied { worker, message } => {
            format!(
                "{}意外结束：{message}。可能是内存不足，请减少任务数或规模；下次运行会启动新的引擎。",
                part_of_ours(worker)
            )
        }
        Failure::AllDied { processes, last } => format!(
            "接连 {processes} 个消费者没做完一个任务就死了，最后一个的原因：{last}。代理不再重试，请减少任务数或规模。"
        ),
        Failure::PageNotFetched { page, message } => {
            format!(
                "第 {page} 页没有取到：{message}。Service Worker 可能已被终止或移除，请重新加载页面；没有它时会用定时器代替。"
            )
        }
        Failure::CouldNotStart { what, message } => {
            format!(
                "{}无法启动：{message}。文件可能缺失或损坏，也可能被扩展或安全策略拦截：请重新加载，或停用扩展再试。",
                part_of_ours(what)
            )
        }
        Failure::TooManyJobs { jobs, most } => {
            format!("这个模型给每个任务一条泳道，最多 {most} 条，{jobs} 个任务太多了。请减少任务，或改用池。")
        }
        Failure::NothingShared => {
            "这些任务要共享内存，而这个模型的各条泳道内存互不相通。请换一个共享内存的模型。".into()
        }
        Failure::Deadlock { waits } => format!("{}。它们永远不会再往下走。", who_waits(waits)),
        Failure::BadRequest { message } => format!("请求无效：{message}。请修改后再运行。"),
        Failure::BadMessage { message } => {
            format!("收到无法读懂的消息：{message}。这是 Interleave 自身的缺陷；下次运行会启动新的引擎。")
        }
    }
}

fn who_waits(waits: &[(u32, Wait)]) -> String {
    let one = |(job, wait): &(u32, Wait)| format!("任务 {}{}", job + 1, waits_for(*wait));
    let mut parts: Vec<String> = waits.iter().take(MOST_WAITS).map(one).collect();
    if waits.len() > MOST_WAITS {
        parts.push(format!("另有 {} 个任务也在等", waits.len() - MOST_WAITS));
    }
    parts.join("；")
}

fn waits_for(wait: Wait) -> String {
    match wait {
        Wait::ForLock { lock, held_by } => format!("在等任务 {} 手里的锁 {}", held_by + 1, lock + 1),
        Wait::ForRoom { queue } => format!("在等队列 {} 腾出空位", queue + 1),
        Wait::ForItem { queue } => format!("在等队列 {} 里有东西", queue + 1),
        Wait::ForJob { job } => format!("在等任务 {}", job + 1),
        Wait::ForThread => "在等线程池空出一个线程".into(),
        Wait::ForGil => "在等 GIL".into(),
        Wait::ForCore => "在等处理器".into(),
        Wait::ForLanes => "在等它启动的泳道".into(),
        Wait::ForTime => "在等定时器".into(),
        Wait::ForTurn => "在等下一轮".into(),
        Wait::ForEvent => "在等某个协程或 greenlet 可以继续".into(),
        Wait::ForPage => "在等网页".into(),
    }
}

fn obstacle(obstacle: Obstacle) -> String {
    match obstacle {
        Obstacle::Missing(Need::SharedMemory) => {
            "需要 Worker 之间共享内存：请在单独的标签页中打开，并由启用了隔离的服务器提供。".into()
        }
        Obstacle::Missing(Need::StackSwitching) => {
            "需要浏览器能把普通调用就地挂起（JavaScript Promise Integration）：请用 137 及以上的 Chromium，或较新的 Firefox。"
                .into()
        }
        Obstacle::NothingShared => {
            "这些任务要共享数据，而这个模型的任务各有各的内存：请换一件任务之间互不共享的工作。".into()
        }
        Obstacle::TooManyJobs { jobs, most } => {
            format!(
                "每个任务独占一条泳道，最多 {most} 条，而现在有 {} 个任务：请减少任务，或改用池。",
                grouped(jobs.into())
            )
        }
    }
}

/// The page's own words for what it starts, which failures name in English.
fn part_of_ours(name: &str) -> String {
    match name {
        "the conductor" => "调度者".into(),
        "the engine" => "引擎".into(),
        "a new engine" => "新的引擎".into(),
        "the loop on the page" => "页面上的事件循环".into(),
        "the pool" => "线程池".into(),
        "a thread" => "线程".into(),
        "a process" => "进程".into(),
        _ => match (name.strip_prefix("the engine ("), name.strip_prefix("process ")) {
            (Some(file), _) => format!("引擎（{}）", file.trim_end_matches(')')),
            (_, Some(number)) => format!("进程 {number}"),
            _ => name.into(),
        },
    }
}

fn link_error(error: &LinkError) -> String {
    match error {
        LinkError::Script(error) => script_error(error),
        LinkError::TooLong(bytes) => format!("有 {bytes} 字节，太长了"),
        LinkError::UnknownWorkload(name) => format!("没有名为“{name}”的工作"),
        LinkError::UnknownModel(name) => format!("没有名为“{name}”的模型"),
        LinkError::UnknownWord { slug, words: [one, other], value } => {
            format!("{slug} 的值“{value}”既不是 {one} 也不是 {other}")
        }
        LinkError::NotANumber { slug, value } => format!("{slug} 的值“{value}”不是整数"),
        LinkError::OutOfLimits(OutOfLimits { slug, value, min, max }) => {
            format!("{slug} 的值 {value} 超出了 {min} 到 {max} 的范围")
        }
    }
}
