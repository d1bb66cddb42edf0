/** Every layer: shape, gradient and config by checkLayer, values against Keras 3.15.1 (JAX). */

import { describe, expect, it } from "vitest";
import { checkLayer, type LayerCase } from "../../../test/support/checkLayer.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import { input as inputLeaf } from "../../graph/leaves.js";
import { square } from "../../graph/ops/square.js";
import { activations } from "../activations/index.js";
import type { Layer } from "../layer.js";
import { ops } from "../ops.js";
import { layers } from "./index.js";

interface Case extends LayerCase {
  readonly layer: Layer;
  /** Shape and values that Keras 3.15.1 gives for the same weights and input. */
  readonly shape: readonly number[];
  readonly expected: readonly number[];
}

/** What is random is so in training alone, and not where there is nothing of it. */
const unchanged = Object.fromEntries(
  (
    [
      ["dropout", (rate) => layers.dropout({ rate })],
      ["dropout with a noiseShape", (rate) => layers.dropout({ rate, noiseShape: [null, 1, 1, null] })],
      ["alphaDropout", (rate) => layers.alphaDropout({ rate })],
      ["gaussianDropout", (rate) => layers.gaussianDropout({ rate })],
      ["gaussianNoise", (stddev) => layers.gaussianNoise({ stddev })],
      ["spatialDropout2d", (rate) => layers.spatialDropout2d({ rate })],
    ] as readonly (readonly [string, (rate: number) => Layer])[]
  ).flatMap(([name, make]) => {
    const same = { input: [1, 1, 3, 1], values: [1, 2, 3], shape: [1, 1, 3, 1], expected: [1, 2, 3] };
    return [
      [`${name} outside training`, { layer: make(0.5), ...same }],
      [`${name} of nothing`, { layer: make(0), training: true, ...same }],
    ];
  }),
) as Readonly<Record<string, Case>>;

