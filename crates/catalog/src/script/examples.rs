//! Texts to begin with.

use crate::Text;

/// What each is about, and the text.
pub const EXAMPLES: [(Text, &str); 3] = [
    (
        Text { en: "two jobs and a lock", zh: "两个任务一把锁" },
        "# each adds to one cell while it holds a lock\n2 x repeat 200 { lock a; load n; call; add 1; store n; unlock a }",
    ),
    (
        Text { en: "producer and consumer", zh: "生产者与消费者" },
        "queue box 2\nrepeat 20 { compute 20000; add 1; put box }\nrepeat 20 { take box; wait 5 ms }",
    ),
    (
        Text { en: "deadlock", zh: "死锁" },
        "lock a; wait 20 ms; lock b; unlock b; unlock a\nlock b; wait 20 ms; lock a; unlock a; unlock b",
    ),
];
