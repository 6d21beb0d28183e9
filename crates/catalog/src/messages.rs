//! How a message queue hands out its messages.

use serde::{Deserialize, Serialize};

use crate::{OutOfLimits, Param, Scale, Text};

/// How many messages a consumer may hold that it has not acknowledged. Celery's default is four for each process.
pub const PREFETCH: Param = Param {
    slug: "prefetch",
    name: Text { en: "messages a consumer holds", zh: "消费者预取数" },
    unit: "",
    min: 1,
    max: 64,
    default: 4,
    scale: Scale::Linear,
};

/// After how many jobs of its own the first consumer dies; nought for one that lives.
pub const DIES_AFTER: Param = Param {
    slug: "dies",
    name: Text {
        en: "jobs until the first consumer dies (0: never)", zh: "首个消费者做几个任务后死亡（0：不死）"
    },
    unit: "",
    min: 0,
    max: 64,
    default: 0,
    scale: Scale::Linear,
};

/// How a message queue hands out its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageSettings {
    /// How many messages a consumer may hold that it has not acknowledged.
    pub prefetch: u32,
    /// Whether a consumer acknowledges a message once its job is done, and not as soon as it begins.
    pub acknowledges_late: bool,
    /// After how many jobs of its own the first consumer dies; nought for one that lives.
    pub dies_after: u32,
}

impl MessageSettings {
    /// Whether the numbers are within their limits.
    pub(crate) fn check(self) -> Result<(), OutOfLimits> {
        PREFETCH.check(self.prefetch.into())?;
        DIES_AFTER.check(self.dies_after.into()).map(|_| ())
    }
}

impl Default for MessageSettings {
    /// Celery's.
    fn default() -> MessageSettings {
        MessageSettings {
            prefetch: PREFETCH.default as u32,
            acknowledges_late: false,
            dies_after: DIES_AFTER.default as u32,
        }
    }
}
