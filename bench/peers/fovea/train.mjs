/** Everything a user's program does: data, network, fit with validation, test. Not part of the protocol: a process of its own. */

import { readFileSync } from "node:fs";
import { configure, datasets, losses, metrics, optimizers } from "../../../dist/index.js";
import { networkOf } from "./model.mjs";

/**
 * @param {any} request
 * @param {number} threads
 */
export async function train({ input, layers, batch, epochs, validationSplit }, threads) {
  configure({ threads });
  const data = await datasets.mnist.load();
  const model = networkOf({ input, layers });
  model.compile({
    loss: losses.sparseCategoricalCrossentropy(),
    optimizer: optimizers.adam(),
    metrics: [metrics.sparseCategoricalAccuracy({ name: "acc" })],
  });
  const pictures = (/** @type {typeof data.train} */ part) => part.images.expandDims(-1);
  await model.fit(pictures(data.train), data.train.labels, { batchSize: batch, epochs, validationSplit, verbose: 0 });
  const { acc } = await model.evaluate(pictures(data.test), data.test.labels, { batchSize: batch, verbose: 0 });
  return { accuracy: acc, peak: peak() };
}

/** Bytes of memory this process has used at its peak. */
function peak() {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
    if (line?.[1] !== undefined) return Number(line[1]) * 1024;
  } catch {
    // Another system than Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
