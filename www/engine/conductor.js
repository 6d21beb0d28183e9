// The engine's outermost worker. It starts all others and never blocks.
import { passOnErrors, describe } from "./errors.js";
import { holdLock } from "./lock.js";
import { turn } from "./turn.js";

const report = (text) => postMessage({ kind: "error", text });
passOnErrors(report);

// Every worker that is started from here is known here, those of wasm-bindgen-rayon included.
const children = new Set();
let ending = false;
globalThis.Worker = class extends Worker {
  constructor(url, options) {
    super(url, options);
    children.add(this);
    this.addEventListener("error", (event) => {
      event.preventDefault();
      if (!ending) report(`${options?.name ?? "a thread of the pool"}: ${event.message ?? "its script cannot be loaded"}`);
    });
  }
  terminate() {
    children.delete(this);
    super.terminate();
  }
};

let engine;
let start; // what the page said at first
const processes = new Map();

function startProcess(key, body) {
  const name = `interleave process ${key}`;
  const process = new Worker(new URL("process.js", import.meta.url), { type: "module", name });
  processes.set(key, process);
  const died = (message) => {
    process.terminate();
    if (processes.delete(key)) engine.processDied(key, message);
  };
  process.onmessage = ({ data }) => {
    if (data.kind === "error") report(`${name}: ${data.text}`);
    else if (data.kind === "progress") engine.processProgress(key, data.jobsDone);
    else if (data.kind === "failed") died(data.text);
    else if (data.kind === "reply") {
      children.delete(process);
      if (processes.delete(key)) engine.processReplied(key, data.bytes);
    }
  };
  process.onmessageerror = () => died("its message cannot be read");
  process.addEventListener("error", ({ message }) => died(message ?? "its script cannot be loaded"));
  process.postMessage({ lock: `${start.locks}/process-${key}`, module: start.plain, body }, [body.buffer]);
}

function endProcess(key) {
  processes.get(key)?.terminate();
  processes.delete(key);
}

let threads = 0;
function startThread() {
  threads += 1;
  const name = `interleave thread ${threads}`;
  const thread = new Worker(new URL("thread.js", import.meta.url), { type: "module", name });
  thread.onmessage = ({ data }) => {
    if (data.kind === "error") report(`${name}: ${data.text}`);
    else if (data.kind === "start-thread") startThread();
  };
  thread.postMessage({ lock: `${start.locks}/thread-${threads}`, module: start.threads, memory: start.memory });
}

async function begin(message) {
  start = { ...message, locks: `interleave/${message.engineId}` };
  await holdLock(`${start.locks}/conductor`);
  globalThis.interleaveEngine = {
    turn,
    startProcess,
    endProcess,
    stopProcess: (key) => processes.get(key)?.postMessage({ kind: "stop" }),
    startThread,
  };
  if (start.flavour === "threads") {
    engine = await import("./threads/engine.js");
    start.memory = (await engine.default({ module_or_path: start.threads })).memory;
    await engine.initThreadPool(start.poolThreads);
    engine.holdPoolLocks(start.locks);
    engine.fillReservoir(start.reservoir);
  } else {
    const { instantiate } = await import("./plain.js");
    engine = await instantiate(start.plain, globalThis.interleaveEngine);
  }
  engine.startConductor((bytes) => postMessage({ kind: "message", bytes }, [bytes.buffer]));
}

// Threads that can return to their scripts are given a moment to do so: that is faster than being terminated.
function end() {
  ending = true;
  engine?.endEngine();
  setTimeout(() => {
    for (const child of children) child.terminate();
    close();
  }, 30);
}

addEventListener("message", ({ data }) => {
  if (data.kind === "init") begin(data).catch((error) => reportError(new Error(describe(error))));
  else if (data.kind === "message") engine.receive(data.bytes);
  else if (data.kind === "close") end();
});
