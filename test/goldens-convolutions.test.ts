/** Every layer of convolution against Keras: output and all gradients, on every backend. */

import { afterAll, describe, expect, it } from "vitest";
import { ShapeError } from "../src/core/errors.js";
import type { NDArray } from "../src/core/ndarray.js";
import { fromTyped } from "../src/core/ndarray-create.js";
import { sum } from "../src/graph/compose.js";
import { gradient } from "../src/graph/gradient.js";
import { input, read } from "../src/graph/leaves.js";
import { multiply } from "../src/graph/ops/multiply.js";
import { type Tensor, Variable } from "../src/graph/tensor.js";
import { layerFromConfig, layers } from "../src/nn/layers/index.js";
import { golden } from "./support/goldens.js";
import { inCamelCase } from "./support/keras-names.js";
import { allBackends, closeBackends, relativeMiss, runGraph } from "./support/run-graph.js";

interface GoldenCase {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly x: NDArray;
  readonly y: NDArray;
  /** By x, then by each weight. */
  readonly gradients: readonly NDArray[];
  readonly weights: readonly { readonly name: string; readonly value: NDArray }[];
}

interface GoldenLength {
  readonly kernel_size: number;
  readonly strides: number;
  readonly padding: "valid" | "same";
  readonly output_padding: number | null;
  readonly dilation_rate: number;
}

const { cases, lengths } = golden<{
  cases: readonly GoldenCase[];
  lengths: readonly (readonly [GoldenLength, readonly [number, number]])[];
}>("convolutions");

const backends = allBackends();
afterAll(() => closeBackends(backends));

/** The layer's output, and the gradients of the sum that the golden took. */
function build({ name, options, x: given, y: expected, weights }: GoldenCase) {
  const shape = [null, ...given.shape.slice(1)];
  const x = input("x", shape, "float32");
  const layer = layerFromConfig({ className: name, config: inCamelCase(options) });
  expect(layer.outputShape(shape)).toEqual([null, ...expected.shape.slice(1)]);
  expect(layer.weightSpecs(shape).map((weight) => [weight.name, weight.shape])).toEqual(
    weights.map(({ name: weight, value }) => [weight, value.shape]),
  );
  const leaves = new Map<Tensor, NDArray>([[x, given]]);
  const own = weights.map(({ name: weight, value }) => {
    const leaf = read(new Variable(weight, value.shape, "float32"));
    leaves.set(leaf, value);
    return leaf;
  });
  const y = layer.call(x, Object.fromEntries(weights.map((weight, i) => [weight.name, own[i]!])));
  const weighting = input("weighting", y.shape, "float32");
  leaves.set(
    weighting,
    fromTyped(
      Float32Array.from({ length: expected.size }, (_, i) => (i % 3) + 1),
      expected.shape,
    ),
  );
  const gradients = gradient(sum(multiply([y, weighting])), [x, ...own]);
  return { outputs: { y, ...Object.fromEntries(gradients.map((tensor, i) => [`${i}`, tensor!])) }, leaves };
}

/** The largest difference of two arrays, relative to the largest of the expected numbers. */
function largestMiss(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const largest = Array.from(expected).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const scaled = (values: ArrayLike<number>) => Array.from(values, (v) => v / largest);
  return relativeMiss(scaled(found), scaled(expected));
}

describe("convolutions as Keras computes them", () => {
  const titled = cases.map(
    (item) => [`${item.name} ${JSON.stringify(item.options)} of ${item.x.shape}`, item] as const,
  );
  it.each(titled)("%s", async (_, item) => {
    const { outputs, leaves } = build(item);
    for (const { name, backend } of backends) {
      const found = await runGraph(backend, outputs, leaves, item.x.shape[0]!);
      // What tiles compute is as near as that to the largest numbers only.
      const miss = name === "reference" ? relativeMiss : largestMiss;
      expect(miss(found.y!, item.y.data), `${name}: y`).toBeLessThan(1e-5);
      item.gradients.forEach((expected, i) => {
        expect(miss(found[i]!, expected.data), `${name}: gradient ${i}`).toBeLessThan(1e-5);
      });
    }
  });

  it("are all there", () => {
    const own = [layers.conv2d, layers.conv2dTranspose, layers.depthwiseConv2d, layers.separableConv2d];
    expect([...new Set(cases.map(({ name }) => name))].sort()).toEqual(own.map(({ className }) => className).sort());
  });
});

describe("the size of what conv2dTranspose makes", () => {
  it.each(lengths)("%j is %j", (options, expected) => {
    const layer = layers.conv2dTranspose({ filters: 1, ...inCamelCase({ ...options }) } as never);
    const size = () => layer.outputShape([null, 5, 8, 2]).slice(1, 3);
    // Keras tells a size, but TensorFlow has no convolution that leads back from it.
    const none = options.padding === "same" && options.output_padding === 0 && covered(options) % 2 === 0;
    if (none) expect(size).toThrow(ShapeError);
    else expect(size()).toEqual(expected);
  });

  function covered({ kernel_size, dilation_rate }: GoldenLength): number {
    return (kernel_size - 1) * dilation_rate + 1;
  }
});
