// Measures the loops that a browser can have, each when it is asked for.
import { instantiate } from "ENGINE/plain.js";
import { turn } from "ENGINE/turn.js";
import { measure as promises } from "/promises.js";
import script from "/python.js";

// Nothing is awaited out here: a message that came meanwhile would be lost.
const wasm = fetch("ENGINE/plain/engine_bg.wasm");
const engine = wasm.then((answer) => answer.arrayBuffer()).then((bytes) => instantiate(bytes, { turn }));

async function startPyodide() {
  const { loadPyodide, version } = await import("PYODIDEpyodide.mjs");
  const python = await loadPyodide({ indexURL: "PYODIDE" });
  await python.runPythonAsync(script);
  return { measure: python.globals.get("measure"), version };
}
const pyodide = "PYODIDE" && startPyodide();

const peers = {
  version: async () => (pyodide ? (await pyodide).version : null),
  ours: async (what, count) => (await engine).measureLoop(what, count),
  promises,
  pyodide: async (what, count) => (await pyodide).measure(what, count),
};

addEventListener("message", ({ data: [peer, ...asked] }) => {
  peers[peer](...asked).then(
    (value) => postMessage({ value }),
    (error) => postMessage({ error: String(error) }),
  );
});
