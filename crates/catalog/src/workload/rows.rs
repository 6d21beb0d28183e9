//! The table of workloads.

use super::{Group, Param, Scale, Workload, WorkloadId, custom, pages};
use crate::{LaneChoice, Text};

pub(super) const JOBS: Param = Param {
    slug: "jobs",
    name: Text { en: "jobs", zh: "任务数" },
    unit: "",
    min: 1,
    max: 64,
    default: 4,
    scale: Scale::Linear,
};

/// How many lanes a model with a fixed number of them gets, unless the work is about another number.
pub(super) const LANES: LaneChoice = LaneChoice::Automatic;

/// A plain number whose slider multiplies, with its limits and its default.
pub(super) const fn logarithmic(slug: &'static str, name: Text, (min, max): (u64, u64), default: u64) -> Param {
    Param { slug, name, unit: "", min, max, default, scale: Scale::Logarithmic }
}

/// How often each job adds one to a shared counter.
const ADDITIONS: Param = logarithmic("times", Text { en: "additions each", zh: "每个加几次" }, (1, 100_000), 20_000);

const PHILOSOPHERS: Param = Param {
    slug: "jobs",
    name: Text { en: "philosophers", zh: "哲学家" },
    unit: "",
    min: 2,
    max: 64,
    default: 5,
    scale: Scale::Linear,
};

