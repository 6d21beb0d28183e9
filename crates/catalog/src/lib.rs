//! What can be run: workloads, models, parameters with limits, and what each needs.
