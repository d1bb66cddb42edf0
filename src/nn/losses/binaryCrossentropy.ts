/** The crossentropies of outputs that are each yes or no. */

import { boolean, inRange, nonNegative, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { activation } from "../../graph/ops/activation.js";
import { add } from "../../graph/ops/add.js";
import { clip } from "../../graph/ops/clip.js";
import { log } from "../../graph/ops/log.js";
import { multiply } from "../../graph/ops/multiply.js";
import { negate } from "../../graph/ops/negate.js";
import { sigmoid } from "../../graph/ops/sigmoid.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { focusing } from "./focusing.js";
import { alike, axisOption, defineLoss, epsilon, meanAlong } from "./loss.js";

const options = {
  fromLogits: withDefault(boolean(), false),
  labelSmoothing: withDefault(inRange(0, 1), 0),
  ...axisOption,
};

/**
 * mean(-y ln p - (1 - y) ln(1 - p)) for labels y from 0 to 1, over `axis` (the last one by default).
 *
 * Predictions are probabilities p, clipped to [1e-7, 1 - 1e-7], or with `fromLogits` (false by default) scores x with
 * p = sigmoid(x): more exact. `labelSmoothing` s (0 by default) makes y (1 - s) + s / 2 of the labels.
 * @throws ShapeError where labels and predictions differ in shape, and for the batch as axis.
 * @example losses.binaryCrossentropy({ fromLogits: true })
 */
export const binaryCrossentropy = defineLoss({
  className: "BinaryCrossentropy",
  call: "binaryCrossentropy",
  options,
  labels: "values",
  values(yTrue, yPred, { fromLogits, labelSmoothing, axis }, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    const y = smoothed(labels, labelSmoothing);
    return meanAlong(fromLogits ? ofLogits(y, predictions) : ofProbabilities(y, predictions), name, axis);
  },
});

/**
 * Binary crossentropy times (1 - p_t)^`gamma` (2 by default), where p_t = y p + (1 - y)(1 - p) is the probability given
 * to the truth: what is certain already counts little. With `applyClassBalancing` (false by default) also times
 * y `alpha` + (1 - y)(1 - alpha), alpha 0.25 by default. The other options are binaryCrossentropy's.
 *
 * Lin et al., Focal loss for dense object detection, ICCV 2017.
 * @throws ShapeError where labels and predictions differ in shape, and for the batch as axis.
 * @example losses.binaryFocalCrossentropy({ gamma: 2, applyClassBalancing: true, fromLogits: true })
 */
export const binaryFocalCrossentropy = defineLoss({
  className: "BinaryFocalCrossentropy",
  call: "binaryFocalCrossentropy",
  options: {
    applyClassBalancing: withDefault(boolean(), false),
    alpha: withDefault(inRange(0, 1), 0.25),
    gamma: withDefault(nonNegative(), 2),
    ...options,
  },
  labels: "values",
  values(yTrue, yPred, { applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing, axis }, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    const y = smoothed(labels, labelSmoothing);
    const p = fromLogits ? sigmoid([predictions]) : predictions;
    const focal = multiply([focusing(chosen(y, p), gamma), ofProbabilities(y, p)]);
    if (!applyClassBalancing) return meanAlong(focal, name, axis);
    return meanAlong(multiply([chosen(y, constant(alpha)), focal]), name, axis);
  },
});

/** y (1 - s) + s / 2. */
function smoothed(y: Tensor, s: number): Tensor {
  return s === 0 ? y : add([multiply([y, constant(1 - s)]), constant(s / 2)]);
}

/** y x + (1 - y)(1 - x). */
function chosen(y: Tensor, x: Tensor): Tensor {
  const one = constant(1);
  return add([multiply([y, x]), multiply([subtract([one, y]), subtract([one, x])])]);
}

function ofProbabilities(y: Tensor, predictions: Tensor): Tensor {
  const p = clip([predictions], { minimum: epsilon, maximum: 1 - epsilon });
  const one = constant(1);
  const yes = multiply([y, log([p])]);
  const no = multiply([subtract([one, y]), log([subtract([one, p])])]);
  return negate([add([yes, no])]);
}

/** ln(1 + e^x) - x y. */
function ofLogits(y: Tensor, x: Tensor): Tensor {
  return subtract([activation([x], { formula: "softplus", parameters: [] }), multiply([x, y])]);
}
