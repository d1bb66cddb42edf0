/**
 * The machine's SIMD limit: the engine's own 4x8 microkernel on operands that stay in the first-level cache, on one
 * thread and on several that do not depend on each other. Everything else is a share of this, measured in the same run.
 */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";

const [a, b, k, panels, repeat, tiles] = [65536, 131072, 256, 4, 64, 1];
const flopsOfCall = 2 * 4 * 8 * k * panels * repeat * tiles;

/** Threads that each run the microkernel when asked. */
export class Probe {
  /** @type {Worker[]} */
  #workers;

  /**
   * @param {number} threads
   * @param {"baseline" | "relaxed"} name the module the engine uses
   */
  constructor(threads, name) {
    const bytes = readFileSync(new URL(`../dist/backends/wasm/modules/${name}.wasm`, import.meta.url));
    const flag = name === "relaxed" && !WebAssembly.validate(bytes);
    if (flag) setFlagsFromString("--experimental-wasm-relaxed-simd");
    const module = new WebAssembly.Module(bytes);
    const workerData = { module, flag, words: [a, b, k, panels, repeat, tiles], at: 1024, scratch: 4096 };
    const script = new URL("./probe-worker.mjs", import.meta.url);
    this.#workers = Array.from({ length: threads }, () => new Worker(script, { workerData }));
  }

  /**
   * GFLOP/s of all threads together over some milliseconds.
   * @param {number} milliseconds
   */
  async measure(milliseconds) {
    const results = this.#workers.map(async (worker) => {
      const [{ calls, milliseconds: took }] = await once(worker, "message");
      return (calls * flopsOfCall) / took / 1e6;
    });
    for (const worker of this.#workers) worker.postMessage(milliseconds);
    return (await Promise.all(results)).reduce((sum, speed) => sum + speed, 0);
  }

  async close() {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
