// Registers the service worker. Without one the page works as well; only what jobs fetch is then a matter of timers.

const PATIENCE = 3_000; // milliseconds for a worker to be installed and to take this page over

let registered;

/** Resolves once the service worker answers for this page, or cannot: to nothing, or to the reason. Never rejects. */
export function registerServiceWorker() {
  registered ??= register().then(
    () => undefined,
    (error) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  );
  return registered;
}

async function register() {
  // Frames without an origin of their own throw where others have the container; insecure pages have none.
  const container = navigator.serviceWorker;
  if (!container) throw new Error("this page may have no service worker");
  const takenOver = new Promise((resolve, reject) => {
    container.addEventListener("controllerchange", resolve, { once: true });
    setTimeout(() => reject(new Error("the service worker did not take this page over in time")), PATIENCE);
  });
  takenOver.catch(() => {});
  const { active } = await container.register(new URL("service-worker.js", document.baseURI));
  if (container.controller) return;
  active?.postMessage("claim");
  await takenOver;
}
