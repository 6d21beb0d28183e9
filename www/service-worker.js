// The service worker. It answers the pages that jobs fetch, each after the delay that its address names, and leaves every
// other request alone: nothing is kept, nothing is changed.
//
// A new version takes over at once, and so does the first, so that jobs find it at the first visit. Pages that are under
// way are not lost by that: they are answered by the version that was asked.

const ITEMS = 250; // as in crates/workloads/src/pages.rs, where the same text is written
const LONGEST_DELAY = 60_000; // a browser ends a service worker that takes minutes over an answer

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
// A page that was loaded past its service worker asks to be taken over nevertheless.
addEventListener("message", (event) => event.data === "claim" && event.waitUntil(clients.claim()));

const pageAddress = new URL("page.txt", registration.scope);

addEventListener("fetch", (event) => {
  const { origin, pathname, searchParams } = new URL(event.request.url);
  if (origin === pageAddress.origin && pathname === pageAddress.pathname) event.respondWith(answer(searchParams));
});

async function answer(parameters) {
  const page = Number(parameters.get("page") ?? NaN);
  const millis = Number(parameters.get("millis") ?? NaN);
  const makesSense = Number.isInteger(page) && page >= 0 && page < 2 ** 32 && millis >= 0 && millis <= LONGEST_DELAY;
  if (!makesSense) return new Response("page and millis must be numbers within their limits\n", { status: 400 });
  await new Promise((resolve) => setTimeout(resolve, millis));
  const headers = { "Content-Type": "text/plain", "Cache-Control": "no-store", "Interleave-Page": `${page}` };
  return new Response(pageText(page), { headers });
}

// What item i of page p costs is i · (p + i): anybody can work out what a page comes to without reading it.
function pageText(page) {
  let text = `page ${page}\n`;
  for (let item = 1; item <= ITEMS; item += 1) text += `item ${item} costs ${item * (page + item)}\n`;
  return text;
}
