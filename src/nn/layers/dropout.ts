/** Layers that leave out values at random while training. Not those that add noise (noise.ts). */

import { ShapeError } from "../../core/errors.js";
import {
  custom,
  inRange,
  nonNegativeInteger,
  nullable,
  optional,
  type RequiredCheck,
  withDefault,
} from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { broadcastTo } from "../../graph/ops/broadcastTo.js";
import { dropout as dropoutOp } from "../../graph/ops/dropout.js";
import { greater } from "../../graph/ops/greater.js";
import { multiply } from "../../graph/ops/multiply.js";
import { select } from "../../graph/ops/select.js";
import { picture } from "../../graph/ops/window.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineLayer } from "../define-layer.js";
import { type LayerRandom, randomOf } from "../random-state.js";
import { toFloat } from "../to-float.js";

/** The shape of what is drawn: null is the input's own length there, 1 one draw for all. */
type NoiseShape = readonly (number | null)[];

function noiseShapeOption(): RequiredCheck<NoiseShape | null, NoiseShape | null> {
  const shape = custom<NoiseShape>(
    "a shape of as many axes as the input, of whole numbers, 1 or more, or null",
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((length) => length === null || (Number.isSafeInteger(length) && length >= 1))
        ? [...(value as NoiseShape)]
        : undefined,
    { refuses: [[], 3, "3", [0], [1.5], ["3"], {}] },
  );
  return nullable(shape);
}

const options = {
  rate: inRange(0, 1, { includeMax: false }),
  noiseShape: withDefault(noiseShapeOption(), null),
  seed: optional(nonNegativeInteger()),
};

/** The noise's shape for an input. @throws ShapeError where it does not broadcast to it. */
function noiseOf(noiseShape: NoiseShape | null, inputShape: Dimensions, name: string): Dimensions {
  if (noiseShape === null) return inputShape;
  const filled = noiseShape.map((length, axis) => length ?? inputShape[axis] ?? null);
  const fits = filled.length === inputShape.length && filled.every((n, axis) => n === 1 || n === inputShape[axis]);
  if (fits) return filled;
  throw new ShapeError(
    `${name}: a noiseShape of the input's axes expected, each its length, null or 1, received ${formatShape(noiseShape)} for an input of ${formatShape(inputShape)}.`,
  );
}

/** The input's shape, which the noise has to go with. */
function keepsShape(
  given: { readonly noiseShape: NoiseShape | null },
  inputShape: Dimensions,
  name: string,
): Dimensions {
  noiseOf(given.noiseShape, inputShape, name);
  return inputShape;
}

/** 1 / (1 - rate) where kept, else 0, of a shape. */
function mask(shape: Dimensions, rate: number, { state, stream }: LayerRandom): Tensor {
  return dropoutOp([broadcastTo([constant(1)], { shape }), state], { rate, stream });
}

/**
 * While training, each value becomes 0 with probability `rate` and is divided by 1 - rate otherwise, so that the
 * expected sum stays; elsewhere y = x. `rate` is from 0 up to, not including, 1. `noiseShape` (null by default) says which
 * values are kept or dropped together: those on an axis where it has 1, as in [null, 1, 1, null]. Which values: a function
 * of fit's seed, the layer's name, epoch, step and place; `seed` gives this layer numbers of its own beyond its name.
 *
 * Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, JMLR 15 (2014).
 * @throws ShapeError for a noiseShape that does not broadcast to the input.
 * @example layers.dropout({ rate: 0.5 })
 */
export const dropout = defineLayer({
  className: "Dropout",
  call: "dropout",
  options,
  outputShape: keepsShape,
  build(input, { options: { rate, noiseShape, seed }, context, name }) {
    const x = toFloat(input);
    if (!context.training || rate === 0) return x;
    const random = randomOf(context, name, "dropout", seed);
    if (noiseShape === null) return dropoutOp([x, random.state], { rate, stream: random.stream });
    return multiply([x, mask(noiseOf(noiseShape, x.shape, name), rate, random)]);
  },
});

/**
 * Dropout of whole channels of a picture: neighbours know too much of each other for single pixels to be missed. Options
 * `rate` and `seed` as dropout's.
 *
 * Tompson et al., Efficient object localization using convolutional networks, CVPR 2015.
 * @throws ShapeError for an input that is not of pictures.
 * @example layers.spatialDropout2d({ rate: 0.2 })
 */
export const spatialDropout2d = defineLayer({
  className: "SpatialDropout2D",
  call: "spatialDropout2d",
  options: { rate: options.rate, seed: options.seed },
  outputShape(_, inputShape, name) {
    picture(name, inputShape);
    return inputShape;
  },
  build(input, { options: { rate, seed }, context, name }) {
    const x = toFloat(input);
    if (!context.training || rate === 0) return x;
    const random = randomOf(context, name, "spatialDropout2d", seed);
    return multiply([x, mask([x.shape[0]!, 1, 1, x.shape[3]!], rate, random)]);
  },
});

/** What selu comes to far below 0. */
const LOWEST = -1.7580993408473766;

/**
 * Dropout for activations by selu, whose mean and variance it keeps: while training, y = a x + b, or a l + b with
 * probability `rate`, where l = -1.758 is selu's lowest value, a = ((1 - rate)(1 + rate l²))^(-1/2) and b = -a l rate;
 * elsewhere y = x. Options as dropout's.
 *
 * Klambauer et al., Self-normalizing neural networks, NIPS 2017.
 * @throws ShapeError for a noiseShape that does not broadcast to the input.
 * @example layers.alphaDropout({ rate: 0.1 })
 */
export const alphaDropout = defineLayer({
  className: "AlphaDropout",
  call: "alphaDropout",
  options,
  outputShape: keepsShape,
  build(input, { options: { rate, noiseShape, seed }, context, name }) {
    const x = toFloat(input);
    if (!context.training || rate === 0) return x;
    const random = randomOf(context, name, "alphaDropout", seed);
    const kept = greater([mask(noiseOf(noiseShape, x.shape, name), rate, random), constant(0)]);
    const a = ((1 - rate) * (1 + rate * LOWEST ** 2)) ** -0.5;
    return add([multiply([select([kept, x, constant(LOWEST)]), constant(a)]), constant(-a * LOWEST * rate)]);
  },
});
