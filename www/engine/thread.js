// A thread: a worker on the engine's memory. It waits inside wasm for something to do until the engine ends.
import { passOnErrors } from "./errors.js";
import { holdLock } from "./lock.js";
import * as engine from "./threads/engine.js";

passOnErrors((text) => postMessage({ kind: "error", text }));

addEventListener("message", async ({ data: { module, memory } }) => {
  await holdLock(name);
  // A thread that blocks cannot start workers, but its messages leave at once.
  globalThis.interleaveEngine = {
    startThread: () => postMessage({ kind: "start-thread" }),
    requestPage: (number, page, millis) => postMessage({ kind: "fetch", number, page, millis }),
  };
  const wasm = engine.initSync({ module, memory });
  postMessage({ kind: "parked" });
  engine.threadMain();
  wasm.__wbindgen_thread_destroy();
  close();
});
