// A process: a worker with a memory of its own. It answers one message after another until it is told to end.
import { passOnErrors, describe } from "./errors.js";
import { holdLock } from "./lock.js";
import { turn } from "./turn.js";
import { instantiate } from "./plain.js";

passOnErrors((text) => postMessage({ kind: "error", text }));

const locked = holdLock(name);
let engine; // a promise from the first message on

async function answer(body) {
  const bytes = await (await engine).runProcess(body);
  await locked;
  postMessage({ kind: "reply", bytes }, [bytes.buffer]);
}

const failed = (error) => postMessage({ kind: "failed", text: describe(error) });

addEventListener("message", ({ data }) => {
  if (data.kind === "begin") {
    engine = instantiate(data.module, {
      turn,
      jobsDone: (jobsDone) => postMessage({ kind: "progress", jobsDone }),
      deadlocked: (waits) => postMessage({ kind: "deadlock", waits }),
    });
    engine.catch(failed);
  } else if (data.kind === "body") answer(data.body).catch(failed);
  else if (data.kind === "stop") engine.then((engine) => engine.stopProcess(), () => {});
  else if (data.kind === "end") close();
});
