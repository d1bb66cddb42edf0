/** Layers without moving state against Keras: values and gradients, on every backend; those that are random by themselves. */

import { afterAll, describe, expect, it } from "vitest";
import type { NDArray } from "../src/core/ndarray.js";
import { sum } from "../src/graph/compose.js";
import { gradient } from "../src/graph/gradient.js";
import { input, read } from "../src/graph/leaves.js";
import { cast } from "../src/graph/ops/cast.js";
import { multiply } from "../src/graph/ops/multiply.js";
import { type Tensor, Variable } from "../src/graph/tensor.js";
import { layerFromConfig, layers } from "../src/nn/layers/index.js";
import { interpolationTable } from "../src/nn/layers/interpolation.js";
import type { Normalization } from "../src/nn/layers/standardizing.js";
import { checkLayer } from "./support/checkLayer.js";
import { golden } from "./support/goldens.js";
import { inCamelCase } from "./support/keras-names.js";
import { allBackends, closeBackends, relativeMiss, runGraph } from "./support/run-graph.js";

interface GoldenCase {
  readonly className: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly x: NDArray;
  readonly y: NDArray;
  readonly coefficients: NDArray;
  readonly weights: readonly { readonly name: string; readonly value: NDArray; readonly trainable: boolean }[];
  /** By x, unless it is of whole numbers, then by every weight that is trained. */
  readonly gradients: readonly NDArray[];
  /** What a normalization was adapted to. */
  readonly data?: NDArray;
}

const { cases, nearest } = golden<{
  cases: readonly GoldenCase[];
  nearest: { readonly sides: readonly number[]; readonly sources: NDArray };
}>("layers");

const backends = allBackends();
afterAll(() => closeBackends(backends));

/** Keras's options in this library's words. */
function optionsOf(options: GoldenCase["options"]): Record<string, unknown> {
  const { keepdims, ...rest } = inCamelCase(options);
  return keepdims === undefined ? rest : { ...rest, keepdims };
}

const opened = ({ shape }: NDArray) => [null, ...shape.slice(1)];

/** The tensors of a case: its output, and the gradients that the golden took. */
function build(item: GoldenCase) {
  const layer = layerFromConfig({ className: item.className, config: optionsOf(item.options) });
  const x = input("x", opened(item.x), item.x.dtype);
  if (item.data !== undefined) (layer as Normalization).adapt(item.data);
  const specs = layer.weightSpecs(x.shape);
  const leaves = new Map<Tensor, NDArray>([[x, item.x]]);
  expect(specs.map(({ name, shape, trainable }) => [name, shape, trainable])).toEqual(
    item.weights.map(({ name, value, trainable }) => [name, value.shape, trainable]),
  );
  const own = item.weights.map(({ name, value }) => {
    const leaf = read(new Variable(name, value.shape, "float32"));
    leaves.set(leaf, value);
    return leaf;
  });
  const y = layer.call(x, Object.fromEntries(item.weights.map(({ name }, i) => [name, own[i]!])));
  const by = [x, ...own.filter((_, i) => item.weights[i]!.trainable)].filter(({ dtype }) => dtype === "float32");
  const outputs: Record<string, Tensor> = { y: cast([y], { dtype: y.dtype }) };
  if (by.length > 0) {
    const coefficients = input("coefficients", opened(item.y), "float32");
    leaves.set(coefficients, item.coefficients);
    gradient(sum(multiply([y, coefficients])), by).forEach((tensor, i) => {
      outputs[`gradient ${i}`] = tensor;
    });
  }
  return { layer, y, outputs, leaves, rows: item.x.shape[0]! };
}

describe("layers as Keras computes them", () => {
  const titled = cases.map(
    (item) => [`${item.className} ${JSON.stringify(item.options)} of ${item.x.dtype} [${item.x.shape}]`, item] as const,
  );
  it.each(titled)("%s", async (_, item) => {
    const { layer, y, outputs, leaves, rows } = build(item);
    expect(y.shape).toEqual(opened(item.y));
    expect(y.dtype).toBe(item.y.dtype);
    expect(layer.outputShape(opened(item.x))).toEqual(y.shape);
    for (const { name, backend } of backends) {
      const found = await runGraph(backend, outputs, leaves, rows);
      expect(relativeMiss(found.y!, item.y.data), `${name}: y`).toBeLessThan(1e-5);
      item.gradients.forEach(({ data }, i) => {
        expect(relativeMiss(found[`gradient ${i}`]!, data), `${name}: gradient ${i}`).toBeLessThan(2e-5);
      });
    }
  });

  it.each(titled)("%s: shape, finite differences, config", (_, item) => {
    const { layer } = build(item);
    // Adapted numbers are weights, not part of a config.
    const weights = Object.fromEntries(item.weights.map(({ name, value }) => [name, value.data]));
    checkLayer(layer, { input: item.x.shape, dtype: item.x.dtype, values: item.x.data, weights });
  });

  it("find the nearest pixel that Keras finds, from any size to any other", () => {
    const found = nearest.sides.flatMap((from) =>
      nearest.sides.flatMap((to) => interpolationTable("nearest", from, to, false).sources),
    );
    expect(found).toEqual([...nearest.sources.data]);
  });

  it("find mean and variance as Keras does", () => {
    const adapted = cases.filter(({ data }) => data !== undefined);
    expect(adapted.length).toBeGreaterThan(2);
    for (const { options, x, data, weights } of adapted) {
      const layer = layers.normalization(options);
      layer.adapt(data!);
      layer.weightSpecs(opened(x)).forEach(({ shape, initializer }, i) => {
        const found = initializer.generate(shape, undefined as never);
        expect(relativeMiss(found, weights[i]!.value.data)).toBeLessThan(1e-6);
      });
    }
  });
});
