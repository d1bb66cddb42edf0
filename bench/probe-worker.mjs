/** A thread of the probe: the 4x8 microkernel on panels in the first-level cache, as fast as this machine runs it. */

import { setFlagsFromString } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";

if (parentPort === null) throw new Error("probe-worker is a worker");
const port = parentPort;
if (workerData.flag) setFlagsFromString("--experimental-wasm-relaxed-simd");
const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
/** @type {WebAssembly.Module} */
const module = workerData.module;
const { exports } = new WebAssembly.Instance(module, { env: { memory, now: () => performance.now() } });
const probe = /** @type {(w: number, tile: number, rows: number, scratch: number) => void} */ (exports.probe);
new Uint32Array(memory.buffer).set(workerData.words, workerData.at / 4);

port.on("message", (/** @type {number} */ milliseconds) => {
  let calls = 0;
  const start = performance.now();
  while (performance.now() - start < milliseconds) {
    probe(workerData.at, 0, 1, workerData.scratch);
    calls++;
  }
  port.postMessage({ calls, milliseconds: performance.now() - start });
});
