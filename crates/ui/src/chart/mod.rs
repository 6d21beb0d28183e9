//! Charts: pure functions from measured times to lines and areas. Nothing here knows the browser.

mod axis;
mod lanes;
mod marks;
mod slider;

pub use axis::Axis;
pub use lanes::shape;
pub use marks::{DRAWN, REACH, glyph, marks};
pub use slider::{STEPS, step_from_value, value_from_step};
