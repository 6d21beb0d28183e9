// The plain flavour on the page itself: event loops that run there, and greenlets.
import { fetchPage, handOver } from "./pages.js";
import { turn } from "./turn.js";
import { instantiate } from "./plain.js";

export async function start(module, send) {
  const requestPage = async (number, page, millis) => handOver(engine, number, await fetchPage(page, millis));
  const engine = await instantiate(module, { turn, requestPage });
  engine.startPage(send);
  return {
    receive: (bytes) => engine.receive(bytes),
    greenlets: () => engine.greenlets(),
  };
}
