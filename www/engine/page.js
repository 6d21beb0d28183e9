// The plain flavour on the page itself: event loops that run there, and greenlets.
import { turn } from "./turn.js";
import { instantiate } from "./plain.js";

export async function start(module, send) {
  const canSuspend = "Suspending" in WebAssembly && "promising" in WebAssembly;
  const engine = await instantiate(module, { turn });
  engine.startPage(send);
  return {
    receive: (bytes) => engine.receive(bytes),
    // Two greenlets at once; resolves to what they did, in order.
    async greenlets() {
      if (!canSuspend) throw new Error("this browser cannot suspend wasm calls (no WebAssembly.Suspending)");
      await Promise.all([engine.greenlet("first"), engine.greenlet("second")]);
      return engine.takeGreenletLog();
    },
  };
}
