//! Two stacks that switch in ordinary calls, where the browser can suspend wasm.

use crate::bench::{Bench, Case, SHARING};
use tests::{browser::Browser, error::Result};

pub const CASES: &[Case] = &[Case::new("greenlets::two_take_turns", SHARING, two_take_turns)];

fn two_take_turns(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let greenlets = page.greenlets()?;
    if bench.browser() == Browser::WebKit {
        assert!(!greenlets.available, "{greenlets:?}");
        assert!(greenlets.reason.is_some_and(|reason| !reason.is_empty()), "unavailable without a reason");
        return Ok(());
    }
    assert!(greenlets.available, "{greenlets:?}");
    // Each is set aside in the middle of a call, and goes on there after the other has had its turn.
    let expected = [
        "first begins",
        "first switches",
        "second begins",
        "second switches",
        "first goes on",
        "first ends",
        "second goes on",
        "second ends",
    ];
    assert_eq!(greenlets.log.unwrap_or_default(), expected);
    assert!(page.environment()?.jspi);
    Ok(())
}
