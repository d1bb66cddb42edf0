/** A turn for others: timers, messages, drawing. Not here: when they get one. */

/** Milliseconds for which others may have to wait while much is copied: half a picture of a page that draws 60 a second. */
const PATIENCE = 8;

let lastTurn = Number.NEGATIVE_INFINITY;

/** Lets everything else that waits have its turn, if it has not had one just now. */
export async function turn(): Promise<void> {
  if (performance.now() - lastTurn < PATIENCE) return;
  await macrotask();
  lastTurn = performance.now();
}

/** Lets everything else that waits have its turn. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    // Timers wait for a millisecond at least, and in a page for four.
    if (typeof setImmediate === "function") setImmediate(resolve);
    else {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    }
  });
}
