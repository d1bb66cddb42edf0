/** How often the right class is among the k greatest predictions. */

import { ShapeError } from "../../core/errors.js";
import { boolean, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { sum } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { argmax } from "../../graph/ops/argmax.js";
import { cast } from "../../graph/ops/cast.js";
import { equal } from "../../graph/ops/equal.js";
import { greater } from "../../graph/ops/greater.js";
import { greaterEqual } from "../../graph/ops/greaterEqual.js";
import { multiply } from "../../graph/ops/multiply.js";
import { oneHot } from "../../graph/ops/oneHot.js";
import { reshape } from "../../graph/ops/reshape.js";
import { slice } from "../../graph/ops/slice.js";
import type { Tensor } from "../../graph/tensor.js";
import { alike, classesOf } from "../losses/loss.js";
import { toFloat } from "../to-float.js";
import { classCount } from "./limits.js";
import { defineMetric, shareOfRows } from "./metric.js";

const options = { k: withDefault(classCount(), 5) };

/**
 * How often the class of the one-hot label is among the `k` (5, at most 1,000,000) greatest predictions. Classes whose predictions are equal
 * to the k-th are all among them.
 * @example
 * const metric = metrics.topKCategoricalAccuracy({ k: 2 });
 * metric.updateState([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0, 0.95]]);
 * metric.result(); // 0.5
 */
export const topKCategoricalAccuracy = defineMetric({
  className: "TopKCategoricalAccuracy",
  call: "topKCategoricalAccuracy",
  options,
  labels: "values",
  rows(yTrue, yPred, { k }, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    return shareOfRows(isAmongGreatest(argmax([labels]), predictions, k));
  },
});

/**
 * How often the class number is among the `k` (5) greatest predictions, ties as in topKCategoricalAccuracy. With
 * `fromSortedIds`, the predictions are the class numbers themselves, the likeliest first.
 * @example
 * const metric = metrics.sparseTopKCategoricalAccuracy({ k: 2 });
 * metric.updateState([2, 1], [[0.1, 0.9, 0.8], [0.05, 0, 0.95]]);
 * metric.result(); // 0.5
 */
export const sparseTopKCategoricalAccuracy = defineMetric({
  className: "SparseTopKCategoricalAccuracy",
  call: "sparseTopKCategoricalAccuracy",
  options: { ...options, fromSortedIds: withDefault(boolean(), false) },
  labels: "classes",
  rows(yTrue, yPred, { k, fromSortedIds }, name) {
    const [labels, predictions] = classesOf(yTrue, yPred, name);
    const whole = cast([labels], { dtype: "int32" });
    if (!fromSortedIds) return isAmongGreatest(whole, predictions, k);
    const first = slice([predictions], { axis: 1, from: 0, length: Math.min(k, predictions.shape[1]!) });
    const hits = equal([reshape([toFloat(whole)], { shape: [null, 1] }), first]);
    return greater([sum(cast([hits], { dtype: "float32" }), { axes: [1] }), constant(0)]);
  },
});

/** Whether fewer than `k` predictions are above that of the class, along the last axis; false where it is NaN. */
function isAmongGreatest(classes: Tensor, predictions: Tensor, k: number): Tensor {
  const count = predictions.shape.at(-1);
  if (count === undefined || count === null) {
    throw new ShapeError(`predictions [batch, classes] expected, received ${formatShape(predictions.shape)}.`);
  }
  const last = predictions.shape.length - 1;
  const own = sum(multiply([oneHot([classes], { classes: count }), predictions]), { axes: [last], keepDims: true });
  const notAbove = sum(cast([greaterEqual([own, predictions])], { dtype: "float32" }), { axes: [last] });
  return greater([notAbove, constant(count - k)]);
}
