//! The work itself: pure, resumable, with known answers.
