// A process: a worker with a memory of its own. It answers one message and ends.
import { passOnErrors, describe } from "./errors.js";
import { holdLock } from "./lock.js";
import { turn } from "./turn.js";
import { instantiate } from "./plain.js";

passOnErrors((text) => postMessage({ kind: "error", text }));

let engine;
let stopped = false;

async function run({ module, body }) {
  const locked = holdLock(name);
  engine = await instantiate(module, { turn, jobsDone: (jobsDone) => postMessage({ kind: "progress", jobsDone }) });
  if (stopped) engine.stopProcess();
  const bytes = await engine.runProcess(body);
  await locked;
  postMessage({ kind: "reply", bytes }, [bytes.buffer]);
}

addEventListener("message", ({ data }) => {
  if (data.kind === "stop") {
    stopped = true;
    engine?.stopProcess();
  } else {
    run(data)
      .catch((error) => postMessage({ kind: "failed", text: describe(error) }))
      .finally(close);
  }
});
