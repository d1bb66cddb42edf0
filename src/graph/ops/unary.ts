/** What the ops of one input share: the checks of its element type. */

import type { DType } from "../../core/dtype.js";
import { DataError } from "../../core/errors.js";
import type { TensorType } from "../tensor.js";

/**
 * The type of an op that keeps its input's and computes in float32.
 * @throws DataError naming the op if the input is of another dtype.
 */
export function floatType(name: string, x: TensorType): TensorType {
  checkDType(name, x, ["float32"]);
  return { shape: x.shape, dtype: x.dtype };
}

/**
 * Refuses other element types than those given.
 * @throws DataError naming the op (and the input, where `what` says which).
 */
export function checkDType(name: string, x: TensorType, dtypes: readonly DType[], what?: string): void {
  if (dtypes.includes(x.dtype)) return;
  const where = what === undefined ? "" : ` as ${what}`;
  throw new DataError(`${name}: ${dtypes.join(" or ")} expected${where}, received ${x.dtype}. Cast it first.`);
}
