//! The page driven as a person would, in Chromium, Firefox and WebKit.
//!
//! ```text
//!  a case ──▶ Page ──▶ Session ──▶ Client ──HTTP──▶ driver ──▶ browser
//!     │                   └──▶ Driver (process group, own temporary folder, guard)      │
//!     └──▶ Site (files, headers, faults) ◀──────────────────HTTP────────────────────────┘
//! ```
//!
//! The same parts drive the cases (`tests/browser/`) and the commands `run`, `screenshots` and `soak`.

pub mod browser;
pub mod client;
pub mod driver;
pub mod error;
pub mod expected;
pub mod memory;
pub mod page;
pub mod report;
pub mod request;
pub mod server;
pub mod session;
pub mod table;
pub mod trend;
