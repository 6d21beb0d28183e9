//! Set-up, build, serve, test, bench, tidy.
fn main() {}
