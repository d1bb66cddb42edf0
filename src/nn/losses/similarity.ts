/** Losses of directions. */

import { constant } from "../../graph/leaves.js";
import { reduceSum } from "../../graph/ops/broadcastTo.js";
import { divide } from "../../graph/ops/divide.js";
import { maximum } from "../../graph/ops/maximum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { negate } from "../../graph/ops/negate.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { square } from "../../graph/ops/square.js";
import type { Tensor } from "../../graph/tensor.js";
import { alike, axisOf, axisOption, defineLoss, epsilon } from "./loss.js";

/**
 * -cos of the angle between yTrue and yPred along `axis` (the last one by default): -1 where they point the same way, 0
 * at right angles or where one is 0.
 * @throws ShapeError where labels and predictions differ in shape, and for the batch as axis.
 * @example losses.cosineSimilarity()
 */
export const cosineSimilarity = defineLoss({
  className: "CosineSimilarity",
  call: "cosineSimilarity",
  options: axisOption,
  labels: "values",
  values(yTrue, yPred, { axis }, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    const axes = [axisOf(axis, labels.shape, name)];
    const product = multiply([ofLengthOne(labels, axes), ofLengthOne(predictions, axes)]);
    return negate([reduceSum([product], { axes, keepDims: false })]);
  },
});

/** x / |x|, where |x| counts as 1e-7 at least; the bound is put on the square, whose root has a slope at 0 then. */
function ofLengthOne(x: Tensor, axes: readonly number[]): Tensor {
  const squares = reduceSum([square([x])], { axes, keepDims: true });
  return divide([x, sqrt([maximum([squares, constant(epsilon ** 2)])])]);
}