/// Every workload, in the order in which the page lists them.
pub const WORKLOADS: &[Workload] = &[
    Workload {
        id: WorkloadId::Primes,
        slug: "primes",
        name: Text { en: "prime counting", zh: "数质数" },
        summary: Text {
            en: "Each job counts the primes below a number by trial division.",
            zh: "每个任务用试除法数出某个数以内有多少个质数。",
        },
        group: Group::Compute,
        shares: false,
        simple_steps: false,
        lanes: LANES,
        params: &[JOBS, logarithmic("size", Text { en: "count up to", zh: "数到" }, (1_000, 10_000_000), 1_000_000)],
    },
    Workload {
        id: WorkloadId::Loop,
        slug: "loop",
        name: Text { en: "arithmetic loop", zh: "算术循环" },
        summary: Text {
            en: "Each job adds up i² + i mod 7 − ⌊i/9⌋³, the loop that tutorials time.",
            zh: "每个任务累加 i² + i mod 7 − ⌊i/9⌋³，就是教程里用来计时的那个循环。",
        },
        group: Group::Compute,
        shares: false,
        simple_steps: false,
        lanes: LANES,
        params: &[
            JOBS,
            logarithmic("rounds", Text { en: "rounds", zh: "循环次数" }, (10_000, 400_000_000), 30_000_000),
        ],
    },
    Workload {
        id: WorkloadId::Mandelbrot,
        slug: "mandelbrot",
        name: Text { en: "Mandelbrot set", zh: "曼德博集合" },
        summary: Text {
            en: "The jobs share the rows of one picture; those through the middle take longest.",
            zh: "各任务分担同一幅图的行；靠中间的几行最费时。",
        },
        group: Group::Compute,
        shares: false,
        simple_steps: false,
        lanes: LANES,
        params: &[
            JOBS,
            Param {
                unit: "px", ..logarithmic("size", Text { en: "picture side", zh: "图像边长" }, (16, 2_000), 800)
            },
            logarithmic("iterations", Text { en: "iterations at most", zh: "最多迭代" }, (10, 5_000), 1_000),
        ],
    },
    Workload {
        id: WorkloadId::Matrix,
        slug: "matrix",
        name: Text { en: "matrix product", zh: "矩阵乘法" },
        summary: Text {
            en: "Each job multiplies two square matrices of small whole numbers.",
            zh: "每个任务把两个由小整数组成的方阵相乘。",
        },
        group: Group::Compute,
        shares: false,
        simple_steps: false,
        lanes: LANES,
        params: &[
            // Each job holds one of its matrices, eight megabytes at most, and all of them share what memory there is.
            Param { max: 32, ..JOBS },
            logarithmic("size", Text { en: "rows and columns", zh: "行数和列数" }, (4, 1_024), 720),
        ],
    },
    Workload {
        id: WorkloadId::Queens,
        slug: "queens",
        name: Text { en: "N queens", zh: "N 皇后" },
        summary: Text {
            en: "The jobs share the squares of the first row and count the ways to place the other queens.",
            zh: "各任务分担第一行的格子，数出其余皇后有多少种摆法。",
        },
        group: Group::Compute,
        shares: false,
        simple_steps: false,
        lanes: LANES,
        params: &[
            Param { max: 16, ..JOBS },
            Param {
                slug: "queens",
                name: Text { en: "queens", zh: "皇后数" },
                unit: "",
                min: 4,
                max: 16,
                default: 14,
                scale: Scale::Linear,
            },
        ],
    },
    Workload {
        id: WorkloadId::Sha256,
        slug: "sha256",
        name: Text { en: "SHA-256", zh: "SHA-256 哈希" },
        summary: Text {
            en: "Each job hashes a message, then the hash, and so on.",
            zh: "每个任务先求一条消息的哈希，再求这个哈希的哈希，依此类推。",
        },
        group: Group::Compute,
        shares: false,
        simple_steps: false,
        lanes: LANES,
        params: &[JOBS, logarithmic("hashes", Text { en: "hashes", zh: "哈希次数" }, (100, 2_000_000), 250_000)],
    },
    Workload {
        id: WorkloadId::Sorting,
        slug: "sorting",
        name: Text { en: "sorting", zh: "排序" },
        summary: Text {
            en: "Each job sorts random numbers of its own by merging them.",
            zh: "每个任务用归并法给自己的一批随机数排序。",
        },
        group: Group::Compute,
        shares: false,
        simple_steps: false,
        lanes: LANES,
        params: &[
            // Each job holds its numbers twice, sixteen megabytes at most, and all of them share what memory there is.
            Param { max: 16, ..JOBS },
            logarithmic("size", Text { en: "numbers", zh: "数的个数" }, (100, 2_000_000), 600_000),
        ],
    },
    Workload {
        id: WorkloadId::Pi,
        slug: "pi",
        name: Text { en: "Monte-Carlo π", zh: "蒙特卡洛求 π" },
        summary: Text {
            en: "Each job throws random points at a square and counts those within a quarter of a circle.",
            zh: "每个任务向正方形里随机投点，数出落在四分之一圆内的有多少。",
        },
        group: Group::Compute,
        shares: false,
        simple_steps: false,
        lanes: LANES,
        params: &[JOBS, logarithmic("points", Text { en: "points", zh: "点数" }, (1_000, 40_000_000), 20_000_000)],
    },
    Workload {
        id: WorkloadId::Sleeping,
        slug: "sleeping",
        name: Text { en: "sleeping", zh: "睡眠" },
        summary: Text {
            en: "Each job waits for a while and computes nothing.",
            zh: "每个任务只是等待一段时间，什么也不算。",
        },
        group: Group::Wait,
        shares: false,
        simple_steps: false,
        lanes: LANES,
        params: &[
            Param { max: 100_000, scale: Scale::Logarithmic, ..JOBS },
            Param {
                unit: "ms", ..logarithmic("millis", Text { en: "each sleeps", zh: "每个睡" }, (1, 10_000), 200)
            },
        ],
    },
    Workload {
        id: WorkloadId::Users,
        slug: "users",
        name: Text { en: "many users", zh: "众多用户" },
        summary: Text {
            en: "Each job is a user who waits for an answer: a second in the tutorials, less here.",
            zh: "每个任务是一位等待应答的用户：教程里等一秒，这里缩短了。",
        },
        group: Group::Wait,
        shares: false,
        simple_steps: false,
        // As the tutorials have it: many users, ten threads.
        lanes: LaneChoice::Fixed(10),
        params: &[
            Param {
                name: Text { en: "users", zh: "用户数" },
                max: 10_000,
                default: 100,
                scale: Scale::Logarithmic,
                ..JOBS
            },
            Param {
                unit: "ms", ..logarithmic("millis", Text { en: "each waits", zh: "每位等待" }, (1, 1_000), 50)
            },
        ],
    },
    pages::FETCH,
    pages::FETCH_PARSE,
    Workload {
        id: WorkloadId::Integral,
        slug: "integral",
        name: Text { en: "integral with input and output", zh: "读取、积分、写出" },
        summary: Text {
            en: "Each job waits for its input, finds the area under a curve, and waits until its output is written.",
            zh: "每个任务先等输入读完，再求一条曲线下的面积，最后等结果写出。",
        },
        group: Group::Mixed,
        shares: false,
        simple_steps: false,
        lanes: LANES,
        params: &[
            JOBS,
            logarithmic("slices", Text { en: "rectangles", zh: "矩形个数" }, (10_000, 100_000_000), 30_000_000),
            Param { unit: "ms", ..logarithmic("millis", Text { en: "each wait", zh: "每次等待" }, (1, 400), 30) },
        ],
    },
    Workload {
        id: WorkloadId::Echoes,
        slug: "echoes",
        name: Text { en: "echoes beside computing", zh: "边应答边计算" },
        summary: Text {
            en: "The first job waits a moment and does a little, again and again; the others compute all the time.",
            zh: "第一个任务反复地等一会儿、做一点点；其余任务一直在计算。",
        },
        group: Group::Mixed,
        shares: false,
        simple_steps: true,
        lanes: LANES,
        params: &[
            Param { min: 2, default: 2, ..JOBS },
            logarithmic("trips", Text { en: "round trips", zh: "往返次数" }, (1, 10_000), 100),
            logarithmic("size", Text { en: "others count up to", zh: "其余任务数到" }, (1_000, 10_000_000), 1_000_000),
        ],
    },
    Workload {
        id: WorkloadId::Counter,
        slug: "counter",
        name: Text { en: "shared counter", zh: "共享计数器" },
        summary: Text {
            en: "Every job reads one shared counter, adds one and writes it back, without a lock.",
            zh: "每个任务都读出同一个计数器，加一再写回，不用锁。",
        },
        group: Group::Coordination,
        shares: true,
        simple_steps: true,
        lanes: LANES,
        params: &[JOBS, ADDITIONS],
    },
    Workload {
        id: WorkloadId::CounterCall,
        slug: "counter-call",
        name: Text { en: "shared counter, with a call", zh: "共享计数器（中间有调用）" },
        summary: Text {
            en: "As the shared counter, with a function call between reading and writing.",
            zh: "与共享计数器相同，但在读和写之间调用一次函数。",
        },
        group: Group::Coordination,
        shares: true,
        simple_steps: true,
        lanes: LANES,
        params: &[JOBS, ADDITIONS],
    },
    Workload {
        id: WorkloadId::CounterAwait,
        slug: "counter-await",
        name: Text { en: "shared counter, with an await", zh: "共享计数器（中间有 await）" },
        summary: Text {
            en: "As the shared counter, with a pause between reading and writing in which other coroutines run.",
            zh: "与共享计数器相同，但在读和写之间让出一次，别的协程会趁机运行。",
        },
        group: Group::Coordination,
        shares: true,
        simple_steps: true,
        lanes: LANES,
        params: &[JOBS, ADDITIONS],
    },
    Workload {
        id: WorkloadId::CounterLock,
        slug: "counter-lock",
        name: Text { en: "shared counter, under a lock", zh: "共享计数器（加锁）" },
        summary: Text {
            en: "As the shared counter, but a job holds a lock while it reads, adds and writes.",
            zh: "与共享计数器相同，但读、加、写的全过程都持有锁。",
        },
        group: Group::Coordination,
        shares: true,
        simple_steps: true,
        lanes: LANES,
        params: &[JOBS, ADDITIONS],
    },
    Workload {
        id: WorkloadId::Buffer,
        slug: "buffer",
        name: Text { en: "bounded buffer", zh: "有界缓冲区" },
        summary: Text {
            en: "Half of the jobs put numbers into a queue of limited size, the other half take them out.",
            zh: "一半任务往容量有限的队列里放数，另一半从中取数。",
        },
        group: Group::Coordination,
        shares: true,
        simple_steps: true,
        lanes: LANES,
        params: &[
            Param { min: 2, ..JOBS },
            logarithmic("items", Text { en: "numbers for each pair", zh: "每对传递的个数" }, (1, 10_000), 200),
            logarithmic("capacity", Text { en: "queue holds", zh: "队列容量" }, (1, 1_000), 4),
        ],
    },
    Workload {
        id: WorkloadId::Philosophers,
        slug: "philosophers",
        name: Text { en: "dining philosophers", zh: "哲学家就餐" },
        summary: Text {
            en: "Each job takes the fork on its left, thinks, and then takes the one on its right. Soon nobody can go on.",
            zh: "每个任务先拿左边的叉子，想一想，再拿右边的。很快谁都走不下去。",
        },
        group: Group::Coordination,
        shares: true,
        simple_steps: true,
        lanes: LANES,
        params: &[PHILOSOPHERS, logarithmic("meals", Text { en: "meals each", zh: "每人用餐次数" }, (1, 1_000), 10)],
    },
    Workload {
        id: WorkloadId::PhilosophersOrdered,
        slug: "philosophers-ordered",
        name: Text { en: "dining philosophers, in order", zh: "哲学家就餐（按序拿叉）" },
        summary: Text {
            en: "As the dining philosophers, but one of them takes the right fork first, so that somebody can always go on.",
            zh: "与哲学家就餐相同，但其中一位先拿右边的叉子，于是总有人能继续。",
        },
        group: Group::Coordination,
        shares: true,
        simple_steps: true,
        lanes: LANES,
        params: &[PHILOSOPHERS, logarithmic("meals", Text { en: "meals each", zh: "每人用餐次数" }, (1, 1_000), 10)],
    },
    Workload {
        id: WorkloadId::Nested,
        slug: "nested",
        name: Text { en: "jobs that hand in jobs", zh: "任务再提交任务" },
        summary: Text {
            en: "Each job hands a further one to whoever runs it and waits for the answer. A pool with as many jobs as threads \
                 waits for ever.",
            zh: "每个任务都向运行它的一方再提交一个任务，并等待结果。线程池里的任务和线程一样多时，会永远等下去。",
        },
        group: Group::Coordination,
        shares: true,
        simple_steps: false,
        // As many threads as jobs: one more, and the pool gets through.
        lanes: LaneChoice::Fixed(4),
        params: &[
            Param { max: 16, ..JOBS },
            logarithmic(
                "size",
                Text { en: "further jobs count up to", zh: "再提交的任务数到" },
                (1_000, 10_000_000),
                500_000,
            ),
        ],
    },
    custom::CUSTOM,
];
