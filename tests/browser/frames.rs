//! Whether the page stays smooth while both cores are busy.

use crate::{
    answers::assert_right,
    answers::primes,
    bench::{Bench, Case, SHARING},
};
use tests::{error::Result, expected::primes_below};

pub const CASES: &[Case] = &[Case::new("frames::the_longest_gap_is_short", SHARING, the_longest_gap_is_short)];

/// The longest time between two frames that we allow while every core computes.
const ALLOWED_MILLIS: f64 = 50.0;

fn the_longest_gap_is_short(bench: &Bench) -> Result<()> {
    let page = bench.project()?;
    let mut work = primes(&["work-stealing"], "&lanes=2");
    work.link = work.link.replace("size=100000", "size=2000000");
    work.answer = 4 * primes_below(2_000_000) as u64;
    let mut gaps = Vec::new();
    for _ in 0..3 {
        let report = page.run(&work.link)?;
        assert_right(report.of("work-stealing"), &work);
        gaps.push(report.longest_frame_gap_millis.expect("a page that is shown draws frames"));
    }
    gaps.sort_by(f64::total_cmp);
    println!("longest frame gap with both cores busy, {}: {gaps:.1?} ms", bench.session().kind.name());
    // Whatever else this machine does can lengthen a gap and never shorten it, so the best run says what the page does.
    assert!(gaps[0] < ALLOWED_MILLIS, "the longest gaps of three runs were {gaps:.1?} ms");
    Ok(())
}
