/** The crossentropy of outputs that are each yes or no. */

import { boolean, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { absolute } from "../../graph/ops/absolute.js";
import { add } from "../../graph/ops/add.js";
import { clip } from "../../graph/ops/clip.js";
import { exp } from "../../graph/ops/exp.js";
import { log } from "../../graph/ops/log.js";
import { multiply } from "../../graph/ops/multiply.js";
import { negate } from "../../graph/ops/negate.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { alike, defineLoss, epsilon, meanOfRows } from "./loss.js";

/**
 * mean(-y ln p - (1 - y) ln(1 - p)) for labels y from 0 to 1.
 *
 * Predictions are probabilities p, clipped to [1e-7, 1 - 1e-7], or with `fromLogits` (false by default) scores x with
 * p = sigmoid(x): more exact.
 * @example losses.binaryCrossentropy({ fromLogits: true })
 */
export const binaryCrossentropy = defineLoss({
  className: "BinaryCrossentropy",
  call: "binaryCrossentropy",
  options: { fromLogits: withDefault(boolean(), false) },
  labels: "values",
  rows(yTrue, yPred, { fromLogits }, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    return meanOfRows(fromLogits ? ofLogits(labels, predictions) : ofProbabilities(labels, predictions));
  },
});

function ofProbabilities(y: Tensor, predictions: Tensor): Tensor {
  const p = clip([predictions], { minimum: epsilon, maximum: 1 - epsilon });
  const one = constant(1);
  const yes = multiply([y, log([p])]);
  const no = multiply([subtract([one, y]), log([subtract([one, p])])]);
  return negate([add([yes, no])]);
}

/** softplus(x) - x y, where softplus(x) = ln(1 + e^x) = (x + |x|) / 2 + ln(1 + e^-|x|). */
function ofLogits(y: Tensor, x: Tensor): Tensor {
  const magnitude = absolute([x]);
  // (x + |x|) / 2 rather than max(x, 0): its derivative at 0 is the half that softplus has there.
  const positive = multiply([add([x, magnitude]), constant(0.5)]);
  const softplus = add([positive, log([add([constant(1), exp([negate([magnitude])])])])]);
  return subtract([softplus, multiply([x, y])]);
}
