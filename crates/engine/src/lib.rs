//! The wasm module that lives in workers and on the page's loop: Host for the web.
