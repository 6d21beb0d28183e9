// Passes everything that goes wrong in this worker on to whoever started it; otherwise nobody would hear of it.
export function passOnErrors(report) {
  addEventListener("error", ({ message, filename, lineno }) => report(`${message} (${filename}:${lineno})`));
  addEventListener("unhandledrejection", ({ reason }) => report(describe(reason)));
  const log = console.error;
  console.error = (...parts) => {
    report(parts.map(describe).join(" "));
    log.apply(console, parts);
  };
}

// Browsers disagree whether an error's stack begins with its message.
export function describe(reason) {
  if (!(reason instanceof Error)) return String(reason);
  const stack = reason.stack ?? "";
  return stack.includes(reason.message) ? stack : `${reason.name}: ${reason.message}\n${stack}`;
}
