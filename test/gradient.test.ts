/** Every gradient rule against finite differences of the reference, in float64. */

import { describe, expect, it } from "vitest";
import { isBatched, sizePerRow } from "../src/graph/dimensions.js";
import { evaluate } from "../src/graph/evaluate.js";
import { gradient } from "../src/graph/gradient.js";
import { constant, input, read } from "../src/graph/leaves.js";
import type { OpDefinition, Value } from "../src/graph/op.js";
import { reduceSum } from "../src/graph/ops/broadcastTo.js";
import { type OpName, ops } from "../src/graph/ops/index.js";
import { multiply } from "../src/graph/ops/multiply.js";
import { Variable } from "../src/graph/tensor.js";
import { awayFromZero, uniformsOf } from "./cases/fill.js";
import { cases } from "./cases/index.js";
import { type PreparedCase, prepareCase } from "./cases/run.js";

/** The step of a central difference. */
const h = 1e-5;
const tolerance = 1e-6;
const seed = 1;
/** Elements tried of each input: all of a small one, some of a larger one. */
const most = 12;

const definitionOf = (op: OpName) => ops[op].definition as unknown as OpDefinition<string, number, never>;
const differentiable = (Object.keys(ops) as OpName[]).filter((op) => definitionOf(op).gradient !== undefined);

/** The ops that have no rule, and why none is asked for. Every other op has cases that are held against differences. */
const without: Readonly<Record<string, readonly OpName[]>> = {
  "an effect, which makes no value": [
    "accumulate",
    "adamUpdate",
    "assign",
    "assignFinite",
    "checkFinite",
    "increment",
    "momentumUpdate",
    "sgdUpdate",
  ],
  "whole numbers or truths, which have no derivative": ["argmax", "equal", "greater", "greaterEqual"],
  "numbers of the data or of chance, before any weight": ["castScale", "gatherRows", "gatherScale", "randomNormal"],
  "the rule of another op, which is held against differences with it": [
    "activationGradient",
    "batchNormalizeGradients",
    "maxPool2dGradient",
    "sigmoidGradient",
    "softmaxGradient",
    "sparseCategoricalCrossentropyGradient",
    "sparseSoftmaxCrossentropyGradient",
    "tanhGradient",
  ],
  "made of others, with their gradients, where a step is lowered": [
    "conv2dBias",
    "conv2dGradients",
    "conv2dMaxPool",
    "conv2dMaxPoolGradients",
    "conv2dReluGradients",
    "dense",
    "scaleChannels",
    "softmaxCrossentropyGradient",
  ],
};

/** The largest |difference quotient - derivative| / max(1, |derivative|) over the inputs of a case. */
function worst({ tensor, leaves, values, jobs }: PreparedCase): { error: number; tried: number } {
  const rows = Math.min(3, jobs[0]!.rows);
  const firstRows = leaves.map((leaf, i): Value => {
    const { shape, data } = values[i]!;
    if (leaf.op !== "input" || !isBatched(leaf.shape)) return { shape, data: data.slice() };
    return { shape: [rows, ...shape.slice(1)], data: data.slice(0, rows * sizePerRow(leaf.shape)) };
  });
  const uniform = uniformsOf(seed, "weights");
  const weightShape = isBatched(tensor.shape) ? tensor.shape : (tensor.shape as number[]);
  const weightVariable = new Variable("weights", weightShape as number[], "float32");
  const weights = isBatched(weightShape) ? input("weights", weightShape, "float32") : read(weightVariable);
  const shape = weightShape.map((length) => length ?? rows);
  const weightValue = { shape, data: Float64Array.from(awayFromZero(shape, uniform, [])) };
  const axes = tensor.shape.map((_, axis) => axis);
  const loss = reduceSum([multiply([tensor, weights])], { axes, keepDims: false });
  const by = leaves.filter((leaf) => leaf.dtype === "float32" && (leaf.op === "input" || leaf.op === "variable"));
  const arrays = new Map<string, Value>([["weights", weightValue]]);
  const variables = new Map<Variable, Value>([[weightVariable, weightValue]]);
  leaves.forEach((leaf, i) => {
    if (leaf.op === "variable") variables.set(leaf.attributes.variable as Variable, firstRows[i]!);
    else if (leaf.op === "input") arrays.set(leaf.attributes.name as string, firstRows[i]!);
  });
  const bindings = { arrays, variables, rows };
  const slopes = gradient(loss, by);
  const computed = evaluate(slopes, bindings);
  let error = 0;
  let tried = 0;
  by.forEach((leaf, at) => {
    const { data } = firstRows[leaves.indexOf(leaf)]!;
    const slope = computed.get(slopes[at]!)!.data;
    expect(slope.length).toBe(data.length);
    const stride = Math.max(1, Math.floor(data.length / most));
    for (let i = 0; i < data.length; i += stride) {
      const x = data[i]!;
      const at = (v: number): Float64Array => {
        data[i] = v;
        return evaluate([tensor], bindings).get(tensor)!.data.slice();
      };
      // Differences of elements, then their sum: the sum of many has no digits left for a difference.
      const [above, below] = [at(x + h), at(x - h)];
      data[i] = x;
      const difference = above.reduce((sum, v, j) => sum + (v - below[j]!) * weightValue.data[j]!, 0) / (2 * h);
      const miss = Math.abs(difference - slope[i]!) / Math.max(1, Math.abs(slope[i]!));
      error = Math.max(error, Number.isNaN(miss) ? Number.POSITIVE_INFINITY : miss);
      tried++;
    }
  });
  return { error, tried };
}

describe("gradients by finite differences", () => {
  it("are there for every op, but for those that need none", () => {
    const none = Object.values(without).flat();
    expect(new Set(none).size).toBe(none.length);
    expect([...differentiable, ...none].sort()).toEqual(Object.keys(ops).sort());
  });

  it.each(differentiable)("%s", (op) => {
    let tried = 0;
    for (const item of cases.filter((item) => item.op === op && item.gradient !== false)) {
      const prepared = prepareCase(item, seed);
      // Whole numbers have no derivative.
      if (prepared.tensor.dtype !== "float32") continue;
      const result = worst(prepared);
      expect(result.error, item.name).toBeLessThan(tolerance);
      tried += result.tried;
    }
    // Ops of labels alone have no input to differ by.
    if (op !== "oneHot") expect(tried).toBeGreaterThan(0);
  });

  it("find a wrong rule", () => {
    const item = prepareCase(cases.find(({ name }) => name === "multiply [7] [7]")!, seed);
    expect(worst(item).error).toBeLessThan(tolerance);
    const right = ops.multiply.definition.gradient!;
    const wrong = (context: Parameters<typeof right>[0]) => [
      multiply([context.gradient, multiply([context.inputs[1], constant(1.0001)])]),
      null,
    ];
    const definition = ops.multiply.definition as { gradient: typeof right };
    try {
      definition.gradient = wrong as typeof right;
      expect(worst(item).error).toBeGreaterThan(tolerance);
    } finally {
      definition.gradient = right;
    }
  });
});
