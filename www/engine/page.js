// The plain flavour on the page itself: event loops that run there, and greenlets.
import { turn } from "./turn.js";
import { instantiate } from "./plain.js";

export async function start(module, send) {
  const engine = await instantiate(module, { turn });
  engine.startPage(send);
  return {
    receive: (bytes) => engine.receive(bytes),
    greenlets: () => engine.greenlets(),
  };
}
