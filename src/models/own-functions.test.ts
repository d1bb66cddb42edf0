/**
 * Losses, metrics, regularizers, constraints and initializers that are functions of the user's own, in fit and in files.
 * What each must make is tested where it lives (nn/).
 */

import { afterAll, describe, expect, it } from "vitest";
import { allBackends, closeBackends } from "../../test/support/run-graph.js";
import { OptionError } from "../core/errors.js";
import {
  array,
  type CompileOptions,
  layers,
  loadModel,
  losses,
  metrics,
  ops,
  sequential,
  type Tensor,
} from "../index.js";
import type { layers as Layers } from "../nn/layers/index.js";

const x = array(
  Float32Array.from({ length: 40 }, (_, i) => Math.sin(i)),
  { shape: [10, 4] },
);
const y = array(
  Float32Array.from({ length: 20 }, (_, i) => Math.cos(i)),
  { shape: [10, 2] },
);
const backends = allBackends();
afterAll(() => closeBackends(backends));

const own = (yTrue: Tensor, yPred: Tensor) => ops.mean(ops.square(ops.subtract(yTrue, yPred)), { axis: -1 });

function made(options: Partial<CompileOptions>, dense: Partial<Parameters<typeof Layers.dense>[0]> = {}, at = 0) {
  const model = sequential([layers.input({ shape: [4] }), layers.dense({ units: 2, ...dense })], {
    seed: 1,
    backend: backends[at]!.backend,
  });
  model.compile({ loss: "mse", optimizer: "sgd", ...options });
  return model;
}

describe("a function that does not look at everything", () => {
  it.each(backends.map(({ name }, at) => [name, at] as const))("trains and judges on %s", async (_, at) => {
    const size = (_: Tensor, yPred: Tensor) => ops.mean(ops.square(yPred), { axis: -1 });
    const bias = (yTrue: Tensor) => ops.mean(yTrue, { axis: -1 });
    const model = made({ loss: size, metrics: [bias] }, {}, at);
    const first = await model.evaluate(x, y, { verbose: 0 });
    const alone = made({ loss: size }, {}, at);
    expect((await alone.evaluate(x, y, { verbose: 0 })).loss).toBeCloseTo(first.loss!, 6);
    const { history } = await alone.fit(x, y, { epochs: 5, verbose: 0, validationSplit: 0.2 });
    expect(history.loss!.at(-1)).toBeLessThan(history.loss![0]!);
    expect(first.bias).toBeCloseTo(y.mean(), 5);
    for (const one of [model, alone]) one.free();
  });

  it("is refused as a loss where training would change nothing", async () => {
    const model = made({ loss: (yTrue: Tensor) => ops.mean(yTrue, { axis: -1 }) });
    await expect(model.fit(x, y, { verbose: 0 })).rejects.toThrow(
      new OptionError(
        "fit: the loss depends on no weight that is trained, so training would change nothing. A loss of your own must be made of yPred.",
      ),
    );
    model.free();
  });
});

describe("a model's file", () => {
  it.each<[string, Partial<CompileOptions>]>([
    ["a loss", { loss: own }],
    ["a loss with more said", { loss: { call: own, labels: "values" } }],
    ["a metric", { metrics: ["mse", own] }],
    ["a weighted metric", { weightedMetrics: [own] }],
    ["a wrapped metric", { metrics: [metrics.meanMetricWrapper({ fn: own })] }],
  ])("leaves out compile with %s of one's own, which training on from it would need", async (_, options) => {
    const model = made(options);
    const loaded = await loadModel(await model.toBytes(), { backend: backends[0]!.backend });
    expect(loaded.compileOptions).toBeUndefined();
    expect((await loaded.predict(x)) as unknown).toEqual(await model.predict(x));
    await expect(model.toBytes({ includeOptimizer: true })).rejects.toThrow(
      /the model was compiled with functions of one's own/,
    );
    for (const one of [model, loaded]) one.free();
  });

  it("keeps losses that are metrics", async () => {
    const model = made({ metrics: [losses.huber({ delta: 0.1 }), losses.logCosh({ name: "own" })] });
    const loaded = await loadModel(await model.toBytes(), { backend: backends[0]!.backend });
    expect(await loaded.evaluate(x, y, { verbose: 0 })).toEqual(await model.evaluate(x, y, { verbose: 0 }));
    for (const one of [model, loaded]) one.free();
  });

  it.each([
    ["kernelRegularizer", (w: Tensor) => ops.square(w)],
    ["kernelConstraint", (w: Tensor) => ops.multiply(w, 0.5)],
    ["kernelInitializer", () => [1, 2, 3, 4, 5, 6, 7, 8]],
    ["activation", (z: Tensor) => ops.multiply(z, 2)],
  ])("is refused by name where %s is one's own, and so is a configuration", async (option, value) => {
    const named = Object.defineProperty(value, "name", { value: "mine" });
    const model = made({}, { [option]: named });
    await model.fit(x, y, { verbose: 0 });
    const refused = `dense: ${option} is a function of your own (mine) and cannot be written into a config.`;
    await expect(model.toBytes()).rejects.toThrow(refused);
    expect(() => model.toKerasConfig()).toThrow(refused);
    model.free();
  });
});

it("a loss that Keras chooses by the labels is asked for by name", () => {
  expect(() => made({ loss: "crossentropy" as never })).toThrow(
    new OptionError(
      'compile: the loss "crossentropy" depends on the labels; give sparse_categorical_crossentropy for class numbers, categorical_crossentropy for one-hot rows, or binary_crossentropy for one output.',
    ),
  );
});
