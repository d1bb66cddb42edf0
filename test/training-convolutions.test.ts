/** A network of every kind of convolution, trained: it learns, as on the reference, and to the same bits with more threads. */

import { expect, it } from "vitest";
import { referenceBackend } from "../src/backends/reference/reference.js";
import { WasmBackend } from "../src/backends/wasm/wasm-backend.js";
import { type Backend, fromTyped, layers, optimizers, sequential } from "../src/index.js";
import { moduleNames } from "./cases/engines.js";
import { uniformsOf } from "./cases/fill.js";

const pictures = 36;
const uniform = uniformsOf(1, "pictures");
/** Three classes of noise, each brighter than the one before. */
const y = fromTyped(Int32Array.from({ length: pictures }, (_, i) => i % 3));
const x = fromTyped(
  Float32Array.from({ length: pictures * 144 }, (_, i) => uniform() - 0.5 + (Math.floor(i / 144) % 3) * 0.4),
  [pictures, 9, 8, 2],
);

async function train(backend: Backend) {
  const model = sequential(
    [
      layers.input({ shape: [9, 8, 2] }),
      layers.conv2d({ filters: 8, kernelSize: 3, padding: "same", dilationRate: 2, activation: "relu" }),
      layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: "same", activation: "relu" }),
      layers.conv2d({ filters: 12, kernelSize: 3, padding: "same", groups: 4, activation: "relu" }),
      layers.maxPooling2d(),
      layers.conv2dTranspose({ filters: 5, kernelSize: 3, strides: 2, padding: "same", activation: "relu" }),
      layers.separableConv2d({ filters: 6, kernelSize: 2, depthMultiplier: 2, activation: "relu" }),
      layers.flatten(),
      layers.dense({ units: 3, activation: "softmax" }),
    ],
    { backend, seed: 5 },
  );
  model.compile({ loss: "sparseCategoricalCrossentropy", optimizer: optimizers.adam({ learningRate: 0.01 }) });
  const before = await model.predict(x);
  const { history } = await model.fit(x, y, { epochs: 12, batchSize: 16, verbose: 0 });
  const after = await model.predict(x);
  return { before: [...before.data], after: [...after.data], loss: history.loss! };
}

it("learns on every backend, to the same bits with one and two threads", { timeout: 60_000 }, async () => {
  const expected = await train(referenceBackend());
  expect(expected.loss.at(-1)).toBeLessThan(0.8 * expected.loss[0]!);
  for (const module of moduleNames) {
    const results = [];
    for (const threads of [1, 2]) {
      const backend = new WasmBackend({ threads, module, shared: true, threadCost: 1 });
      results.push(await train(backend));
      await backend.close();
    }
    const [one, two] = results;
    expect(two).toEqual(one);
    for (const name of ["before", "after"] as const) {
      one![name].forEach((value, i) => {
        expect(Math.abs(value - expected[name][i]!), `${module}, ${name}`).toBeLessThan(1e-3);
      });
    }
    expect(one!.loss.at(-1)! / expected.loss.at(-1)!).toBeCloseTo(1, 3);
  }
});
