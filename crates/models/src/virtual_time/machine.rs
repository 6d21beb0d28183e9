//! What a virtual machine is like.

/// What things cost on a virtual machine.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// From asking for a thread to its first instruction.
    pub thread_start_nanos: u64,
    /// From asking for a process to its first instruction.
    pub process_start_nanos: u64,
    /// Moving arguments or results between two memories.
    pub copy_nanos: u64,
    /// One attempt to take work from another thread's queue.
    pub steal_nanos: u64,
}

impl Default for Costs {
    /// About what a browser takes on a small machine.
    fn default() -> Costs {
        Costs { thread_start_nanos: 100_000, process_start_nanos: 25_000_000, copy_nanos: 50_000, steal_nanos: 500 }
    }
}

/// Who gets a core when more lanes compute than there are cores. It is asked at the end of each quantum of a lane that has
/// one; a lane that waits for something else has given its core back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Whoever has waited longest, once the lane that has the core has had it for so long.
    RoundRobin {
        /// How long a lane keeps a core that others wait for; a slice of nothing ends with the quantum.
        slice_nanos: u64,
    },
    /// Whoever has waited longest, once the lane that has the core waits for something else.
    RunToCompletion,
    /// The lane with the lowest number, even if it takes the core from another one.
    LowestNumberFirst,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy::RoundRobin { slice_nanos: 0 }
    }
}

/// A machine that need not exist.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// How many lanes compute at the same time.
    pub cores: u32,
    /// Who they are.
    pub policy: Policy,
    /// What things cost.
    pub costs: Costs,
}
