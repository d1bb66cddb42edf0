/** Batch normalisation against Keras, on every backend: a call in every mode, and models of it trained. */

import { afterAll, describe, expect, it } from "vitest";
import type { Backend } from "../src/backends/backend.js";
import type { NDArray } from "../src/core/ndarray.js";
import { fromTyped } from "../src/core/ndarray-create.js";
import { sum } from "../src/graph/compose.js";
import { gradient } from "../src/graph/gradient.js";
import { input, read } from "../src/graph/leaves.js";
import { multiply } from "../src/graph/ops/multiply.js";
import { type Tensor, Variable } from "../src/graph/tensor.js";
import { layers, model, optimizers } from "../src/index.js";
import { Functional, type FunctionalOptions } from "../src/models/functional.js";
import { layerFromConfig } from "../src/nn/layers/index.js";
import { golden } from "./support/goldens.js";
import { inCamelCase } from "./support/keras-names.js";
import { allBackends, closeBackends, relativeMiss, runGraph } from "./support/run-graph.js";

interface Mode {
  readonly y: NDArray;
  readonly dx: NDArray;
  readonly dw: readonly NDArray[];
  readonly after: readonly NDArray[];
}

type ModeName = "training" | "inference" | "frozen";

interface Call extends Readonly<Record<ModeName, Mode>> {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly x: NDArray;
  readonly weights: readonly NDArray[];
  readonly names: readonly string[];
}

interface Trained {
  readonly xs: readonly NDArray[];
  readonly y: NDArray;
  readonly batch: number;
  readonly epochs: number;
  readonly start: readonly NDArray[];
  readonly before: NDArray;
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly evaluated: Readonly<Record<string, number>>;
  readonly after: NDArray;
  readonly end: readonly NDArray[];
  readonly paths: readonly string[];
  readonly summary: string;
}

type ModelName = "convolutional" | "shared" | "nested" | "frozen";

const { calls, models } = golden<{
  readonly calls: readonly Call[];
  readonly models: Readonly<Record<ModelName, Trained>>;
}>("batch-normalization");

const backends = allBackends();
afterAll(() => closeBackends(backends));

/** The tensors of a call in a mode: y, the gradients of the sum that the golden took, and the weights afterwards. */
function build({ options, x: given, weights }: Call, mode: ModeName) {
  const layer = layerFromConfig({ className: "BatchNormalization", config: inCamelCase(options) });
  const shape = [null, ...given.shape.slice(1)];
  const x = input("x", shape, "float32");
  const weighting = input("weighting", shape, "float32");
  const turns = Float32Array.from({ length: given.size }, (_, i) => (i % 7) + 1);
  const leaves = new Map<Tensor, NDArray>([
    [x, given],
    [weighting, fromTyped(turns, given.shape)],
  ]);
  const specs = layer.weightSpecs(shape);
  const own = specs.map(({ name, shape: of }, i) => {
    const leaf = read(new Variable(name, of, "float32"));
    leaves.set(leaf, weights[i]!);
    return [name, leaf] as const;
  });
  const after = new Map<string, Tensor>();
  const y = layer.call(x, Object.fromEntries(own), {
    training: mode !== "inference",
    randomState: null,
    frozen: new Set(mode === "frozen" ? [layer] : []),
    update: (name, value) => after.set(name, value),
  });
  const trained = own.filter((_, i) => specs[i]!.trainable && mode !== "frozen").map(([, leaf]) => leaf);
  const [dx, ...dw] = gradient(sum(multiply([y, weighting])), [x, ...trained]);
  return { outputs: { y, dx: dx! }, dw, after, leaves, names: specs.map(({ name }) => name) };
}

describe("a call as Keras computes it", () => {
  const modes = ["training", "inference", "frozen"] as const;
  const titled = calls.flatMap((item) => modes.map((mode) => [item.name, mode, item] as const));
  it.each(titled)("%s, %s", async (_, mode, item) => {
    const { outputs, dw, after, leaves, names } = build(item, mode);
    expect(names).toEqual(item.names);
    const expected = item[mode];
    const all = { ...outputs, ...Object.fromEntries([...dw.map((tensor, i) => [`dw${i}`, tensor]), ...after]) };
    // Far from 0 the mean of float32 numbers leaves few digits of what is taken off it, in Keras as here.
    const most = item.name === "far from 0" ? 1e-3 : 2e-5;
    for (const { name, backend } of backends) {
      const found = await runGraph(backend, all, leaves, item.x.shape[0]!);
      const check = (what: string, values: NDArray) =>
        expect(relativeMiss(found[what]!, values.data), `${name}: ${what}`).toBeLessThan(most);
      check("y", expected.y);
      check("dx", expected.dx);
      expect(dw.length).toBe(expected.dw.length);
      expected.dw.forEach((values, i) => {
        check(`dw${i}`, values);
      });
      names.forEach((weight, i) => {
        if (after.has(weight)) check(weight, expected.after[i]!);
        else expect(expected.after[i]!.data).toEqual(item.weights[i]!.data);
      });
    }
    expect([...after.keys()]).toEqual(mode === "training" ? ["moving_mean", "moving_variance"] : []);
  });
});

const { batchNormalization, conv2d, dense, activation } = layers;
const softmax = () => dense({ units: 3, activation: "softmax" });

function inner() {
  const x = layers.input({ shape: [6] });
  const normalization = batchNormalization({ momentum: 0.6 });
  return model({ inputs: x, outputs: normalization(dense({ units: 6 })(normalization(x))), name: "inner" });
}

