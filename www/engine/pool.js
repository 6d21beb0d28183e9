// A thread of the work-stealing pool: wasm-bindgen-rayon's own worker, which importing the engine sets up to wait for a
// message. It gets the message only after it holds a lock and passes on its errors, as every worker here does; once it is
// inside wasm it could do neither.
import { passOnErrors } from "./errors.js";
import { holdLock } from "./lock.js";

passOnErrors((text) => postMessage({ kind: "error", text }));

async function begin({ data: { module, memory, ...rest } }) {
  await holdLock(name);
  await import("./threads/engine.js");
  // In one object, as today's glue wants its parameters; wasm-bindgen-rayon hands them on one by one.
  const data = { ...rest, module: { module_or_path: module, memory } };
  dispatchEvent(new MessageEvent("message", { data }));
}

addEventListener("message", begin, { once: true });
