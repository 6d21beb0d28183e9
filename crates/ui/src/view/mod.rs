//! The page's parts: pure functions from the state to what is shown.

mod bars;
mod compose;
mod editor;
mod header;
mod lanes;
mod parameters;
mod repeats;
mod result;
mod settings;
mod status;
mod table;
mod work;

pub use compose::compose;
pub use header::{header, notice};
pub use result::result;
pub use status::{Sheet, controls};