const makers: Readonly<Record<ModelName, () => FunctionalOptions>> = {
  convolutional() {
    const x = layers.input({ shape: [8, 8, 3] });
    const first = conv2d({ filters: 6, kernelSize: 3, padding: "same", useBias: false })(x);
    const a = layers.reLU()(batchNormalization({ momentum: 0.9 })(first));
    const second = conv2d({ filters: 6, kernelSize: 3, padding: "same" })(a);
    const b = layers.add()([a, batchNormalization({ momentum: 0.8, epsilon: 1e-5 })(second)]);
    const third = conv2d({ filters: 8, kernelSize: 1, strides: 2 })(activation({ activation: "relu" })(b));
    const c = layers.reLU({ maxValue: 6 })(batchNormalization()(third));
    return { inputs: x, outputs: softmax()(layers.globalAveragePooling2d()(c)) };
  },
  shared() {
    const [left, right] = [layers.input({ shape: [5], name: "left" }), layers.input({ shape: [5], name: "right" })];
    const normalization = batchNormalization({ momentum: 0.7 });
    const [a, b] = [normalization(left), normalization(dense({ units: 5 })(right))];
    return { inputs: [left, right], outputs: softmax()(layers.add()([a, b])) };
  },
  nested() {
    const x = layers.input({ shape: [6] });
    const part = inner();
    const y = batchNormalization({ momentum: 0.5 })(part(activation({ activation: "tanh" })(part(x))));
    return { inputs: x, outputs: softmax()(y) };
  },
  frozen() {
    const x = layers.input({ shape: [6] });
    const part = inner();
    part.trainable = false;
    const first = batchNormalization({ momentum: 0.5 });
    first.trainable = false;
    const y = batchNormalization({ momentum: 0.5 })(part(first(dense({ units: 6 })(x))));
    return { inputs: x, outputs: softmax()(y) };
  },
};

function made(name: ModelName, backend: Backend): Functional {
  return new Functional(makers[name](), () => backend);
}

/** Relative to numbers of 1 and more: a bias before a normalisation has no gradient but rounding. */
function expectNear(found: ArrayLike<number>, expected: ArrayLike<number>, most: number, what: string): void {
  expect(found.length).toBe(expected.length);
  const misses = Array.from(expected, (v, i) => Math.abs(found[i]! - v) / Math.max(1, Math.abs(v)));
  expect(
    misses.findIndex((miss) => !(miss < most)),
    `${what}: ${misses}`,
  ).toBe(-1);
}

describe("a model trained as by Keras", () => {
  const each = Object.keys(makers).flatMap((name) =>
    backends.map((one) => [name as ModelName, one.name, one] as const),
  );
  it.each(each)("%s: %s", async (name, _, { backend }) => {
    const { xs, y, batch: batchSize, epochs, start, before, history, evaluated, after, end } = models[name];
    using trained = made(name, backend);
    await trained.setWeights(start);
    expectNear(((await trained.predict(xs)) as NDArray).data, before.data, 2e-5, "before");
    trained.compile({
      loss: "sparse_categorical_crossentropy",
      optimizer: optimizers.sgd({ learningRate: 0.05, momentum: 0.9 }),
      metrics: ["accuracy"],
    });
    const found = await trained.fit([...xs], y, { batchSize, epochs, shuffle: false, verbose: 0 });
    for (const [key, values] of Object.entries(history)) expectNear(found.history[key]!, values, 1e-4, key);
    const score = await trained.evaluate([...xs], y, { batchSize, verbose: 0 });
    for (const [key, value] of Object.entries(evaluated)) expectNear([score[key]!], [value], 1e-4, `evaluated ${key}`);
    expectNear(((await trained.predict(xs)) as NDArray).data, after.data, 1e-4, "after");
    for (const [i, weights] of (await trained.getWeights()).entries()) {
      expectNear(weights.data, end[i]!.data, 1e-4, models[name].paths[i]!);
    }
  });

  it("is the same for any number of threads, to the bit", async () => {
    const { xs, y, batch: batchSize, start } = models.convolutional;
    const results = new Map<string, Float32Array[]>();
    for (const { name, backend } of backends.slice(1)) {
      using one = made("convolutional", backend);
      await one.setWeights(start);
      one.compile({ loss: "sparse_categorical_crossentropy", optimizer: "sgd" });
      await one.fit([...xs], y, { batchSize, epochs: 2, shuffle: false, verbose: 0 });
      const weights = (await one.getWeights()).map(({ data }) => data as Float32Array);
      const [module] = name.split(",") as [string];
      expect(weights, name).toEqual(results.get(module) ?? weights);
      results.set(module, weights);
    }
    expect(results.size).toBe(2);
  });

  it.each(Object.keys(makers) as ModelName[])("has Keras's weights and summary: %s", (name) => {
    const { paths, start, summary } = models[name];
    using one = made(name, backends[0]!.backend);
    const own = one.network.weights;
    expect(own.map(({ shape }) => shape)).toEqual(start.map(({ shape }) => shape));
    const last = (path: string): string => path.split("/").at(-1)!;
    expect(own.map(({ path }) => last(path))).toEqual(paths.map(last));
    if (name === "convolutional" || name === "shared") expect(own.map(({ path }) => path)).toEqual(paths);
    // Names count all layers that were made, of the inner model too; only without one are they the same.
    const counts = (text: string): string => text.slice(text.indexOf(" Total params"));
    expect(counts(one.summary({ width: 88 }))).toBe(counts(summary));
    if (name === "convolutional" || name === "shared") expect(one.summary({ width: 88 })).toBe(summary);
  });
});
