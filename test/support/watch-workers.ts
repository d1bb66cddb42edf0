/** Workers that this process starts, for tests that do something to them. */

import type { Worker } from "node:worker_threads";
import { afterEach } from "vitest";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** Those that start from now on in this test. */
export function watchWorkers(): Worker[] {
  const workers: Worker[] = [];
  const add = (worker: Worker): void => void workers.push(worker);
  process.on("worker", add);
  stops.push(() => process.off("worker", add));
  return workers;
}
