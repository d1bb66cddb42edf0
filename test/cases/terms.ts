/**
 * The sizes of the terms that a result is the sum of: what rounding errors are measured by. A relative bound on the
 * result itself would be wrong wherever terms cancel, as in any dot product.
 *
 * - Sums of products (matmul, convolution, average, scale): the op itself on absolute values.
 * - Elementwise functions: the size of the result; correct rounding of each step then costs a few units in the last place.
 * - Where a difference is taken within (softmax and its kin, optimizer updates): that difference's terms, by hand.
 *
 * Ops that only move, compare or choose are exact (c = 0) and have the size of the result, which is not used.
 */

import type { Shape } from "../../src/core/shape.js";
import type { Value } from "../../src/graph/op.js";
import type { ActivationAttributes } from "../../src/graph/ops/activation.js";
import { type OpName, ops } from "../../src/graph/ops/index.js";
import { vectors } from "../../src/graph/ops/lastAxis.js";
import type { ResampleAttributes } from "../../src/graph/ops/resample.js";
import type { Attributes } from "../../src/graph/tensor.js";
import { activationSizes } from "./activation-terms.js";
import { normalizeGradientSizes, normalizeSizes } from "./normalization-terms.js";

/** One evaluation of an op: its inputs before, and its value. */
export interface Evaluation {
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly output: Value;
  readonly rows: number;
  /** Which result `output` is; undefined: the first. */
  readonly result?: number | undefined;
}

/** The size of the terms of every element of the result; of an effect, of every variable it writes. */
type Terms = (evaluation: Evaluation) => readonly Float64Array[];

const sizes = (data: Float64Array): Float64Array => data.map((v) => Math.abs(v));
const ofResult: Terms = ({ output }) => [sizes(output.data)];

/** An op's plain loop with other inputs. */
function evaluateAs(
  op: OpName,
  inputs: readonly Value[],
  attributes: Attributes,
  shape: Shape,
  rows: number,
  result?: number,
): Float64Array {
  const { definition } = ops[op];
  const of = result === undefined ? definition : (definition as { others?: readonly unknown[] }).others![result - 1];
  return (of as typeof definition).reference({ inputs, attributes, shape, rows } as never)!;
}

/** The op, or another one, on absolute values. */
const onSizes =
  (op: OpName): Terms =>
  ({ inputs, attributes, output, rows }) => {
    const positive = inputs.map(({ shape, data }) => ({ shape, data: sizes(data) }));
    return [
      evaluateAs(op, positive, { ...attributes, offset: Math.abs(Number(attributes.offset)) }, output.shape, rows),
    ];
  };

/** e^(x - m) carries the rounding of x - m: y (2 + |x - m|). */
const ofSoftmax = (x: Value, y: Float64Array): Float64Array => {
  const result = new Float64Array(y.length);
  const width = x.shape.at(-1)!;
  vectors(x).forEach((row, r) => {
    const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    row.forEach((v, i) => {
      result[r * width + i] = y[r * width + i]! * (2 + Math.min(largest - v, 1e4));
    });
  });
  return result;
};

/** |x| + |m| + ln of the sum, for each element. */
const ofLogSoftmax = (x: Value): Float64Array => {
  const result = new Float64Array(x.data.length);
  const width = x.shape.at(-1)!;
  vectors(x).forEach((row, r) => {
    const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    row.forEach((v, i) => {
      result[r * width + i] = Math.abs(v - largest) + Math.log(width) + 1;
    });
  });
  return result;
};

/** All gradients of a convolution on absolute values, but for the inputs `as` they are. */
const gradientSizes =
  (op: OpName, as: readonly number[]): Terms =>
  ({ inputs, attributes, output, rows, result }) => {
    const positive = inputs.map(({ shape, data }, i) => ({ shape, data: as.includes(i) ? data : sizes(data) }));
    return [evaluateAs(op, positive, attributes, output.shape, rows, result)];
  };

