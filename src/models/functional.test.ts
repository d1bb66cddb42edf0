/** Functional models: against Keras from the same weights, on every backend; and what they refuse. */

import { afterAll, describe, expect, it } from "vitest";
import { golden } from "../../test/support/goldens.js";
import { allBackends, closeBackends } from "../../test/support/run-graph.js";
import type { Backend } from "../backends/backend.js";
import { DataError, OptionError, ShapeError, StateError } from "../core/errors.js";
import type { NDArray } from "../core/ndarray.js";
import { array, zeros } from "../core/ndarray-create.js";
import { layers, losses, metrics, model, optimizers, sequential } from "../index.js";
import type { CompileOptions } from "./compile.js";

interface Example {
  readonly layers: readonly string[];
  readonly xs: readonly NDArray[];
  readonly ys: readonly NDArray[];
  readonly start: readonly NDArray[];
  readonly predictions: readonly NDArray[];
  readonly logs: readonly Readonly<Record<string, number>>[];
  readonly evaluated: Readonly<Record<string, number>>;
  readonly end: readonly NDArray[];
}

type Name = "residual" | "branches" | "shared" | "several";

const summaries = (({ versions: _, ...rest }) => rest)(
  golden<Readonly<Record<Name | "chain", { readonly usual: string; readonly wide: string }>>>("functional-summary"),
);

const examples = golden<Readonly<Record<Name, Example>>>("functional");
const { input, conv2d, dense, activation, flatten } = layers;
const same = { padding: "same" } as const;

const on = (backend?: Backend) => (backend === undefined ? {} : { backend });

const models = {
  residual(backend?: Backend) {
    const x = input({ shape: [6, 6, 3] });
    const a = conv2d({ filters: 4, kernelSize: 3, ...same, activation: "relu" })(x);
    const b = conv2d({ filters: 4, kernelSize: 3, ...same })(a);
    const c = activation({ activation: "relu" })(layers.add()([a, b]));
    return model({ inputs: x, outputs: dense({ units: 3, activation: "softmax" })(flatten()(c)), ...on(backend) });
  },
  branches(backend?: Backend) {
    const x = input({ shape: [8, 8, 2] });
    const wide = conv2d({ filters: 3, kernelSize: 5, ...same, activation: "relu" })(x);
    const thin = conv2d({ filters: 2, kernelSize: 1, activation: "relu" })(x);
    const deep = conv2d({ filters: 4, kernelSize: 3, ...same, activation: "relu" })(thin);
    const pooled = layers.averagePooling2d()(layers.concatenate()([wide, x, deep]));
    const y = dense({ units: 3, activation: "softmax" })(layers.globalAveragePooling2d()(pooled));
    return model({ inputs: x, outputs: y, ...on(backend) });
  },
  shared(backend?: Backend) {
    const [left, right] = [input({ shape: [5], name: "left" }), input({ shape: [5], name: "right" })];
    const tower = dense({ units: 4, activation: "tanh" });
    const [a, b] = [tower(left), dense({ units: 4, activation: "relu" })(tower(right))];
    const y = dense({ units: 3, activation: "softmax" })(layers.subtract()([a, b]));
    return model({ inputs: [left, right], outputs: y, ...on(backend) });
  },
  several(backend?: Backend) {
    const [image, number] = [input({ shape: [4, 4, 1], name: "image" }), input({ shape: [2], name: "number" })];
    const flat = flatten()(conv2d({ filters: 2, kernelSize: 2, activation: "relu" })(image));
    const joined = layers.concatenate()([flat, dense({ units: 3, activation: "relu" })(number)]);
    const kind = dense({ units: 3, activation: "softmax", name: "kind" })(joined);
    const size = dense({ units: 1, name: "size" })(dense({ units: 4, activation: "tanh" })(joined));
    return model({ inputs: [image, number], outputs: [size, kind], ...on(backend) });
  },
};

function chain() {
  const x = input({ shape: [4], name: "start" });
  const y = dense({ units: 2, name: "last" })(dense({ units: 3, activation: "relu" })(x));
  return model({ inputs: x, outputs: y, name: "chain" });
}

