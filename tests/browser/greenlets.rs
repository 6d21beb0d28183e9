//! Two stacks that switch in ordinary calls, where the browser can suspend wasm.

use crate::bench::{Bench, Case, SHARING};
use tests::{browser::Browser, error::Result};

pub const CASES: &[Case] = &[Case::new("greenlets::two_take_turns", SHARING, two_take_turns)];

fn two_take_turns(bench: &Bench) -> Result<()> {
    let (_server, page) = bench.project()?;
    let greenlets = page.greenlets()?;
    if bench.browser() == Browser::WebKit {
        assert!(!greenlets.available, "{greenlets:?}");
        assert!(greenlets.reason.is_some_and(|reason| !reason.is_empty()), "unavailable without a reason");
        return Ok(());
    }
    assert!(greenlets.available, "{greenlets:?}");
    let log = greenlets.log.unwrap_or_default();
    // Whoever spoke last has switched to the other: no greenlet speaks twice in a row, and both end.
    let speakers: Vec<char> = log.iter().filter_map(|line| line.chars().find(|c| *c == 'A' || *c == 'B')).collect();
    assert!(speakers.len() >= 4, "{log:?}");
    assert!(speakers.windows(2).all(|pair| pair[0] != pair[1]), "{log:?}");
    assert!(page.environment()?.jspi);
    Ok(())
}
