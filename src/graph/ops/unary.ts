/** What the elementwise ops of one input share. */

import { DataError } from "../../core/errors.js";
import type { TensorType } from "../tensor.js";

/**
 * The type of an op that keeps its input's and computes in float32.
 * @throws DataError naming the op if the input is of another dtype.
 */
export function floatType(name: string, x: TensorType): TensorType {
  if (x.dtype !== "float32") throw new DataError(`${name}: float32 expected, received ${x.dtype}. Cast it first.`);
  return x;
}
