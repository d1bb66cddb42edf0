/** The crossentropies of one class out of several, with labels as one-hot rows. */

import { boolean, finite, inRange, nonNegative, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { reduceSum } from "../../graph/ops/broadcastTo.js";
import { clip } from "../../graph/ops/clip.js";
import { divide } from "../../graph/ops/divide.js";
import { log } from "../../graph/ops/log.js";
import { multiply } from "../../graph/ops/multiply.js";
import { negate } from "../../graph/ops/negate.js";
import type { Tensor } from "../../graph/tensor.js";
import { activations } from "../activations/index.js";
import { focusing } from "./focusing.js";
import { alike, axisOf, axisOption, defineLoss, epsilon } from "./loss.js";

const options = {
  fromLogits: withDefault(boolean(), false),
  labelSmoothing: withDefault(inRange(0, 1), 0),
  ...axisOption,
};

/**
 * -sum over j of y_j ln p_j for one-hot (or soft) labels y, [batch, ..., classes], the classes along `axis` (the last one
 * by default).
 *
 * Predictions are probabilities p, divided by their sum and clipped to [1e-7, 1 - 1e-7], or with `fromLogits` (false by
 * default) scores x with p = softmax(x): more exact. `labelSmoothing` s (0 by default) makes y (1 - s) + s / n of the
 * labels, n the length of the last axis.
 * @throws ShapeError where labels and predictions differ in shape, and for the batch as axis.
 * @example losses.categoricalCrossentropy({ fromLogits: true, labelSmoothing: 0.1 })
 */
export const categoricalCrossentropy = defineLoss({
  className: "CategoricalCrossentropy",
  call: "categoricalCrossentropy",
  options,
  labels: "values",
  values(yTrue, yPred, { fromLogits, labelSmoothing, axis }, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    const along = { axes: [axisOf(axis, labels.shape, name)], keepDims: false };
    const logarithms = fromLogits
      ? activations.logSoftmax(predictions, { axis })
      : log([probabilities(predictions, along.axes)]);
    return negate([reduceSum([multiply([smoothed(labels, labelSmoothing), logarithms])], along)]);
  },
});

/**
 * -sum over j of `alpha` (1 - p_j)^`gamma` y_j ln p_j: alpha is 0.25 and gamma 2 by default; what is certain already
 * counts little. The other options are categoricalCrossentropy's.
 *
 * Lin et al., Focal loss for dense object detection, ICCV 2017.
 * @throws ShapeError where labels and predictions differ in shape, and for the batch as axis.
 * @example losses.categoricalFocalCrossentropy({ gamma: 1.5 })
 */
export const categoricalFocalCrossentropy = defineLoss({
  className: "CategoricalFocalCrossentropy",
  call: "categoricalFocalCrossentropy",
  options: { alpha: withDefault(finite(), 0.25), gamma: withDefault(nonNegative(), 2), ...options },
  labels: "values",
  values(yTrue, yPred, { alpha, gamma, fromLogits, labelSmoothing, axis }, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    const along = { axes: [axisOf(axis, labels.shape, name)], keepDims: false };
    const given = fromLogits ? activations.softmax(predictions, { axis }) : predictions;
    const p = probabilities(given, along.axes);
    const each = multiply([smoothed(labels, labelSmoothing), log([p])]);
    return reduceSum([multiply([multiply([focusing(p, gamma), constant(-alpha)]), each])], along);
  },
});

/** y (1 - s) + s / n. */
function smoothed(y: Tensor, s: number): Tensor {
  return s === 0 ? y : add([multiply([y, constant(1 - s)]), constant(s / y.shape.at(-1)!)]);
}

/** Divided by their sum, and clipped. */
function probabilities(predictions: Tensor, axes: readonly number[]): Tensor {
  const p = divide([predictions, reduceSum([predictions], { axes, keepDims: true })]);
  return clip([p], { minimum: epsilon, maximum: 1 - epsilon });
}
