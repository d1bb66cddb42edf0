/** The crossentropy of one class out of several, with labels as class numbers. */

import { boolean, integer, nullable, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { cast } from "../../graph/ops/cast.js";
import { equal } from "../../graph/ops/equal.js";
import { select } from "../../graph/ops/select.js";
import { sparseCategoricalCrossentropy as ofProbabilities } from "../../graph/ops/sparseCategoricalCrossentropy.js";
import { sparseSoftmaxCrossentropy as ofLogits } from "../../graph/ops/sparseSoftmaxCrossentropy.js";
import { classesOf, defineLoss } from "./loss.js";

/**
 * -ln p_y for labels y that are class numbers, 0 to classes - 1 (int32 or uint8, [batch] or [batch, 1]).
 *
 * Predictions [batch, classes] are probabilities p, divided by their sum and clipped to [1e-7, 1 - 1e-7], or with
 * `fromLogits` (false by default) scores x with p = softmax(x): more exact. Rows labelled `ignoreClass` (null by default:
 * none) do not count: their loss is 0, and a mean is that of the others. It may be a number outside the classes, as 255.
 * @throws ShapeError where labels and predictions do not go together.
 * @example losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: 255 })
 */
export const sparseCategoricalCrossentropy = defineLoss({
  className: "SparseCategoricalCrossentropy",
  call: "sparseCategoricalCrossentropy",
  options: { fromLogits: withDefault(boolean(), false), ignoreClass: withDefault(nullable(integer()), null) },
  labels: "classes",
  values(yTrue, yPred, { fromLogits, ignoreClass }, name) {
    const [given, predictions] = classesOf(yTrue, yPred, name);
    const loss = fromLogits ? ofLogits : ofProbabilities;
    if (ignoreClass === null) return loss([predictions, given]);
    const labels = cast([given], { dtype: "int32" });
    const ignored = equal([labels, constant(ignoreClass, [], "int32")]);
    // Another class stands in for the one ignored, which may have no prediction.
    const values = loss([predictions, select([ignored, constant(0, [], "int32"), labels])]);
    const counts = equal([cast([ignored], { dtype: "float32" }), constant(0)]);
    return { values: select([ignored, constant(0), values]), valid: counts };
  },
});
