/** A turn for others: timers, messages, drawing. Not here: when they get one. */

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
