//! The work-stealing pool: rayon's, on the workers of `wasm-bindgen-rayon`.
//!
//! Its number of threads belongs to the life of this memory: another number means another engine.

use std::sync::Arc;

use futures_channel::oneshot;
use models::{Job, Lane, Shared};
use protocol::trace::{Failure, LaneKind, State};
use wasm_bindgen::prelude::*;

use crate::host::WebHost;
use crate::thread_lane::ThreadLane;

// Set by `pool.js` before it starts the instance.
#[wasm_bindgen(js_namespace = interleaveEngine)]
extern "C" {
    /// Tells this thread's script that the trap which follows is meant.
    #[wasm_bindgen(js_name = endThread)]
    fn end_thread();
}

/// Ends the pool's threads. Rayon's never return, and a browser takes two seconds to end a worker that is inside wasm;
/// so each leaves wasm by a trap, which its script expects and answers by closing its worker.
pub fn end() {
    rayon::spawn_broadcast(|_| {
        end_thread();
        std::process::abort();
    });
}

/// Runs the jobs on the pool.
pub async fn fork_join(
    threads: u32,
    jobs: Arc<[Job]>,
    shared: &Shared,
    epoch_millis: f64,
    host: &WebHost,
) -> Result<Vec<u64>, Failure> {
    let in_pool = rayon::current_num_threads();
    if in_pool != threads as usize {
        return Err(Failure::BadRequest {
            message: format!("this engine's pool has {in_pool} threads, not {threads}"),
        });
    }
    let rows: Vec<_> = (1..=threads).map(|number| host.log.open(LaneKind::Thread, number)).collect();
    let lane_of = {
        let (rows, log, stop, done) = (rows.clone(), host.log.clone(), host.stop.clone(), host.done.clone());
        move |thread: usize| ThreadLane::new(epoch_millis, rows[thread].clone(), &log, &stop, &done)
    };
    let shared = shared.clone();
    let (answer, answered) = oneshot::channel();
    rayon::spawn(move || {
        for thread in 0..rows.len() {
            let lane = lane_of(thread);
            lane.row().enter(State::Idle, None, lane.now_nanos());
        }
        // The receiver is gone only if the run has been given up.
        let _ = answer.send(models::catch_panics(|| models::fork_join(&jobs, &shared, lane_of)));
    });
    answered.await.unwrap_or_else(|_| {
        Err(Failure::WorkerDied { worker: "the pool".into(), message: "it gave up its answer".into() })
    })
}
