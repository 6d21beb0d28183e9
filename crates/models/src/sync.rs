//! The locks under conditions, signals and the GIL. In this crate's unit tests they are `shuttle`'s, which tries one
//! order of events after another; everywhere else, in the tests under `tests/` too, they are std's. A unit test that needs
//! real threads or virtual time therefore belongs into `tests/`.

#[cfg(test)]
pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard, atomic};
#[cfg(not(test))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic};
