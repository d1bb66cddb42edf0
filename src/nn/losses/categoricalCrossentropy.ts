/** The crossentropies of one class out of several: labels as one-hot rows, or as class numbers (sparse). */

import { boolean, withDefault } from "../../core/options.js";
import { reduceSum } from "../../graph/ops/broadcastTo.js";
import { clip } from "../../graph/ops/clip.js";
import { divide } from "../../graph/ops/divide.js";
import { log } from "../../graph/ops/log.js";
import { logSoftmax } from "../../graph/ops/logSoftmax.js";
import { multiply } from "../../graph/ops/multiply.js";
import { negate } from "../../graph/ops/negate.js";
import { sparseCategoricalCrossentropy as sparseOp } from "../../graph/ops/sparseCategoricalCrossentropy.js";
import { sparseSoftmaxCrossentropy } from "../../graph/ops/sparseSoftmaxCrossentropy.js";
import type { Tensor } from "../../graph/tensor.js";
import { alike, classesOf, defineLoss, epsilon, meanOfRows } from "./loss.js";

/**
 * -sum over j of y_j ln p_j for one-hot (or soft) labels y, [batch, ..., classes].
 *
 * Predictions are probabilities p, divided by their sum and clipped to [1e-7, 1 - 1e-7], or with `fromLogits` (false by
 * default) scores x with p = softmax(x): more exact.
 * @example losses.categoricalCrossentropy({ fromLogits: true })
 */
export const categoricalCrossentropy = defineLoss({
  className: "CategoricalCrossentropy",
  call: "categoricalCrossentropy",
  options: { fromLogits: withDefault(boolean(), false) },
  labels: "values",
  rows(yTrue, yPred, { fromLogits }, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    const last = { axes: [labels.shape.length - 1], keepDims: false };
    const logarithms = fromLogits ? logSoftmax([predictions]) : logProbabilities(predictions);
    return meanOfRows(negate([reduceSum([multiply([labels, logarithms])], last)]));
  },
});

function logProbabilities(predictions: Tensor): Tensor {
  const last = { axes: [predictions.shape.length - 1], keepDims: true };
  const p = divide([predictions, reduceSum([predictions], last)]);
  return log([clip([p], { minimum: epsilon, maximum: 1 - epsilon })]);
}

/**
 * -ln p_y for labels y that are class numbers, 0 to classes - 1 (int32 or uint8, [batch] or [batch, 1]).
 *
 * Predictions [batch, classes] are probabilities p, divided by their sum and clipped to [1e-7, 1 - 1e-7], or with
 * `fromLogits` (false by default) scores x with p = softmax(x): more exact.
 * @example losses.sparseCategoricalCrossentropy({ fromLogits: true })
 */
export const sparseCategoricalCrossentropy = defineLoss({
  className: "SparseCategoricalCrossentropy",
  call: "sparseCategoricalCrossentropy",
  options: { fromLogits: withDefault(boolean(), false) },
  labels: "classes",
  rows(yTrue, yPred, { fromLogits }, name) {
    const [labels, predictions] = classesOf(yTrue, yPred, name);
    return fromLogits ? sparseSoftmaxCrossentropy([predictions, labels]) : sparseOp([predictions, labels]);
  },
});
