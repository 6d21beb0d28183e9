// Starts the page's program and gives scripts that drive the page one object, `interleave`.
// Whatever goes wrong from here on is in `interleave.errors`.

import { registerServiceWorker } from "./registration.js";

const errors = [];
const remember = (text) => errors.push(text);

const describe = (value) => (value instanceof Error ? `${value.name}: ${value.message}` : String(value));

addEventListener(
  "error",
  (event) => {
    remember(event.message || `${event.target?.tagName} could not be loaded`);
    if (isTrap(event.error) || event.error?.stack?.includes("wasm-function")) stopForGood(event.error);
  },
  true
);
addEventListener("unhandledrejection", (event) => {
  remember(`unhandled rejection: ${describe(event.reason)}`);
  if (isTrap(event.reason)) stopForGood(event.reason);
});
document.addEventListener("securitypolicyviolation", (event) =>
  remember(`${event.violatedDirective} forbids ${event.blockedURI}`)
);
const consoleError = console.error.bind(console);
console.error = (...values) => {
  remember(values.map(describe).join(" "));
  consoleError(...values);
};

// Rejected when the page can do no more, so that nobody waits in vain for what it was asked.
const broken = new Promise((_, reject) => {
  addEventListener("interleave-broken", (event) => reject(new Error(event.detail)), { once: true });
});
const loaded = new Promise((resolve) => {
  addEventListener("interleave-ready", () => resolve(), { once: true });
});
const ready = Promise.race([loaded, broken]);
// Whoever awaits them is told; a page that nobody drives has no need of a second report.
for (const promise of [broken, ready]) promise.catch(() => {});

globalThis.interleave = { errors, ready, broken, registerServiceWorker };

if (document.documentElement.hasAttribute("data-embedded")) {
  import("./frame.js").catch((error) => remember(`frame.js cannot be loaded: ${describe(error)}`));
}

const sentences = {
  en: {
    missing: (file, status) => `The workbench could not start: ${file} is missing (the server said ${status}). Load the page again; if that does not help, the site is incomplete.`,
    unreachable: (file) => `The workbench could not start: ${file} could not be fetched. Check the connection and load the page again.`,
    unusable: (file, why) => `The workbench could not start: ${file} is damaged or blocked (${why}). Load the page again without the cache; if that does not help, something between you and the site changes or blocks it.`,
    stopped: (why) => `The workbench has failed and stopped (${why}). What it shows can still be read; to run anything, load the page again.`,
    reload: "Load again",
  },
  zh: {
    missing: (file, status) => `工作台无法启动：找不到 ${file}（服务器返回 ${status}）。请重新加载；如果仍然如此，说明网站不完整。`,
    unreachable: (file) => `工作台无法启动：取不到 ${file}。请检查网络连接后重新加载。`,
    unusable: (file, why) => `工作台无法启动：${file} 已损坏或被拦截（${why}）。请绕过缓存重新加载；如果仍然如此，说明你与网站之间有什么改动或拦截了它。`,
    stopped: (why) => `工作台出错停止了（${why}）。已经显示的结果还可以看，要继续运行请重新加载本页。`,
    reload: "重新加载",
  },
};

function giveUp(kind, ...details) {
  const texts = sentences[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];
  const sentence = texts[kind](...details);
  // The page's program does nothing more once it sees this.
  document.documentElement.dataset.phase = "broken";
  const place = document.getElementById("shell-failure") ?? placeAboveAll();
  const text = Object.assign(document.createElement("p"), { textContent: sentence });
  const reload = Object.assign(document.createElement("button"), { type: "button", textContent: texts.reload });
  reload.addEventListener("click", () => location.reload());
  place.replaceChildren(text, reload);
  place.hidden = false;
  remember(sentence);
  dispatchEvent(new CustomEvent("interleave-broken", { detail: sentence }));
}

/** Where a failure is told once the program's own page has taken the place of the static one. */
function placeAboveAll() {
  const place = Object.assign(document.createElement("div"), { id: "failure", className: "notice" });
  place.setAttribute("role", "alert");
  document.body.prepend(place);
  return place;
}

/** Whether wasm came to an end in the middle of what it did. */
function isTrap(error) {
  return [WebAssembly.RuntimeError, WebAssembly.Exception].some((kind) => kind && error instanceof kind);
}

/** After a trap, a panic or an exception that passed through it, a program is half done with something for ever. */
function stopForGood(error) {
  if (document.documentElement.dataset.phase === "broken") return;
  const panic = errors.findLast((text) => text.startsWith("panicked at"));
  giveUp("stopped", panic?.split("\n\nStack")[0] ?? describe(error));
  remember(error.stack);
  // What was said last is no longer true, and what can be pressed does nothing any more.
  document.querySelector("[data-part='status']")?.replaceChildren();
  for (const part of document.querySelectorAll("header, .controls, .compose")) part.inert = true;
}

/** The response, or nothing after the reader has been told. */
async function get(url, name) {
  let response;
  try {
    response = await fetch(url);
  } catch (error) {
    giveUp("unreachable", name);
    return undefined;
  }
  if (!response.ok) {
    giveUp("missing", name, response.status);
    return undefined;
  }
  return response;
}

async function start(script) {
  const wasmUrl = new URL(script.dataset.wasm, document.baseURI);
  const jsUrl = new URL(script.dataset.js, document.baseURI);
  const [wasm, manifest] = await Promise.all([
    get(wasmUrl, "ui_bg.wasm"),
    get(new URL("manifest.json", document.baseURI), "manifest.json"),
  ]);
  if (!wasm || !manifest) return;
  try {
    globalThis.interleave.manifest = await manifest.json();
  } catch (error) {
    giveUp("unusable", "manifest.json", describe(error));
    return;
  }
  let program;
  try {
    program = await import(jsUrl);
  } catch (error) {
    giveUp("unusable", "ui.js", describe(error));
    return;
  }
  try {
    await program.default({ module_or_path: wasm });
  } catch (error) {
    if (isTrap(error)) return stopForGood(error);
    giveUp("unusable", "ui_bg.wasm", describe(error));
    return;
  }
  if (globalThis.interleave.manifest.development) reloadAfterEdits();
}

/** While the page is being developed, Trunk says when it has been built anew. */
function reloadAfterEdits() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/.well-known/trunk/ws`);
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "reload") location.reload();
    if (message.type === "buildFailure") console.warn(`The build failed: ${message.data?.reason}`);
  });
}

if (document.documentElement.dataset.floor !== "below") start(document.getElementById("boot"));
