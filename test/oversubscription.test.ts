/**
 * More threads than cores, while other processes keep all of them busy: everything takes longer, and the numbers are
 * those of a single thread to the bit.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, expect, it } from "vitest";
import { array, createBackend, layers, sequential } from "../src/index.js";

const cores = availableParallelism();
let busy: ChildProcess[] = [];
beforeAll(() => {
  // They end by themselves too, should this process be ended.
  const spin = "const end = Date.now() + 120_000; while (Date.now() < end);";
  busy = Array.from({ length: cores }, () => spawn(process.execPath, ["-e", spin], { stdio: "ignore" }));
});
afterAll(() => {
  for (const child of busy) child.kill("SIGKILL");
});

const pictures = array(
  new Uint8Array(96 * 14 * 14).map((_, i) => (i * i) % 251),
  { shape: [96, 14, 14, 1] },
);
const labels = array(
  new Uint8Array(96).map((_, i) => i % 10),
  { shape: [96] },
);

/** A few steps with everything in them that waits for other threads. */
async function trained(threads: number): Promise<unknown> {
  const backend = createBackend({ threads });
  const model = sequential(
    [
      layers.input({ shape: [14, 14, 1] }),
      layers.rescaling({ scale: 1 / 255 }),
      layers.conv2d({ filters: 16, kernelSize: 3, activation: "relu" }),
      layers.conv2d({ filters: 24, kernelSize: 3, activation: "relu" }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 64, activation: "relu" }),
      layers.dense({ units: 10, activation: "softmax" }),
    ],
    { seed: 3, backend },
  );
  model.compile({ loss: "sparse_categorical_crossentropy", optimizer: "adam", metrics: ["accuracy"] });
  const { history } = await model.fit(pictures, labels, { batchSize: 32, epochs: 4, verbose: 0 });
  const weights = (await model.getWeights()).map(({ data }) => [...data]);
  const described = await backend.describe();
  await backend.close();
  expect(described.threads).toBe(threads);
  return { history, weights };
}

it("more threads than cores, and busy cores, slow a fit down, but change no bit of it", {
  timeout: 90_000,
}, async () => {
  const alone = await trained(1);
  for (const child of busy) expect(child.exitCode).toBeNull();
  const start = performance.now();
  expect(await trained(Math.min(16, 4 * cores))).toEqual(alone);
  // Measured: 1 s on two cores. A thread that waits for one that is not running gives its core away.
  expect(performance.now() - start).toBeLessThan(30_000);
  for (const child of busy) expect(child.exitCode).toBeNull();
});
