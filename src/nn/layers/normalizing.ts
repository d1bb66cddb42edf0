/**
 * Layers that normalize each example by its own numbers: over axes, over groups of channels, to length 1. Not here: those
 * that normalize by numbers of the whole data (standardizing.ts).
 */

import { ShapeError } from "../../core/errors.js";
import { boolean, custom, integer, nonNegative, type OutputOf, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { mean, sum } from "../../graph/compose.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { maximum } from "../../graph/ops/maximum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { reshape } from "../../graph/ops/reshape.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { square } from "../../graph/ops/square.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { axesOption } from "../axes.js";
import { defineLayer } from "../define-layer.js";
import { examplesAxes } from "../examples-axes.js";
import { initializers } from "../initializers/index.js";
import type { WeightSpec } from "../layer-parts.js";
import { toFloat } from "../to-float.js";
import { weightOf, weightOptions } from "../weight-options.js";

/** What the layers with a scale and an offset of their own have. */
const affine = {
  epsilon: withDefault(nonNegative(), 1e-3),
  center: withDefault(boolean(), true),
  scale: withDefault(boolean(), true),
  ...weightOptions("beta", "zeros"),
  ...weightOptions("gamma", "ones"),
};

function affineWeights(options: OutputOf<typeof affine>, shape: readonly number[]): readonly WeightSpec[] {
  return [
    ...(options.scale ? [weightOf("gamma", shape, options)] : []),
    ...(options.center ? [weightOf("beta", shape, options)] : []),
  ];
}

/** (x - mean) / sqrt(variance + epsilon) gamma + beta, mean and variance over `axes`, the weights shaped to go with x. */
function standardized(
  x: Tensor,
  axes: readonly number[],
  epsilon: number,
  { gamma, beta }: Readonly<Record<string, Tensor>>,
  shape: readonly number[],
): Tensor {
  const centred = subtract([x, mean(x, { axes, keepDims: true })]);
  const spread = sqrt([add([mean(square([centred]), { axes, keepDims: true }), constant(epsilon)])]);
  const normal = divide([centred, spread]);
  const scaled = gamma === undefined ? normal : multiply([normal, reshape([gamma], { shape })]);
  return beta === undefined ? scaled : add([scaled, reshape([beta], { shape })]);
}

/** The lengths of some axes in their places, 1 in all others. */
function alongside(shape: Dimensions, axes: readonly number[]): readonly number[] {
  return shape.map((length, axis) => (axes.includes(axis) ? length! : 1));
}

/**
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta: mean and variance of each example over `axis` (-1 by default, or
 * several), gamma and beta for each place on these axes.
 *
 * Options: `epsilon` 0.001 by default; `center` and `scale`, true by default, say whether there are beta and gamma;
 * `betaInitializer` "zeros", `gammaInitializer` "ones"; regularizers and constraints of both null. Weights: gamma and beta, of the lengths of the axes.
 *
 * Ba et al., Layer normalization, arXiv:1607.06450 (2016).
 * @throws ShapeError for the batch axis, and for one that x does not have.
 * @example layers.layerNormalization({ epsilon: 1e-6 })
 */
export const layerNormalization = defineLayer({
  className: "LayerNormalization",
  call: "layerNormalization",
  options: { axis: withDefault(axesOption(), -1), ...affine },
  outputShape({ axis }, inputShape, name) {
    examplesAxes(axis, inputShape, name);
    return inputShape;
  },
  weights: (options, inputShape) =>
    affineWeights(
      options,
      examplesAxes(options.axis, inputShape, "layerNormalization").map((axis) => inputShape[axis]!),
    ),
  build(x, { options: { axis, epsilon }, weights, name }) {
    const axes = examplesAxes(axis, x.shape, name);
    return standardized(toFloat(x), axes, epsilon, weights, alongside(x.shape, axes));
  },
});

const groupCount = custom<number>(
  "a whole number, 1 or more, or -1",
  (value) => (Number.isSafeInteger(value) && ((value as number) >= 1 || value === -1) ? (value as number) : undefined),
  { refuses: [0, -2, 1.5, "1", null, [1]] },
);

/** How many groups an axis has, and which one it is. */
function groupsOf(
  { groups, axis }: { readonly groups: number; readonly axis: number },
  inputShape: Dimensions,
  name: string,
): { readonly at: number; readonly groups: number; readonly size: number } {
  const [at] = examplesAxes(axis, inputShape, name) as [number];
  const length = inputShape[at]!;
  const count = groups === -1 ? length : groups;
  if (count > length || length % count !== 0) {
    throw new ShapeError(
      `${name}: ${count} groups of equal size do not fit axis ${at} of ${formatShape(inputShape)}, which has ${length}. Give groups that divide it, or -1 for as many.`,
    );
  }
  return { at, groups: count, size: length / count };
}

/**
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta: the channels of each example are cut into `groups` (32 by
 * default; -1: as many as channels), each normalized over all places and its own channels; gamma and beta for each channel.
 *
 * Options: `axis` of the channels, -1 by default; the others as layerNormalization's. Weights: gamma and beta [channels].
 *
 * Wu and He, Group normalization, ECCV 2018.
 * @throws ShapeError where the groups do not divide the channels, for the batch axis, and for one that x does not have.
 * @example layers.groupNormalization({ groups: 8 })
 */
export const groupNormalization = defineLayer({
  className: "GroupNormalization",
  call: "groupNormalization",
  options: {
    groups: withDefault(groupCount, 32),
    axis: withDefault(integer(), -1),
    ...affine,
  },
  outputShape(options, inputShape, name) {
    groupsOf(options, inputShape, name);
    return inputShape;
  },
  weights(options, inputShape) {
    const { groups, size } = groupsOf(options, inputShape, "groupNormalization");
    return affineWeights(options, [groups * size]);
  },
  build(input, { options, weights, name }) {
    const x = toFloat(input);
    const { at, groups, size } = groupsOf(options, x.shape, name);
    const split = [...x.shape.slice(0, at), groups, size, ...x.shape.slice(at + 1)];
    const grouped = reshape([x], { shape: split });
    const over = split.map((_, axis) => axis).filter((axis) => axis !== 0 && axis !== at);
    const y = standardized(grouped, over, options.epsilon, weights, alongside(split, [at, at + 1]));
    return reshape([y], { shape: x.shape });
  },
});

/**
 * y = x / sqrt(mean of x² + epsilon) scale: over `axis` (-1 by default, or several), with a scale for each place on these
 * axes. `epsilon` is 1e-6 by default. Weights: scale, all 1 at first.
 *
 * Zhang and Sennrich, Root mean square layer normalization, NeurIPS 2019.
 * @throws ShapeError for the batch axis, and for one that x does not have.
 * @example layers.rmsNormalization({ axis: -1 })
 */
export const rmsNormalization = defineLayer({
  className: "RMSNormalization",
  call: "rmsNormalization",
  options: { axis: withDefault(axesOption(), -1), epsilon: withDefault(nonNegative(), 1e-6) },
  outputShape({ axis }, inputShape, name) {
    examplesAxes(axis, inputShape, name);
    return inputShape;
  },
  weights: ({ axis }, inputShape) => [
    {
      name: "scale",
      shape: examplesAxes(axis, inputShape, "rmsNormalization").map((one) => inputShape[one]!),
      initializer: initializers.ones(),
      trainable: true,
    },
  ],
  build(input, { options: { axis, epsilon }, weights, name }) {
    const x = toFloat(input);
    const axes = examplesAxes(axis, x.shape, name);
    const size = sqrt([add([mean(square([x]), { axes, keepDims: true }), constant(epsilon)])]);
    return multiply([divide([x, size]), reshape([weights.scale!], { shape: alongside(x.shape, axes) })]);
  },
});

/** Below the square of this an example's length counts as this. */
const SHORTEST = 1e-12;

/**
 * y = x / its Euclidean length, over `axis` (-1 by default, or several); what is all 0 stays 0.
 * @throws ShapeError for the batch axis, and for one that x does not have.
 * @example layers.unitNormalization({ axis: [1, 2, 3] })
 */
export const unitNormalization = defineLayer({
  className: "UnitNormalization",
  call: "unitNormalization",
  options: { axis: withDefault(axesOption(), -1) },
  outputShape({ axis }, inputShape, name) {
    examplesAxes(axis, inputShape, name);
    return inputShape;
  },
  build(input, { options: { axis }, name }) {
    const x = toFloat(input);
    const squares = sum(square([x]), { axes: examplesAxes(axis, x.shape, name), keepDims: true });
    return divide([x, sqrt([maximum([squares, constant(SHORTEST ** 2)])])]);
  },
});