const cases: Readonly<Record<string, Case>> = {
  "dense, tanh": {
    layer: layers.dense({ units: 2, activation: "tanh" }),
    input: [2, 3],
    shape: [2, 2],
    expected: [-0.02698112, 0.5837282, -0.2292594, 0.4981362],
  },
  "dense on the last of four axes": {
    layer: layers.dense({ units: 2 }),
    input: [1, 2, 2, 3],
    shape: [1, 2, 2, 2],
    expected: [-0.02698767, 0.6680992, -0.2334077, 0.5468241, 0.9760521, 0.3135648, 0.7696321, 0.1922898],
  },
  "dense, softmax": {
    layer: layers.dense({ units: 3, activation: "softmax" }),
    input: [2, 2],
    shape: [2, 3],
    expected: [0.166121, 0.3564956, 0.4773833, 0.300511, 0.1748867, 0.5246024],
  },
  "conv2d, valid, relu": {
    layer: layers.conv2d({ filters: 2, kernelSize: [3, 2], strides: [2, 1], activation: "relu" }),
    input: [1, 5, 4, 2],
    shape: [1, 2, 3, 2],
    expected: [0, 2.858114, 3.648146, 0, 1.166954, 0, 0, 2.600026, 0.07309282, 0, 1.814814, 0],
  },
  "conv2d, same, without bias": {
    layer: layers.conv2d({ filters: 1, kernelSize: [3, 4], strides: 2, padding: "same", useBias: false }),
    input: [1, 5, 6, 2],
    shape: [1, 3, 3, 1],
    expected: [1.061503, -0.2308056, -0.6519669, 0.2626438, -1.081742, -1.39063, 0.6420003, -0.4585094, 1.173519],
  },
  "batchNormalization, training": {
    layer: layers.batchNormalization({ epsilon: 0.25 }),
    input: [2, 1, 2],
    values: [1, -2, 4, 6],
    weights: { gamma: [5, -2], beta: [1, 3], moving_mean: [0, 0], moving_variance: [1, 1] },
    training: true,
    shape: [2, 1, 2],
    expected: [-3.743416, 4.984556, 5.743416, 1.015444],
  },
  "batchNormalization, by moving statistics, without beta": {
    layer: layers.batchNormalization({ epsilon: 0.25, center: false }),
    input: [2, 1, 2],
    values: [1, -2, 4, 6],
    weights: { gamma: [5, -2], moving_mean: [2, 1], moving_variance: [6, 2] },
    shape: [2, 1, 2],
    expected: [-2, 4, 4, -6.666667],
  },
  "batchNormalization of another axis, without gamma": {
    layer: layers.batchNormalization({ axis: 1, epsilon: 0.25, scale: false }),
    input: [1, 2, 2],
    values: [1, -2, 4, 6],
    weights: { beta: [1, 2], moving_mean: [0, 5], moving_variance: [0.75, 3.75] },
    shape: [1, 2, 2],
    expected: [2, -1, 1.5, 2.5],
  },
  maxPooling2d: {
    layer: layers.maxPooling2d(),
    input: [1, 5, 4, 1],
    shape: [1, 2, 2, 1],
    expected: [0.999868, 0.7080719, 0.8884118, 0.5966157],
  },
  "maxPooling2d, same": {
    layer: layers.maxPooling2d({ poolSize: 2, strides: 2, padding: "same" }),
    input: [1, 3, 5, 2],
    shape: [1, 2, 3, 2],
    expected: [
      0.999868, 0.7080719, 0.7769556, 0.0130236, 0.8884118, 0.4851595, 0.1933635, 0.9572955, 0.6654994, 0.3737034,
      -0.3902287, 0.8458393,
    ],
  },
  "averagePooling2d, same": {
    layer: layers.averagePooling2d({ poolSize: [3, 2], strides: [2, 2], padding: "same" }),
    input: [1, 4, 5, 1],
    shape: [1, 2, 3, 1],
    expected: [0.1315752, -0.06295552, 0.1244798, 0.06875168, -0.4591123, 0.3949896],
  },
  globalAveragePooling2d: {
    layer: layers.globalAveragePooling2d(),
    input: [2, 2, 3, 2],
    shape: [2, 2],
    expected: [0.1802079, 0.08294251, 0.0130236, -0.08424176],
  },
  "globalAveragePooling2d, keepdims": {
    layer: layers.globalAveragePooling2d({ keepdims: true }),
    input: [1, 2, 3, 2],
    shape: [1, 1, 1, 2],
    expected: [0.1802079, 0.08294251],
  },
  "activation, sigmoid": {
    layer: layers.activation({ activation: "sigmoid" }),
    input: [1, 4],
    shape: [1, 4],
    expected: [0.7310326, 0.5587119, 0.3709844, 0.669975],
  },
  "activation, softmax": {
    layer: layers.activation({ activation: activations.softmax }),
    input: [1, 2, 3],
    shape: [1, 2, 3],
    expected: [0.5942371, 0.2768142, 0.1289487, 0.5942371, 0.2768142, 0.1289487],
  },
  reLU: {
    layer: layers.reLU({ maxValue: 2, negativeSlope: 0.5, threshold: 1 }),
    input: [1, 4],
    values: [-2, 0.5, 1.5, 3],
    shape: [1, 4],
    expected: [-1.5, -0.25, 1.5, 2],
  },
  leakyReLU: {
    layer: layers.leakyReLU(),
    input: [1, 2],
    values: [-2, 3],
    shape: [1, 2],
    expected: [-0.6, 3],
  },
  eLU: {
    layer: layers.eLU({ alpha: 2 }),
    input: [1, 2],
    values: [-Math.LN2, 3],
    shape: [1, 2],
    expected: [-1, 3],
  },
  pReLU: {
    layer: layers.pReLU(),
    input: [2, 2],
    values: [-2, 3, -4, -5],
    weights: { alpha: [0.5, 0.25] },
    shape: [2, 2],
    expected: [-1, 3, -2, -1.25],
  },
  "pReLU with shared axes": {
    layer: layers.pReLU({ alphaInitializer: "ones", sharedAxes: [1] }),
    input: [1, 2, 2],
    values: [-2, 3, -4, -5],
    weights: { alpha: [0.5, 0.25] },
    shape: [1, 2, 2],
    expected: [-1, 3, -2, -1.25],
  },
  softmax: {
    layer: layers.softmax({ axis: 1 }),
    input: [1, 2, 2],
    values: [0, 1, Math.log(3), 1],
    shape: [1, 2, 2],
    expected: [0.25, 0.5, 0.75, 0.5],
  },
  "softmax over two axes": {
    layer: layers.softmax({ axis: [-1, 1] }),
    input: [1, 2, 1, 2],
    values: [0, Math.log(2), Math.log(3), Math.log(4)],
    shape: [1, 2, 1, 2],
    expected: [0.1, 0.2, 0.3, 0.4],
  },
  rescaling: {
    layer: layers.rescaling({ scale: 2, offset: -1 }),
    input: [1, 3],
    shape: [1, 3],
    expected: [0.999736, -0.5281281, -2.055992],
  },
  "rescaling of bytes": {
    layer: layers.rescaling({ scale: 1 / 255 }),
    input: [2, 2],
    dtype: "uint8",
    values: [0, 51, 102, 255],
    shape: [2, 2],
    expected: [0, 0.2, 0.4, 1],
  },
  "flatten of a vector": {
    layer: layers.flatten(),
    input: [3],
    shape: [3, 1],
    expected: [0.999868, 0.235936, -0.5279961],
  },
  "flatten of pictures": {
    layer: layers.flatten({ name: "flat" }),
    input: [2, 1, 2, 1],
    values: [1, 2, 3, 4],
    shape: [2, 2],
    expected: [1, 2, 3, 4],
  },
  reshape: {
    layer: layers.reshape({ targetShape: [-1, 2] }),
    input: [1, 6],
    values: [1, 2, 3, 4, 5, 6],
    shape: [1, 3, 2],
    expected: [1, 2, 3, 4, 5, 6],
  },
  lambda: {
    layer: layers.lambda({ function: (x) => ops.multiply(x, ops.sum(x, { axis: -1, keepdims: true })) }),
    input: [2, 2],
    values: [1, 2, 3, 4],
    shape: [2, 2],
    expected: [3, 6, 21, 28],
    written: false,
  },
  input: { layer: layers.input({ shape: [2] }), input: [1, 2], values: [1, 2], shape: [1, 2], expected: [1, 2] },
  ...unchanged,
};

