/** What the random ops share: the check of the run's random state. */

import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import type { TensorType } from "../tensor.js";
import { checkDType } from "./unary.js";

/**
 * Refuses a random state that is not int32 [4]: key0, key1, epoch, step.
 * @throws ShapeError or DataError naming the op.
 */
export function checkRandomState(name: string, state: TensorType): void {
  checkDType(name, state, ["int32"], "the random state");
  if (state.shape.length !== 1 || state.shape[0] !== 4) {
    throw new ShapeError(`${name}: a random state of shape [4] expected, received ${formatShape(state.shape)}.`);
  }
}
