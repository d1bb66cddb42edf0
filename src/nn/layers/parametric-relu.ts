/** The rectified linear unit whose slope on the left is learned. */

import { ShapeError } from "../../core/errors.js";
import { custom, either, integer, nullable, type RequiredCheck, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { multiply } from "../../graph/ops/multiply.js";
import { negate } from "../../graph/ops/negate.js";
import { relu } from "../../graph/ops/relu.js";
import { subtract } from "../../graph/ops/subtract.js";
import { defineLayer, featuresOf } from "../define-layer.js";
import { toFloat } from "../to-float.js";
import { weightOf, weightOptions } from "../weight-options.js";

/** Axes behind the batch, 1 and on; one may stand alone. */
function sharedAxes(): RequiredCheck<number | readonly number[], readonly number[]> {
  const axis = integer({ min: 1 });
  const several = custom<readonly number[]>(
    "a list of them",
    (value) =>
      Array.isArray(value) && value.every((one) => axis.read(one) !== undefined)
        ? [...(value as readonly number[])]
        : undefined,
    { refuses: [[0], [1.5], ["1"]] },
  );
  const alone = custom<readonly number[], number>(
    axis.describe,
    (value) => (axis.read(value) === undefined ? undefined : [value as number]),
    { refuses: axis.refuses },
  );
  return either(alone, several);
}

/** The shape of alpha: that of an example, with 1 on the axes that share it. */
function alphaShape(shared: readonly number[] | null, inputShape: Dimensions, name: string): readonly number[] {
  const shape = [...featuresOf(name, inputShape)];
  for (const axis of shared ?? []) {
    if (axis > shape.length) {
      throw new ShapeError(
        `${name}: sharedAxes has ${axis}, but the axes of ${formatShape(inputShape)} behind the batch go from 1 to ${shape.length}.`,
      );
    }
    shape[axis - 1] = 1;
  }
  return shape;
}

/**
 * y = x above 0, else alpha x, with an alpha for each element of an example, or along `sharedAxes` (null by default; axis
 * 1 is the one behind the batch) one for all. Weights: alpha, made by `alphaInitializer`, "zeros" by default;
 * `alphaRegularizer` and `alphaConstraint` are null.
 *
 * He et al., Delving deep into rectifiers, ICCV 2015.
 * @throws ShapeError for an axis that x does not have.
 * @example layers.pReLU({ alphaInitializer: { className: "Constant", config: { value: 0.25 } }, sharedAxes: [1, 2] })
 */
export const pReLU = defineLayer({
  className: "PReLU",
  call: "pReLU",
  options: {
    ...weightOptions("alpha", "zeros"),
    sharedAxes: withDefault(nullable(sharedAxes()), null),
  },
  outputShape({ sharedAxes: shared }, inputShape, name) {
    alphaShape(shared, inputShape, name);
    return inputShape;
  },
  weights: (options, inputShape) => [weightOf("alpha", alphaShape(options.sharedAxes, inputShape, "pReLU"), options)],
  build(input, { weights }) {
    const x = toFloat(input);
    return subtract([relu([x]), multiply([weights.alpha!, relu([negate([x])])])]);
  },
});