describe("layers", () => {
  it.each(Object.entries(cases))("%s", (_, given) => {
    const { shape, values } = checkLayer(given.layer, given);
    expect(shape).toEqual(given.shape);
    expect(values.length).toBe(given.expected.length);
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(given.expected[i]!, 5);
    });
  });

  it("batchNormalization has weights for its channels, and refuses the batch axis and one that is not there", () => {
    const weightsOf = (layer: Layer, shape: readonly (number | null)[]) =>
      layer.weightSpecs(shape).map(({ name, shape: own, trainable }) => [name, own, trainable]);
    expect(weightsOf(layers.batchNormalization(), [null, 4, 3])).toEqual([
      ["gamma", [3], true],
      ["beta", [3], true],
      ["moving_mean", [3], false],
      ["moving_variance", [3], false],
    ]);
    expect(weightsOf(layers.batchNormalization({ axis: 1, center: false, scale: false }), [null, 4, 3])).toEqual([
      ["moving_mean", [4], false],
      ["moving_variance", [4], false],
    ]);
    for (const axis of [0, -3]) {
      const call = () => layers.batchNormalization({ axis, name: "own" }).outputShape([null, 4, 3]);
      expect(call).toThrow(ShapeError);
      expect(call).toThrow(`own: axis ${axis} of [null, 4, 3] is the batch, whose examples stay apart.`);
    }
    expect(() => layers.batchNormalization({ axis: 3 }).outputShape([null, 4, 3])).toThrow(ShapeError);
    expect(() => layers.batchNormalization({ renorm: true } as never)).toThrow(OptionError);
    expect(() => layers.batchNormalization({ momentum: 1.5 })).toThrow(OptionError);
    expect(() => layers.batchNormalization({ epsilon: 0 })).toThrow(OptionError);
  });

  it("flatten, reshape and input keep bytes; the others make float32 of them, as Keras does", () => {
    const bytes = inputLeaf("x", [null, 4, 4, 1], "uint8");
    expect(layers.flatten().call(bytes).dtype).toBe("uint8");
    expect(layers.reshape({ targetShape: [-1] }).call(bytes).dtype).toBe("uint8");
    expect(layers.maxPooling2d().call(bytes).dtype).toBe("float32");
    expect(layers.averagePooling2d().call(bytes).dtype).toBe("float32");
    expect(layers.activation({ activation: "relu" }).call(bytes).dtype).toBe("float32");
    checkLayer(layers.dense({ units: 2 }), { input: [2, 3], dtype: "uint8", values: [0, 1, 2, 3, 4, 255] });
    checkLayer(layers.conv2d({ filters: 1, kernelSize: 2 }), {
      input: [1, 2, 2, 1],
      dtype: "uint8",
      values: [1, 2, 3, 4],
    });
  });

  it("calls a function of the user's own as activation, and refuses to write it into a config", () => {
    const layer = layers.dense({ units: 1, activation: (x) => square([x]), useBias: false });
    const kernel = inputLeaf("kernel", [2, 1], "float32");
    expect(layer.call(inputLeaf("x", [null, 2], "float32"), { kernel }).op).toBe("square");
    expect(() => layer.config).toThrow(OptionError);
    expect(() => layer.config).toThrow(/dense: activation is a function of your own/);
  });
});
