//! Two greenlets that switch inside ordinary calls, by JavaScript Promise Integration: the browser sets a whole wasm
//! stack aside while an import waits for a promise.
//!
//! A suspended greenlet's shadow stack is moved away, so nobody may hold a pointer to its locals: what greenlets share
//! lies on the heap.
#![expect(deprecated, reason = "wasm-bindgen marks JSPI as experimental by deprecating it")]

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

#[wasm_bindgen(js_namespace = interleaveEngine)]
extern "C" {
    /// Sets the calling greenlet aside until the other ones have had their turn.
    #[wasm_bindgen(suspending, js_name = turn)]
    fn switch();
}

fn note(name: &str, what: &str) {
    LOG.with_borrow_mut(|log| log.push(format!("{name} {what}")));
}

/// Not async, and three calls deep when it switches.
fn countdown(name: &str, left: u32) -> u32 {
    if left == 0 {
        note(name, "switches");
        switch();
        note(name, "goes on");
        return 0;
    }
    1 + countdown(name, left - 1)
}

/// The life of one greenlet; returns how deep it was.
#[wasm_bindgen(jspi, js_name = greenlet)]
pub fn greenlet(name: String) -> u32 {
    note(&name, "begins");
    let depth = countdown(&name, 3);
    note(&name, "ends");
    depth
}

/// What the greenlets did, in order; forgets it.
#[wasm_bindgen(js_name = takeGreenletLog)]
pub fn take_log() -> Vec<String> {
    LOG.take()
}
