// Calls with stacks of their own, each known by a key. The browser sets a call's wasm stack aside while an import that it
// has called waits for a promise; whoever lets the call go on resolves that promise.
const resolvers = new Map();

export const canSetAside = "Suspending" in WebAssembly && "promising" in WebAssembly;

// What the engine's `runStack` is, once there is an engine.
let runStack;
export const stacks = {
  canSetAside,
  // From a turn of its own, so that no other call's frames lie beneath the stack.
  beginStack: (key) => queueMicrotask(() => runStack(key)),
  setAside: (key) => new Promise((resolve) => resolvers.set(key, resolve)),
  goOn: (key) => {
    const resolve = resolvers.get(key);
    resolvers.delete(key);
    resolve();
  },
};

export function begin(engine) {
  runStack = engine.runStack;
}
