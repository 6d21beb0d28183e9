// Fetches the pages that jobs ask for. The service worker answers them; without one there is a text that says so.

/** What came, `{ bytes, isOurs }` with whether the service worker wrote it, or `{ error }`. */
export async function fetchPage(page, millis) {
  try {
    const address = new URL(`../page.txt?page=${page}&millis=${millis}`, import.meta.url);
    const response = await fetch(address, { cache: "no-store" });
    if (!response.ok) return { error: `the answer was ${response.status}` };
    const isOurs = response.headers.has("Interleave-Page");
    return { bytes: new Uint8Array(await response.arrayBuffer()), isOurs };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Hands an instance what came; it knows the request by its number. */
export function handOver(engine, number, { bytes, error }) {
  if (error === undefined) engine.pageArrived(number, bytes);
  else engine.pageFailed(number, error);
}
