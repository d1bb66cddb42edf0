/** The losses of maximum-margin classifiers. */

import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { reduceSum } from "../../graph/ops/broadcastTo.js";
import { equal } from "../../graph/ops/equal.js";
import { maximum } from "../../graph/ops/maximum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { reduceMax } from "../../graph/ops/reduceMax.js";
import { select } from "../../graph/ops/select.js";
import { square } from "../../graph/ops/square.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { alike, axisOf, defineLoss, meanAlong } from "./loss.js";

/** max(1 - yTrue yPred, 0), a label 0 counting as -1. */
function margins(yTrue: Tensor, yPred: Tensor, name: string): Tensor {
  const [labels, predictions] = alike(yTrue, yPred, name);
  const signs = select([equal([labels, constant(0)]), constant(-1), labels]);
  return maximum([subtract([constant(1), multiply([signs, predictions])]), constant(0)]);
}

/**
 * mean(max(1 - yTrue yPred, 0)) for labels -1 and 1; a label 0 counts as -1, so labels 0 and 1 are fine too. (Keras
 * converts only if a whole batch is of zeros and ones; here a row's loss does not depend on other rows.)
 * @example losses.hinge()
 */
export const hinge = defineLoss({
  className: "Hinge",
  call: "hinge",
  options: {},
  labels: "values",
  values: (yTrue, yPred, _, name) => meanAlong(margins(yTrue, yPred, name), name),
});

/**
 * mean(max(1 - yTrue yPred, 0)²), with labels as `hinge` takes them.
 * @example losses.squaredHinge()
 */
export const squaredHinge = defineLoss({
  className: "SquaredHinge",
  call: "squaredHinge",
  options: {},
  labels: "values",
  values: (yTrue, yPred, _, name) => meanAlong(square([margins(yTrue, yPred, name)]), name),
});

/**
 * max(neg - pos + 1, 0) for one-hot labels: pos = sum(yTrue yPred), the score of the right class, and
 * neg = max((1 - yTrue) yPred), the best of the wrong ones (and 0).
 * @example losses.categoricalHinge()
 */
export const categoricalHinge = defineLoss({
  className: "CategoricalHinge",
  call: "categoricalHinge",
  options: {},
  labels: "values",
  values(yTrue, yPred, _, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    const last = { axes: [axisOf(-1, labels.shape, name)], keepDims: false };
    const right = reduceSum([multiply([labels, predictions])], last);
    const wrong = reduceMax([multiply([subtract([constant(1), labels]), predictions])], last);
    return maximum([add([subtract([wrong, right]), constant(1)]), constant(0)]);
  },
});
