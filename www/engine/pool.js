// A thread of the work-stealing pool. It speaks wasm-bindgen-rayon's protocol in place of that crate's own script, for it
// holds a lock and passes on its errors, as every worker here does, and it has an end; once inside wasm it can do neither.
import { passOnErrors } from "./errors.js";
import { holdLock } from "./lock.js";

passOnErrors((text) => postMessage({ kind: "error", text }));

async function begin({ data: { module, memory, receiver } }) {
  await holdLock(name);
  let isMeant = false;
  globalThis.interleaveEngine = {
    endThread: () => (isMeant = true),
    requestPage: (number, page, millis) => postMessage({ kind: "fetch", number, page, millis }),
  };
  // Only now: with it comes the crate's script, which would begin as well if it saw the message.
  const { default: instantiate } = await import("./threads/engine.js");
  const wasm = await instantiate({ module_or_path: module, memory });
  postMessage({ type: "wasm_bindgen_worker_ready" });
  try {
    // Not through the glue: at a trap it marks the whole memory as broken, for the other threads too.
    wasm.wbg_rayon_start_worker(receiver);
  } catch (error) {
    if (!isMeant) throw error;
  }
  close();
}

addEventListener("message", begin, { once: true });
