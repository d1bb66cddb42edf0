/**
 * Three proofs for a layer, from one case: the shape it promises is the shape it makes, its gradient is that of finite
 * differences (float64, central, h = 1e-5, tolerance 1e-6), and its config makes the same layer again.
 */

import { expect } from "vitest";
import type { DType } from "../../src/core/dtype.js";
import { sizeOf } from "../../src/core/shape.js";
import { sum } from "../../src/graph/compose.js";
import { type Dimensions, withRows } from "../../src/graph/dimensions.js";
import { gradient } from "../../src/graph/gradient.js";
import { constant, input, read } from "../../src/graph/leaves.js";
import { multiply } from "../../src/graph/ops/multiply.js";
import { type Tensor, Variable } from "../../src/graph/tensor.js";
import type { Layer } from "../../src/nn/layer.js";
import { layerFromConfig } from "../../src/nn/layers/index.js";
import { evaluate, numbers } from "./evaluate.js";

/** One use of a layer. */
export interface LayerCase {
  /** Shape of the input with its rows: [2, 28, 28, 1]. */
  readonly input: readonly number[];
  /** Shapes of further inputs, for a layer of several. */
  readonly others?: readonly (readonly number[])[];
  /** Default "float32". Other dtypes have no gradient by the input. */
  readonly dtype?: DType;
  /** Row-major; default: numbers between -1 and 1, none of them equal. */
  readonly values?: ArrayLike<number>;
  /** Weights by name; default: as `values`. */
  readonly weights?: Readonly<Record<string, ArrayLike<number>>>;
  readonly training?: boolean;
  /** False: it has a function of its user's own, which no config can hold. Default true. */
  readonly written?: false;
}

/** What the layer made. */
export interface LayerResult {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Proves the layer for one case and gives back its output. */
export function checkLayer(layer: Layer, given: LayerCase): LayerResult {
  const made = callOn(layer, given);
  expect(made.output.shape, "the promised shape").toEqual(layer.outputShape(shapesOf(given)));

  const [value] = evaluate([made.output], made);
  if (given.written !== false) {
    const again = layerFromConfig(JSON.parse(JSON.stringify({ className: layer.className, config: layer.config })));
    expect(again.className).toBe(layer.className);
    expect(again.name).toBe(layer.name);
    expect(again.config, "the config of the layer from its config").toEqual(layer.config);
    const repeated = callOn(again, given);
    expect(numbers(repeated.output, repeated), "the layer from its config").toEqual([...value!.data]);
  }
  checkGradient(made);
  return { shape: value!.shape, values: [...value!.data] };
}

/** The shapes of all inputs, their rows open. */
function shapesOf({ input: first, others = [] }: LayerCase): readonly Dimensions[] {
  return [first, ...others].map((shape) => [null, ...shape.slice(1)]);
}

interface Call {
  readonly output: Tensor;
  readonly xs: readonly Tensor[];
  readonly weights: readonly Tensor[];
  readonly rows: number;
  readonly inputs: Map<Tensor, Float64Array>;
  readonly variables: Map<Variable, Float64Array>;
}

/** The layer on an input and weights, with numbers for both. */
function callOn(layer: Layer, given: LayerCase): Call {
  const rows = given.input[0]!;
  const shapes = shapesOf(given);
  const variables = new Map<Variable, Float64Array>();
  const weights: Record<string, Tensor> = {};
  layer.weightSpecs(shapes).forEach(({ name, shape }, i) => {
    const variable = new Variable(`layer/${name}`, shape, "float32");
    variables.set(variable, Float64Array.from(given.weights?.[name] ?? scattered(sizeOf(shape), i + 2)));
    weights[name] = read(variable);
  });
  const xs = shapes.map((shape, i) => input(`x${i}`, shape, given.dtype ?? "float32"));
  const randomState = given.training ? constant([1, 2, 3, 4], [4], "int32") : null;
  const output = layer.call(xs, weights, { training: given.training ?? false, randomState }, "layer");
  const inputs = new Map(
    xs.map((x, i) => {
      const values = i === 0 ? given.values : undefined;
      return [x, Float64Array.from(values ?? scattered(sizeOf(withRows(x.shape, rows)), 1 + 10 * i))];
    }),
  );
  return { output, xs, weights: Object.values(weights), rows, inputs, variables };
}

/** d (sum of the outputs times fixed coefficients) by each element of the input and of every weight. */
function checkGradient({ output, xs, weights, rows, inputs, variables }: Call): void {
  if (output.dtype !== "float32") return;
  const coefficients = input("coefficients", output.shape, "float32");
  const all = new Map([...inputs, [coefficients, scattered(sizeOf(withRows(output.shape, rows)), 9)]]);
  const bindings = { rows, inputs: all, variables };
  const loss = sum(multiply([output, coefficients]));
  const by = [...xs.filter(({ dtype }) => dtype === "float32"), ...weights];
  const derivatives = evaluate(gradient(loss, by), bindings);
  by.forEach((tensor, k) => {
    const data = all.get(tensor) ?? variables.get(tensor.attributes.variable as Variable)!;
    const found = derivatives[k]!.data;
    expect(found.length).toBe(data.length);
    data.forEach((value, i) => {
      const [above, below] = [1e-5, -1e-5].map((h) => {
        data[i] = value + h;
        return numbers(loss, bindings)[0]!;
      });
      data[i] = value;
      const difference = Math.abs(found[i]! - (above! - below!) / 2e-5);
      const what = xs.includes(tensor) ? "the input" : (tensor.attributes.variable as Variable).name;
      expect(difference, `derivative by element ${i} of ${what}`).toBeLessThan(1e-6 * Math.max(1, Math.abs(found[i]!)));
    });
  });
}

/** Numbers between -1 and 1 that look random and are far from equal: multiples of the golden ratio. */
export function scattered(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 2 * (((i + 1) * 0.6180339887498949 + seed * 0.3819) % 1) - 1);
}
