// Holds a lock for as long as this worker lives. The browser frees it when the worker is really gone, which can be
// seconds after it was told to end; so the page can know when it may measure again.
export function holdLock(name) {
  return new Promise((resolve) => {
    const held = () => {
      resolve();
      return new Promise(() => {});
    };
    // Refused in frames without an origin of their own; there is nobody who could ask for the lock there either.
    if (!navigator.locks) return resolve();
    navigator.locks.request(name, held).catch(resolve);
  });
}

// Calls `gone` when whoever holds the lock now is really gone. Nobody is told where there are no locks.
export function whenGone(name, gone) {
  navigator.locks?.request(name, gone).catch(() => {});
}
