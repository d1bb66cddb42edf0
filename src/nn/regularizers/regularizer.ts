/** What a regularizer is, and the two ways in which one adds to the loss. They are beside, their names in index.ts. */

import { sum } from "../../graph/compose.js";
import { divide } from "../../graph/ops/divide.js";
import { rowCount } from "../../graph/ops/rowCount.js";
import type { Tensor } from "../../graph/tensor.js";
import type { Config } from "../factory.js";
import { toFloat } from "../to-float.js";

/** A penalty for a tensor, which training adds to the loss. */
export interface Regularizer {
  /** Its name in `regularizers`: "l2"; or that of the user's own function. */
  readonly name: string;
  /** Its options as plain values; null for a function of the user's own. */
  readonly config: Config | null;
  /**
   * The penalty for x, float32: a scalar, or numbers that add up to it. Messages begin with `where`.
   * @throws ShapeError for a tensor that it has no penalty for.
   */
  call(x: Tensor, where: string): Tensor;
}

/** The penalty for a weight, a scalar. @throws ShapeError as the regularizer does. */
export function weightPenalty(regularizer: Regularizer, weight: Tensor, where: string): Tensor {
  const penalty = toFloat(regularizer.call(weight, where));
  return penalty.shape.length === 0 ? penalty : sum(penalty);
}

/**
 * The penalty for what a layer made of a batch, a scalar: that of all rows over their number, as Keras has it.
 * @throws ShapeError as the regularizer does.
 */
export function activityPenalty(regularizer: Regularizer, output: Tensor, where: string): Tensor {
  return divide([weightPenalty(regularizer, toFloat(output), where), rowCount([output])]);
}
