// The engine's outermost worker. It starts all others and never blocks.
import { passOnErrors, describe } from "./errors.js";
import { holdLock, whenGone } from "./lock.js";
import { fetchPage, handOver } from "./pages.js";
import { turn } from "./turn.js";

// What goes wrong after the end was asked for is a part of the end.
let ending = false;
const report = (text) => ending || postMessage({ kind: "error", text });
passOnErrors(report);
for (const kind of ["error", "unhandledrejection"]) {
  addEventListener(kind, (event) => ending && event.preventDefault());
}

// Every worker that is started from here is known here. wasm-bindgen-rayon starts its own, from a blob: they get our
// script for threads of the pool instead.
const children = new Set();
let poolThreads = 0;
globalThis.Worker = class extends Worker {
  constructor(url, options) {
    if (String(url).startsWith("blob:")) {
      poolThreads += 1;
      url = new URL("pool.js", import.meta.url);
      options = { ...options, name: `${start.locks}/pool-${poolThreads}` };
    }
    super(url, options);
    children.add(this);
    this.addEventListener("error", (event) => {
      event.preventDefault();
      report(`${options.name}: ${event.message ?? "its script cannot be loaded"}`);
    });
    this.addEventListener("message", ({ data }) => {
      if (data.kind === "error") report(`${options.name}: ${data.text}`);
      // A thread blocks until its page is there, so it is fetched here.
      else if (data.kind === "fetch") requestPage(data.number, data.page, data.millis);
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
  const name = `${start.locks}/process-${key}`;
  const process = new Worker(new URL("process.js", import.meta.url), { type: "module", name });
  processes.set(key, process);
  const died = (message) => {
    terminateProcess(key);
    engine.processDied(key, message);
  };
  process.onmessage = ({ data }) => {
    if (data.kind === "alive") whenGone(name, () => processes.get(key) === process && died("it ended without a word"));
    else if (data.kind === "began") engine.processBegan(key, data.job);
    else if (data.kind === "progress") engine.processProgress(key, data.jobsDone);
    else if (data.kind === "deadlock") engine.processDeadlocked(key, data.waits);
    else if (data.kind === "page") fetchForProcess(key, data);
    else if (data.kind === "reply") engine.processReplied(key, data.bytes);
    else if (data.kind === "failed") died(data.text);
  };
  process.onmessageerror = () => died("its message cannot be read");
  process.addEventListener("error", ({ message }) => died(message ?? "its script cannot be loaded"));
  process.postMessage({ kind: "begin", module: start.plain });
  askProcess(key, body);
}

async function fetchForProcess(key, { number, page, millis }) {
  const found = await fetchPage(page, millis);
  processes.get(key)?.postMessage({ kind: "page", number, found });
}

function askProcess(key, body) {
  processes.get(key)?.postMessage({ kind: "body", body }, [body.buffer]);
}

// The process closes itself: that is faster than being terminated.
function endProcess(key) {
  const process = processes.get(key);
  process?.postMessage({ kind: "end" });
  children.delete(process);
  processes.delete(key);
}

function terminateProcess(key) {
  processes.get(key)?.terminate();
  processes.delete(key);
}

async function requestPage(number, page, millis) {
  handOver(engine, number, await fetchPage(page, millis));
}

let threads = 0;
function startThread() {
  threads += 1;
  const name = `${start.locks}/thread-${threads}`;
  const thread = new Worker(new URL("thread.js", import.meta.url), { type: "module", name });
  thread.postMessage({ module: start.threads, memory: start.memory });
  return new Promise((parked) => {
    thread.onmessage = ({ data }) => {
      if (data.kind === "parked") parked();
      else if (data.kind === "start-thread") startThread();
    };
  });
}

async function begin(message) {
  start = { ...message, locks: `interleave/${message.engineId}` };
  await holdLock(`${start.locks}/conductor`);
  globalThis.interleaveEngine = {
    turn,
    startProcess,
    askProcess,
    endProcess,
    terminateProcess,
    stopProcess: (key) => processes.get(key)?.postMessage({ kind: "stop" }),
    startThread,
    requestPage,
  };
  if (start.flavour === "threads") {
    engine = await import("./threads/engine.js");
    start.memory = (await engine.default({ module_or_path: start.threads })).memory;
    await engine.initThreadPool(start.poolThreads);
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
