// The page's end of embed.js: what the element asks is done, and what happens is told. Loaded only inside a frame.
//
//   element ◀── here ── page
//           ── hello + port ──▶
//           ◀── ready, size, progress, report, error ──
//           ── run, stop, show ──▶ · ◀── answer ──

const page = globalThis.interleave;
let port;

const say = (message) => port?.postMessage(message);
const text = (error) => (error instanceof Error ? error.message : String(error));

addEventListener("message", (event) => {
  // Whoever holds the frame may speak to it; what he can ask for is what a reader can do with a click.
  if (event.source !== parent || event.data?.interleave !== "hello" || event.ports.length !== 1) return;
  port?.close();
  [port] = event.ports;
  port.onmessage = ({ data }) => hear(data);
  page.ready.then(
    () => {
      say({ kind: "ready", environment: page.environment() });
      tellSize();
    },
    (error) => say({ kind: "error", message: text(error) }),
  );
});

async function hear(message) {
  if (typeof message !== "object" || message === null) return;
  const { kind, id } = message;
  if (kind === "show") return show(message.address);
  if (kind !== "run" && kind !== "stop") return;
  try {
    say({ kind: "answer", id, value: await page[kind]() });
  } catch (error) {
    say({ kind: "answer", id, error: text(error) });
  }
}

/** Shows another experiment without loading the page again. */
function show(address) {
  let url;
  try {
    url = new URL(address, location.href);
  } catch {
    return;
  }
  if (url.origin !== location.origin || url.pathname !== location.pathname) return;
  const isAnotherLook = url.hash !== location.hash;
  history.replaceState(null, "", url);
  // Language and theme are read before the first paint.
  if (isAnotherLook) location.reload();
  else dispatchEvent(new PopStateEvent("popstate"));
}

addEventListener("interleave-progress", ({ detail }) => say({ kind: "progress", progress: detail }));
addEventListener("interleave-report", ({ detail }) => {
  say({ kind: "report", report: detail });
  tellSize();
});

/** How high everything is that the reader could scroll to. */
function tellSize() {
  const result = document.querySelector(".result");
  if (!result) return;
  say({ kind: "size", height: document.documentElement.clientHeight + result.scrollHeight - result.clientHeight });
}

// Says nothing but that it listens, so it may be heard by anybody.
parent.postMessage({ interleave: "here" }, "*");
