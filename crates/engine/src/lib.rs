//! The wasm module that lives in workers and on the page's loop: Host for the web.
//!
//! Built twice from these sources. The *threads* flavour shares its memory between workers and holds the conductor of an
//! isolated page and its threads. The *plain* flavour has a memory per instance: processes, event loops in workers and
//! on the page, greenlets, and the conductor of a page that is not isolated. The scripts in `www/engine` start an
//! instance in its role and hand its messages over.

#[cfg(feature = "threads")]
mod allocator;
mod browser;
mod clock;
mod conductor;
mod golden;
#[cfg(not(feature = "threads"))]
mod greenlets;
mod host;
#[cfg(not(feature = "threads"))]
mod loop_bench;
mod loop_lane;
#[cfg(feature = "threads")]
mod measures;
mod pages;
#[cfg(feature = "threads")]
mod pool;
#[cfg(not(feature = "threads"))]
mod process;
mod processes;
mod runs;
#[cfg(not(feature = "threads"))]
mod stacks;
#[cfg(feature = "threads")]
mod thread_lane;
#[cfg(feature = "threads")]
mod threads;

// Named, so that the linker keeps what the conductor's script calls.
#[cfg(feature = "threads")]
pub use wasm_bindgen_rayon::init_thread_pool;

#[cfg(all(feature = "threads", target_arch = "wasm32", not(target_feature = "atomics")))]
compile_error!("the threads flavour needs shared memory: build it with `cargo xtask engine`, which sets the flags");

#[cfg(all(feature = "threads", target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: allocator::PerThread = allocator::PerThread;
