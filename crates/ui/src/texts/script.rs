//! What is said of jobs that the reader writes.

use session::catalog::{Expected, Limit, Problem, ScriptError};

/// How each step is written, and what it does.
pub type Steps = [(&'static str, &'static str); 12];

/// In English.
pub const STEPS_EN: Steps = [
    ("2 x …", "so many jobs that do this"),
    ("compute 200000", "count the primes below a number"),
    ("wait 10 ms", "let time pass"),
    ("fetch 10 ms", "fetch a page that is answered after so long"),
    ("load n · store n", "copy a cell into the job's register, or the register into the cell"),
    ("add 1", "add to the register"),
    ("call", "a function that does nothing: threads under a GIL may switch here"),
    ("lock a · unlock a", "wait for a lock and take it, or give it back"),
    ("queue box 3", "a line of its own: the queue holds so many, else one"),
    ("put box · take box", "put the register into a queue, or take something out; both wait while they cannot"),
    ("repeat 10 { … }", "do steps again and again"),
    ("yield", "give others a turn"),
];

/// In Chinese.
pub const STEPS_ZH: Steps = [
    ("2 x …", "这样的任务有几个"),
    ("compute 200000", "数出某个数以内的质数"),
    ("wait 10 ms", "让时间过去"),
    ("fetch 10 ms", "抓取一张延迟应答的网页"),
    ("load n · store n", "把单元读进任务的寄存器，或把寄存器写回单元"),
    ("add 1", "给寄存器加上一个数"),
    ("call", "调用一个什么也不做的函数：有 GIL 的线程可以在这里切换"),
    ("lock a · unlock a", "等到锁空闲后拿住，或归还"),
    ("queue box 3", "单独一行：队列的容量，不写则为一"),
    ("put box · take box", "把寄存器放进队列，或从中取出；做不到时就等"),
    ("repeat 10 { … }", "反复执行这些步骤"),
    ("yield", "让出一次"),
];

/// What is wrong with them, and where, in Chinese.
pub fn script_error(error: &ScriptError) -> String {
    let problem = match &error.problem {
        Problem::NoJob => "还没有任务".into(),
        Problem::UnknownStep(word) => format!("没有名为“{word}”的步骤"),
        Problem::Expected(expected, found) => {
            let expected = match expected {
                Expected::Step => "一个步骤",
                Expected::Number => "一个整数",
                Expected::Name => "一个名字",
                Expected::Semicolon => "分号",
                Expected::OpeningBrace => "左花括号",
                Expected::ClosingBrace => "右花括号",
            };
            if found.is_empty() {
                format!("这里缺{expected}")
            } else {
                format!("这里应当是{expected}，而不是“{found}”")
            }
        }
        Problem::QueueTwice(name) => format!("队列“{name}”已经说明过了"),
        Problem::OutOfLimits { limit, value } => {
            let name = match limit {
                Limit::Bytes => "文字的字节数",
                Limit::Jobs => "任务数",
                Limit::Below => "要数到的数",
                Limit::Millis => "毫秒数",
                Limit::Amount => "加数",
                Limit::Times => "重复次数",
                Limit::Capacity => "队列容量",
                Limit::Depth => "重复的嵌套层数",
                Limit::Names => "不同名字的个数",
                Limit::NameLength => "名字的长度",
                Limit::StepsInAll => "步骤总数",
                Limit::ComputedInAll => "要数的数的总和",
                Limit::MillisInAll => "一个任务等待的总毫秒数",
            };
            let (least, most) = limit.range();
            format!("{name} {value} 超出了 {least} 到 {most} 的范围")
        }
    };
    format!("第 {} 行第 {} 个字符：{problem}", error.line, error.column)
}
