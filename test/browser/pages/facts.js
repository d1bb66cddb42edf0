/** What the tests ask a page about the browser it runs in. */

export function isolation() {
  return { isolated: crossOriginIsolated, sharedMemory: typeof SharedArrayBuffer === "function" };
}

/** The same, seen from a module worker. */
export function workerIsolation() {
  const worker = new Worker(new URL("./facts-worker.js", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message || "the worker did not start"));
  }).finally(() => worker.terminate());
}

/** Fails a moment later, outside any promise that the caller waits for. */
export function fail() {
  setTimeout(() => {
    throw new Error("planted failure");
  });
  return new Promise((resolve) => setTimeout(resolve, 50));
}
