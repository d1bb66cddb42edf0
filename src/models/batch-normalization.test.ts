/** Models of layers that change weights themselves: when they do, what is given back where a step fails, and what is kept. */

import { afterAll, describe, expect, it } from "vitest";
import { allBackends, closeBackends } from "../../test/support/run-graph.js";
import type { Backend } from "../backends/backend.js";
import { NumericError } from "../core/errors.js";
import type { NDArray } from "../core/ndarray.js";
import { fromTyped } from "../core/ndarray-create.js";
import { randomStream } from "../core/random.js";
import { layers } from "../nn/layers/index.js";
import { Sequential } from "./sequential.js";

const backends = allBackends();
afterAll(() => closeBackends(backends));

const rows = 24;
const x = randomStream(1, "x").normal({ shape: [rows, 5, 5, 2] });
const y = fromTyped(Uint8Array.from({ length: rows }, (_, i) => i % 2));

function made(backend: Backend) {
  const normalization = layers.batchNormalization({ momentum: 0.5 });
  const stack = [
    layers.input({ shape: [5, 5, 2] }),
    layers.conv2d({ filters: 4, kernelSize: 3 }),
    normalization,
    layers.reLU(),
    layers.flatten(),
    layers.dense({ units: 2, activation: "softmax" }),
  ];
  const model = new Sequential(stack, { seed: 3 }, () => backend);
  compile(model);
  return { model, normalization };
}

function compile(model: Sequential): void {
  model.compile({ loss: "sparse_categorical_crossentropy", optimizer: "sgd" });
}

const train = (model: Sequential, of: NDArray = x) => model.fit(of, y, { batchSize: 7, verbose: 0 });
/** gamma, beta, moving mean, moving variance. */
const own = async (model: Sequential) => (await model.getWeights()).slice(2, 6).map(({ data }) => [...data]);

describe.each(backends)("batch normalisation in a model, $name", ({ backend }) => {
  it("stops learning with the next compile after trainable has become false, and learns again", async () => {
    const { model, normalization } = made(backend);
    const start = await own(model);
    normalization.trainable = false;
    await train(model);
    const once = await own(model);
    once.forEach((weight, i) => {
      expect(weight).not.toEqual(start[i]);
    });
    compile(model);
    const before = await model.getWeights();
    await train(model);
    expect(await own(model)).toEqual(once);
    expect((await model.getWeights())[0]!.data).not.toEqual(before[0]!.data);
    normalization.trainable = true;
    compile(model);
    await train(model);
    (await own(model)).forEach((weight, i) => {
      expect(weight).not.toEqual(once[i]);
    });
    model.free();
  });

  it("predicts a row by what it learned of all, whatever rows are beside it, and by the weights as they are now", async () => {
    const { model } = made(backend);
    await train(model);
    const learned = await model.getWeights();
    const all = await model.predict(x);
    const alone = await model.predict(x.slice([3, 4]));
    expect(alone.allClose(all.slice([3, 4]), { rtol: 1e-5, atol: 1e-6 })).toBe(true);
    await train(model);
    expect((await model.predict(x)).allClose(all, { rtol: 1e-5, atol: 1e-6 })).toBe(false);
    await model.setWeights(learned);
    expect((await model.predict(x)).allClose(all, { rtol: 1e-6, atol: 1e-6 })).toBe(true);
    model.free();
  });

  it("names a moving statistic that would become infinite, and gives all weights back", async () => {
    const { model } = made(backend);
    await train(model);
    const before = await own(model);
    const large = x.multiply(1e25) as NDArray;
    const failing = train(model, large);
    await expect(failing).rejects.toThrow(NumericError);
    await expect(failing).rejects.toThrow(
      "the new value of batch_normalization/moving_variance is not finite in epoch 1, step 1",
    );
    expect(await own(model)).toEqual(before);
    model.free();
  });
});
