//! The rows of work that fetches pages.

use super::rows::{JOBS, LANES, logarithmic};
use super::{Group, Param, Workload, WorkloadId};
use crate::Text;

/// Jobs that do nothing else.
pub(super) const FETCH: Workload = Workload {
    id: WorkloadId::Fetch,
    slug: "fetch",
    name: Text { en: "fetching pages", zh: "抓取网页" },
    summary: Text {
        en: "Each job fetches pages, one after another. The page's own service worker answers each after a delay; where \
             there is none, timers stand in.",
        zh: "每个任务逐个抓取几张网页。应答来自本站的 Service Worker，每次都延迟一段时间；没有它时用定时器代替。",
    },
    group: Group::Wait,
    shares: false,
    simple_steps: false,
    lanes: LANES,
    params: &[
        Param { max: 200, default: 8, ..JOBS },
        logarithmic("pages", Text { en: "pages each", zh: "每个抓取几张" }, (1, 50), 3),
        Param {
            unit: "ms", ..logarithmic("millis", Text { en: "answered after", zh: "应答延迟" }, (1, 2_000), 100)
        },
    ],
};

/// Jobs that compute on what they have fetched.
pub(super) const FETCH_PARSE: Workload = Workload {
    id: WorkloadId::FetchParse,
    slug: "fetch-parse",
    name: Text { en: "fetching and parsing", zh: "抓取并解析" },
    summary: Text {
        en: "Each job fetches a page, which the page's own service worker answers after a delay, and then parses it again \
             and again.",
        zh: "每个任务先抓取一张网页（由本站的 Service Worker 延迟应答），再反复解析它的内容。",
    },
    group: Group::Mixed,
    shares: false,
    simple_steps: false,
    lanes: LANES,
    params: &[
        Param { default: 8, ..JOBS },
        Param {
            unit: "ms", ..logarithmic("millis", Text { en: "answered after", zh: "应答延迟" }, (1, 2_000), 100)
        },
        logarithmic("times", Text { en: "parsed, times", zh: "解析次数" }, (1, 100_000), 5_000),
    ],
};
