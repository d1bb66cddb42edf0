/** Constraints of the norm of vectors within a weight. */

import { OptionError } from "../../core/errors.js";
import { inRange, nonNegative, withDefault } from "../../core/options.js";
import { normalizeAxis } from "../../core/shape.js";
import { sum } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { clip } from "../../graph/ops/clip.js";
import { divide } from "../../graph/ops/divide.js";
import { multiply } from "../../graph/ops/multiply.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { square } from "../../graph/ops/square.js";
import type { Tensor } from "../../graph/tensor.js";
import { type Axes, axesOption } from "../axes.js";
import { defineFactory } from "../factory.js";
import type { Constraint } from "./constraint.js";

/** What Keras adds to a norm before it divides by it. */
const epsilon = 1e-7;

/** The axes over which a norm adds up. */
const axis = withDefault(axesOption(), 0);

/** The norms of the vectors along some axes, which stay with length 1. */
function normsOf(weight: Tensor, along: Axes, where: string): Tensor {
  const axes = [along].flat().map((one: number) => normalizeAxis(one, weight.shape.length, where));
  return sqrt([sum(square([weight]), { axes, keepDims: true })]);
}

/** weight · desired / (norm + 1e-7). */
function rescaled(weight: Tensor, desired: Tensor, norms: Tensor): Tensor {
  return multiply([weight, divide([desired, add([constant(epsilon), norms])])]);
}

/**
 * Vectors of a norm above `maxValue` (2 by default) are shortened to it: w min(|w|, maxValue) / (|w| + 1e-7). `axis` (0 by
 * default), one or a list, says along which axes of the weight a vector lies: 0 for the inputs of each unit of a dense
 * kernel [inputs, units], [0, 1, 2] for each filter of a convolution [height, width, in, out].
 *
 * Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, JMLR 15 (2014).
 * @throws ShapeError (at fit) for an axis that the weight does not have.
 * @example layers.conv2d({ filters: 8, kernelSize: 3, kernelConstraint: constraints.maxNorm({ maxValue: 3, axis: [0, 1, 2] }) })
 */
export const maxNorm = defineFactory({
  className: "MaxNorm",
  call: "maxNorm",
  options: { maxValue: withDefault(nonNegative(), 2), axis },
  build: ({ maxValue, axis: along }, config): Constraint => ({
    name: "maxNorm",
    config: config(),
    call(weight, where) {
      const norms = normsOf(weight, along, where);
      return rescaled(weight, clip([norms], { minimum: 0, maximum: maxValue }), norms);
    },
  }),
});

/**
 * Vectors of norm 1: w / (|w| + 1e-7). `axis` as in `maxNorm`.
 * @throws ShapeError (at fit) for an axis that the weight does not have.
 * @example layers.dense({ units: 3, kernelConstraint: constraints.unitNorm() })
 */
export const unitNorm = defineFactory({
  className: "UnitNorm",
  call: "unitNorm",
  options: { axis },
  build: ({ axis: along }, config): Constraint => ({
    name: "unitNorm",
    config: config(),
    call: (weight, where) => divide([weight, add([constant(epsilon), normsOf(weight, along, where)])]),
  }),
});

/**
 * Vectors of a norm from `minValue` (0 by default) to `maxValue` (1): the norm becomes (1 - rate) |w| + rate
 * clip(|w|, minValue, maxValue). `rate` (from 0 to 1, 1 by default) says how much of the way each update goes. `axis` as
 * in `maxNorm`.
 * @throws OptionError where minValue is above maxValue; ShapeError (at fit) for an axis that the weight does not have.
 * @example layers.dense({ units: 3, kernelConstraint: constraints.minMaxNorm({ minValue: 0.5, maxValue: 2, rate: 0.9 }) })
 */
export const minMaxNorm = defineFactory({
  className: "MinMaxNorm",
  call: "minMaxNorm",
  options: {
    minValue: withDefault(nonNegative(), 0),
    maxValue: withDefault(nonNegative(), 1),
    rate: withDefault(inRange(0, 1), 1),
    axis,
  },
  build({ minValue, maxValue, rate, axis: along }, config): Constraint {
    if (minValue > maxValue) {
      throw new OptionError(
        `minMaxNorm: minValue must not be above maxValue, received minValue ${minValue}, maxValue ${maxValue}.`,
      );
    }
    return {
      name: "minMaxNorm",
      config: config(),
      call(weight, where) {
        const norms = normsOf(weight, along, where);
        const within = multiply([constant(rate), clip([norms], { minimum: minValue, maximum: maxValue })]);
        return rescaled(weight, add([within, multiply([constant(1 - rate), norms])]), norms);
      },
    };
  },
});