const objectives: Readonly<Record<Name, Pick<CompileOptions, "loss" | "lossWeights" | "metrics">>> = {
  residual: { loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] },
  branches: { loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] },
  shared: { loss: "sparse_categorical_crossentropy", metrics: ["accuracy"] },
  several: {
    loss: { size: "mse", kind: "sparse_categorical_crossentropy" },
    lossWeights: { size: 0.5, kind: 2 },
    metrics: { size: ["mae"], kind: ["accuracy"] },
  },
};

function expectNear(found: NDArray, expected: NDArray, relative: number): void {
  expect(found.shape).toEqual(expected.shape);
  expect(found.allClose(expected, { rtol: relative, atol: relative })).toBe(true);
}

function expectLogs(found: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    expect(Math.abs(found[name]! - value), name).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
  }
}

const backends = allBackends();
afterAll(() => closeBackends(backends));

describe("a functional model", () => {
  it.each((Object.keys(models) as Name[]).flatMap((name) => backends.map((one) => [name, one.name, one] as const)))(
    "predicts and trains as Keras does from the same weights: %s, %s",
    async (name, _, { backend }) => {
      const { layers: order, xs, ys, start, predictions, logs, evaluated, end } = examples[name];
      using made = models[name](backend);
      expect(made.layers.map(({ className }) => className)).toEqual(order);
      await made.setWeights(start);
      const found = await made.predict(xs);
      const arrays = predictions.length === 1 ? [found as NDArray] : Object.values(found as Record<string, NDArray>);
      for (const [i, expected] of predictions.entries()) expectNear(arrays[i]!, expected, 1e-5);
      made.compile({ ...objectives[name], optimizer: optimizers.sgd({ learningRate: 0.05, momentum: 0.9 }) });
      for (const log of logs) {
        const { history } = await made.fit(xs, ys, { batchSize: xs[0]!.shape[0]!, shuffle: false, verbose: 0 });
        expectLogs(Object.fromEntries(Object.entries(history).map(([key, values]) => [key, values[0]!])), log);
      }
      for (const [i, weight] of (await made.getWeights()).entries()) expectNear(weight, end[i]!, 1e-4);
      expectLogs(await made.evaluate(xs, ys, { batchSize: 4, verbose: 0 }), evaluated);
    },
  );

  it.each(Object.keys(summaries) as (keyof typeof summaries)[])("has the summary that Keras prints: %s", (name) => {
    using made = name === "chain" ? chain() : models[name]();
    expect(made.summary()).toBe(summaries[name].usual.trimEnd());
    expect(made.summary({ width: 108, showTrainable: true })).toBe(summaries[name].wide.trimEnd());
  });

  it("takes arrays by name, and gives predictions by name", async () => {
    const { xs, ys } = examples.several;
    using made = models.several();
    const byName = { number: xs[1]!, image: xs[0]! };
    const { size, kind } = (await made.predict(byName)) as Record<string, NDArray>;
    expect([size!.shape, kind!.shape]).toEqual([
      [8, 1],
      [8, 3],
    ]);
    made.compile({ ...objectives.several, optimizer: "sgd" });
    const one = await made.evaluate(xs, ys, { verbose: 0 });
    expect(await made.evaluate(byName, { kind: ys[1]!, size: ys[0]! }, { verbose: 0 })).toEqual(one);
    await expect(made.predict(xs[0]!)).rejects.toThrow(
      "predict: x: 2 arrays expected (image, number), as a list or by name; received one.",
    );
    await expect(made.predict({ image: xs[0]!, nubmer: xs[1]! })).rejects.toThrow(/nubmer.*did you mean "number"/);
    await expect(made.predict({ image: xs[0]! })).rejects.toThrow('predict: x: there is no array for "number".');
    await expect(made.predict([xs[0]!, zeros([3, 2])])).rejects.toThrow(
      new DataError("predict: all inputs must have as many rows, received 8 for image and 3 for number."),
    );
  });

  it("ends at any inner layer, of weights that are shared", async () => {
    const x = input({ shape: [4] });
    const inner = dense({ units: 3, activation: "relu", name: "inner" })(x);
    using all = model({ inputs: x, outputs: [inner, dense({ units: 2, name: "outer" })(inner)], seed: 5 });
    const rows = array([[1, 2, 3, 4]]);
    const both = (await all.predict(rows)) as Record<string, NDArray>;
    expect(both.inner!.shape).toEqual([1, 3]);
    using short = model({ inputs: x, outputs: inner });
    expect(await short.predict(rows)).toEqual(both.inner);
  });

  it("ends at any layer of a model that is there, by name, in sequential ones too", async () => {
    const whole = sequential([
      input({ shape: [3] }),
      dense({ units: 4, name: "hidden", activation: "relu" }),
      dense({ units: 2 }),
    ]);
    const inner = model({ inputs: whole.inputs, outputs: whole.getLayer("hidden").output });
    const x = array([[1, -2, 3]]);
    const [kernel] = await whole.getWeights();
    const hidden = [0, 1, 2, 3].map((unit) => {
      const row = (i: number): number => kernel!.get(i, unit) as number;
      return Math.max(0, row(0) - 2 * row(1) + 3 * row(2));
    });
    const found = await inner.predict(x);
    for (const [i, value] of hidden.entries()) expect(found.get(0, i)).toBeCloseTo(value, 5);
    const same = model({ inputs: whole.inputs, outputs: whole.outputs });
    expect((await same.predict(x)).data).toEqual((await whole.predict(x)).data);
    expect(whole.getLayer(0).className).toBe("InputLayer");
    expect(whole.getLayer(-1)).toBe(whole.layers[2]);
    expect(() => whole.getLayer("hiden")).toThrow('getLayer: unknown layer "hiden"; did you mean "hidden"?');
    expect(() => whole.getLayer(3)).toThrow("getLayer: the model has 3 layers, received 3.");
    expect(() => whole.getLayer(0.5)).toThrow(OptionError);
  });

  it("an inner output is that of the only call", () => {
    const shared = dense({ units: 3, name: "shared" });
    expect(() => shared.output).toThrow("shared: the layer was not called yet");
    const x = input({ shape: [3] });
    const once = shared(x);
    expect(shared.output).toBe(once);
    shared(once);
    expect(() => shared.output).toThrow(StateError);
    expect(() => shared.output).toThrow("shared: the layer was called 2 times");
  });

  it("gives each of several outputs of one layer a name of its own", async () => {
    const x = input({ shape: [2] });
    const twice = layers.reLU({ name: "twice" });
    const y = dense({ units: 2, name: "twice_1" })(x);
    using made = model({ inputs: x, outputs: [twice(x), twice(y), y], seed: 5 });
    const rows = array([[1, -2]]);
    const found = (await made.predict(rows)) as Record<string, NDArray>;
    expect(Object.keys(found)).toEqual(["twice", "twice_1", "twice_1_1"]);
    expect(found.twice!.toArray()).toEqual([[1, 0]]);
    expect(found.twice_1!.toArray()).toEqual([
      (found.twice_1_1!.toArray() as number[][])[0]!.map((value) => Math.max(0, value)),
    ]);
    made.compile({ loss: { twice: "mse", twice_1: "mae", twice_1_1: "mse" }, optimizer: "sgd" });
    const logs = await made.evaluate(rows, { twice: rows, twice_1: rows, twice_1_1: rows }, { verbose: 0 });
    expect(Object.keys(logs).sort()).toEqual(["loss", "twice_1_1_loss", "twice_1_loss", "twice_loss"]);
  });

  it("is a layer of another model, and both share its weights", async () => {
    const x = input({ shape: [4] });
    const base = model({ inputs: x, outputs: dense({ units: 3, activation: "relu" })(x), name: "base", seed: 1 });
    const z = input({ shape: [4] });
    using whole = model({ inputs: z, outputs: dense({ units: 2 })(layers.add()([base(z), base(z)])), seed: 2 });
    expect(whole.network.weights.map(({ path }) => path)).toEqual([
      "base/dense/kernel",
      "base/dense/bias",
      "dense/kernel",
      "dense/bias",
    ]);
    const rows = array([
      [1, 2, 3, 4],
      [-1, 0, 1, 2],
    ]);
    const features = await base.predict(rows);
    const [kernel, bias] = (await whole.getWeights()).slice(2);
    const expected = Array.from({ length: 4 }, (_, i) => {
      const [row, unit] = [i >> 1, i % 2];
      return [0, 1, 2].reduce(
        (sum, k) => sum + 2 * Number(features.at(row, k)) * Number(kernel!.at(k, unit)),
        Number(bias!.at(unit)),
      );
    });
    (await whole.predict(rows)).data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
    whole.compile({ loss: "mse", optimizer: "sgd" });
    await whole.fit(rows, zeros([2, 2]), { epochs: 2, verbose: 0 });
    expect(await base.getWeights()).toEqual((await whole.getWeights()).slice(0, 2));
    const trained = await whole.predict(rows);
    base.free();
    expect(await whole.predict(rows)).toEqual(trained);
    expect(() => base(input({ shape: [5] }))).toThrow("base: the inner model expects [null, 4], received [null, 5].");
  });

  it("trains what is not frozen, from the next compile on", async () => {
    const x = input({ shape: [3] });
    const frozen = dense({ units: 3, activation: "tanh", name: "frozen" });
    using made = model({ inputs: x, outputs: dense({ units: 1, name: "top" })(frozen(x)), seed: 3 });
    const [rows, goals] = [array([[1, 2, 3]]), array([[1]])];
    const train = async () => {
      made.compile({ loss: "mse", optimizer: "sgd" });
      await made.fit(rows, goals, { epochs: 2, verbose: 0 });
      return made.getWeights();
    };
    const before = await made.getWeights();
    frozen.trainable = false;
    const after = await train();
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]).not.toEqual(before[2]);
    expect(made.summary()).toContain("Non-trainable params: 12");
    frozen.trainable = true;
    expect((await train())[0]).not.toEqual(before[0]);
    const z = input({ shape: [3] });
    const again = model({ inputs: z, outputs: made(z) });
    made.trainable = false;
    again.compile({ loss: "mse", optimizer: "sgd" });
    const kept = await again.getWeights();
    await again.fit(rows, goals, { epochs: 1, verbose: 0 });
    expect(await again.getWeights()).toEqual(kept);
    again.free();
  });

  it("refuses what cannot be a network, with the cause", () => {
    const x = input({ shape: [4] });
    const z = input({ shape: [4], name: "aside" });
    const h = dense({ units: 4, name: "h" })(x);
    const y = layers.add()([h, z]);
    expect(() => model({ inputs: x, outputs: y })).toThrow(
      'model: the outputs need the input layer "aside" [null, 4], which is not among the inputs.',
    );
    expect(() => model({ inputs: [x, z], outputs: h })).toThrow('model: no output needs the input layer "aside"');
    expect(() => model({ inputs: [x, x], outputs: h })).toThrow("model: an input layer is among the inputs twice.");
    expect(() => model({ inputs: h, outputs: h })).toThrow("model: an input must be made by layers.input");
    expect(() => model({ inputs: x, outputs: dense({ units: 2, name: "h" })(h) })).toThrow(
      'two layers have the name "h"',
    );
    expect(() => model({ inputs: x, outputs: dense({ units: 2 }) })).toThrow(
      "model: outputs: the output of a layer expected, received a Dense layer that was not called.",
    );
    expect(() => model({ inputs: x, outputs: [] })).toThrow(OptionError);
    expect(() => dense({ units: 2 })([x, z])).toThrow("dense: one input expected, received a list of 2.");
    expect(() => layers.maxPooling2d()(x)).toThrow(ShapeError);
  });

  it("refuses objectives that do not go with its outputs", () => {
    using made = models.several();
    const compile = (options: Partial<CompileOptions>) => () =>
      made.compile({ loss: ["mse", "sparse_categorical_crossentropy"], optimizer: "sgd", ...options });
    expect(compile({})).not.toThrow();
    expect(compile({ loss: { size: "mse" } })).toThrow('compile: there is no loss for the output "kind".');
    expect(compile({ loss: { size: "mse", knid: "mse" } })).toThrow(/knid.*did you mean "kind"/);
    expect(compile({ loss: ["mse"] })).toThrow("must have one item for each of the model's 2 outputs, received 1");
    expect(compile({ lossWeights: [1, Number.NaN] })).toThrow(
      "a weight of a loss must be a finite number, received NaN",
    );
    expect(compile({ metrics: ["mae"] })).toThrow(
      "the model has 2 outputs (size, kind); give metrics as a list of one metric or list of metrics for each",
    );
    expect(compile({ metrics: [[metrics.meanAbsoluteError()], []] })).not.toThrow();
    expect(compile({ loss: losses.meanSquaredError() })).not.toThrow();
  });
});
