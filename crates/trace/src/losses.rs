//! What a run lost, or did twice, although it came to its end.

use serde::{Deserialize, Serialize};

/// What keeps a run from being an ordinary timing although its answer is accounted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Losses {
    /// By how much the answer falls short because updates of shared cells were overwritten.
    pub updates: u64,
    /// Jobs whose answers never came, because whoever had them was gone. The answer falls short by exactly theirs.
    pub jobs: u32,
    /// How often a job was begun that had been begun before. Its answer counts once.
    pub repeated: u32,
}

impl Losses {
    /// Whether nothing was lost and nothing done twice.
    pub fn are_none(self) -> bool {
        self == Losses::default()
    }
}
