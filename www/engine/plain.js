// Starts an instance of the plain flavour. Its glue names `WebAssembly.Suspending`, which greenlets need, as soon as it
// is instantiated; a browser without it runs everything else, so it is given one that passes functions through.
import init, * as engine from "./plain/engine.js";
import { begin, stacks } from "./stacks.js";

export async function instantiate(module, host) {
  WebAssembly.Suspending ??= function (suspends) {
    return suspends;
  };
  globalThis.interleaveEngine = { ...host, ...stacks };
  await init({ module_or_path: module });
  begin(engine);
  return engine;
}