const hand: Partial<Record<OpName, Terms>> = {
  activation: ({ inputs: [x], attributes }) => {
    const { formula, parameters } = attributes as ActivationAttributes;
    return [x!.data.map((v) => activationSizes(formula, "value")(v, parameters))];
  },
  activationGradient: ({ inputs: [x, dy], attributes }) => {
    const { formula, parameters } = attributes as ActivationAttributes;
    const of = activationSizes(formula, "slope");
    return [dy!.data.map((v, i) => Math.abs(v) * of(x!.data[i]!, parameters))];
  },
  // Of 1 and y, not of 1 - y.
  sigmoidGradient: ({ inputs: [y, dy] }) => [dy!.data.map((v, i) => Math.abs(v * y!.data[i]!) * (1 + y!.data[i]!))],
  tanhGradient: ({ inputs: [y, dy] }) => [dy!.data.map((v, i) => Math.abs(v) * (1 + y!.data[i]! ** 2))],
  // Of the radius, not of its part along an axis.
  randomNormal: ({ attributes, output }) => [
    output.data.map(() => Math.abs(Number(attributes.mean)) + 5.8 * Number(attributes.stddev)),
  ],
  // Weights of both signs.
  resample: ({ inputs: [x], attributes, output, rows }) => {
    const { weights, ...table } = attributes as ResampleAttributes;
    const positive = [{ shape: x!.shape, data: sizes(x!.data) }];
    return [evaluateAs("resample", positive, { ...table, weights: weights.map(Math.abs) }, output.shape, rows)];
  },
  softmax: ({ inputs: [x], output }) => [ofSoftmax(x!, output.data)],
  logSoftmax: ({ inputs: [x] }) => [ofLogSoftmax(x!)],
  // y (|dy| + sum |dy y|)
  softmaxGradient: ({ inputs: [y, dy] }) => {
    const width = y!.shape.at(-1)!;
    return [
      y!.data.map((v, i) => {
        const start = i - (i % width);
        let sum = Math.abs(dy!.data[i]!);
        for (let j = start; j < start + width; j++) sum += Math.abs(dy!.data[j]! * y!.data[j]!);
        return Math.abs(v) * sum;
      }),
    ];
  },
  // ln q with q rounded: an absolute error of one unit, whatever ln q is.
  sparseCategoricalCrossentropy: ({ output }) => [output.data.map((v) => 1 + Math.abs(v))],
  sparseCategoricalCrossentropyGradient: ({ inputs: [p, labels, g], output }) => {
    const width = p!.shape.at(-1)!;
    const sums = vectors(p!).map((row) => row.reduce((a, b) => a + b, 0));
    return [
      output.data.map((v, i) => {
        const row = Math.floor(i / width);
        const own = i % width === labels!.data[row] ? 1 / p!.data[i]! : 0;
        // Where the clip stopped it, the result is 0 exactly.
        return v === 0 ? 0 : Math.abs(g!.data[row]!) * (1 / sums[row]! + own);
      }),
    ];
  },
  softmaxCrossentropyGradient: ({ inputs: [p, labels, g], output }) => {
    const width = p!.shape.at(-1)!;
    const sums = vectors(p!).map((row) => row.reduce((a, b) => a + b, 0));
    return [
      output.data.map((v, i) => {
        const row = Math.floor(i / width);
        const own = i % width === labels!.data[row] ? 1 : 0;
        return v === 0 ? 0 : Math.abs(g!.data[row]!) * (p!.data[i]! / sums[row]! + own);
      }),
    ];
  },
  sparseSoftmaxCrossentropy: ({ inputs: [logits, labels] }) => {
    const width = logits!.shape.at(-1)!;
    const all = ofLogSoftmax(logits!);
    return [labels!.data.map((label, row) => all[row * width + label]!)];
  },
  sparseSoftmaxCrossentropyGradient: ({ inputs: [logits, labels, g], output, rows }) => {
    const width = logits!.shape.at(-1)!;
    const y = evaluateAs("softmax", [logits!], {}, output.shape, rows);
    return [
      ofSoftmax(logits!, y).map((v, i) => {
        const row = Math.floor(i / width);
        return Math.abs(g!.data[row]!) * (v + (i % width === labels!.data[row] ? 1 : 0));
      }),
    ];
  },
  sgdUpdate: ({ inputs: [w, g, lr] }) => [w!.data.map((v, i) => Math.abs(v) + Math.abs(lr!.data[0]! * g!.data[i]!))],
  momentumUpdate: ({ inputs: [w, velocity, g, lr] }) => {
    const next = velocity!.data.map((v, i) => Math.abs(v) + Math.abs(lr!.data[0]! * g!.data[i]!));
    return [w!.data.map((v, i) => Math.abs(v) + 2 * next[i]!), next];
  },
  adamUpdate: ({ inputs: [w, m, v, g, lr, iterations], attributes }) => {
    const { beta1, beta2, epsilon } = attributes as { beta1: number; beta2: number; epsilon: number };
    const t = iterations!.data[0]! + 1;
    const rate = (lr!.data[0]! * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
    const first = m!.data.map((x, i) => Math.abs(x) + Math.abs(g!.data[i]!) * (1 - beta1));
    const second = v!.data.map((x, i) => Math.abs(x) + g!.data[i]! ** 2 * (1 - beta2));
    const step = first.map((x, i) => (rate * x) / (Math.sqrt(second[i]! * beta2) + epsilon));
    return [w!.data.map((x, i) => Math.abs(x) + step[i]!), first, second];
  },
  assign: ({ inputs: [, value] }) => [sizes(value!.data)],
  assignFinite: ({ inputs: [, value] }) => [sizes(value!.data)],
  accumulate: ({ inputs: [total, value] }) => [
    Float64Array.of(Math.abs(total!.data[0]!) + value!.data.reduce((sum, v) => sum + Math.abs(v), 0)),
  ],
  increment: ({ inputs: [counter] }) => [sizes(counter!.data)],
  checkFinite: () => [],
  conv2dMaxPool: ({ inputs, attributes, output, rows, result }) => {
    if (result !== undefined) return [sizes(output.data)];
    const positive = inputs.map(({ shape, data }) => ({ shape, data: sizes(data) }));
    return [evaluateAs("conv2dMaxPool", positive, attributes, output.shape, rows)];
  },
  // Where the mask or the route says, whatever the sizes.
  conv2dGradients: gradientSizes("conv2dGradients", []),
  conv2dReluGradients: gradientSizes("conv2dReluGradients", [2]),
  conv2dMaxPoolGradients: gradientSizes("conv2dMaxPoolGradients", [2]),
  scaleChannels: onSizes("scaleChannels"),
  batchNormalize: ({ inputs, attributes, result }) => [normalizeSizes(inputs, attributes, result ?? 0)],
  batchNormalizeGradients: ({ inputs, attributes, output, rows, result }) => [
    normalizeGradientSizes({ inputs, attributes, output, rows, result }),
  ],
  // Of |a| + |b|, not of a - b.
  subtract: onSizes("add"),
  // The gradient flows where x says, whatever the size of dy.
  maxPool2dGradient: ({ inputs: [x, y, dy], attributes, output, rows }) => {
    const positive = [x!, y!, { shape: dy!.shape, data: sizes(dy!.data) }];
    return [evaluateAs("maxPool2dGradient", positive, attributes, output.shape, rows)];
  },
};

/** Ops whose terms are those of the same op on absolute values. */
const sums: readonly OpName[] = [
  "add",
  "averagePool2d",
  "averagePool2dGradient",
  "castScale",
  "conv2d",
  "conv2dBias",
  "conv2dFilterGradient",
  "conv2dInputGradient",
  "dense",
  "gatherScale",
  "matmul",
  "reduceSum",
];

/** The sizes of the terms of an op's result. */
export function termsOf(op: OpName, evaluation: Evaluation): readonly Float64Array[] {
  const terms = hand[op] ?? (sums.includes(op) ? onSizes(op) : ofResult);
  return terms(evaluation);
}
