// A process: a worker with a memory of its own. It answers one message after another until it is told to end.
import { passOnErrors, describe } from "./errors.js";
import { holdLock } from "./lock.js";
import { fetchPage, handOver } from "./pages.js";
import { turn } from "./turn.js";
import { instantiate } from "./plain.js";

passOnErrors((text) => postMessage({ kind: "error", text }));

const locked = holdLock(name);
// Whoever waits for the same lock learns by it when this worker is gone, for whatever reason.
locked.then(() => postMessage({ kind: "alive" }));

let engine; // a promise from the first message on
let mailbox = Promise.resolve(); // settles when everything that has come so far is answered

async function answer(body) {
  const bytes = await (await engine).runProcess(body);
  await locked;
  postMessage({ kind: "reply", bytes }, [bytes.buffer]);
}

// Whoever waits for our lock learns of it; where there are no locks, it must be said.
function die() {
  if (!navigator.locks) postMessage({ kind: "failed", text: "it ended without a word" });
  close();
}

// WebKit lets the first requests of a worker past its service worker; those the conductor makes once more.
async function requestPage(number, page, millis) {
  const found = await fetchPage(page, millis);
  if (found.isOurs === false) postMessage({ kind: "page", number, page, millis });
  else handOver(await engine, number, found);
}

const failed = (error) => postMessage({ kind: "failed", text: describe(error) });

addEventListener("message", ({ data }) => {
  if (data.kind === "begin") {
    engine = instantiate(data.module, {
      turn,
      jobsDone: (jobsDone) => postMessage({ kind: "progress", jobsDone }),
      requestPage,
      deadlocked: (waits) => postMessage({ kind: "deadlock", waits }),
      began: (job) => postMessage({ kind: "began", job }),
      die: () => locked.then(die),
    });
    engine.catch(failed);
  } else if (data.kind === "body") mailbox = mailbox.then(() => answer(data.body)).catch(failed);
  else if (data.kind === "page") engine.then((engine) => handOver(engine, data.number, data.found));
  else if (data.kind === "stop") engine.then((engine) => engine.stopProcess(), () => {});
  else if (data.kind === "end") close();
});
