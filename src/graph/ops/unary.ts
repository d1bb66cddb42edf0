/** What the ops of one input and their gradients share: the checks of element types and shapes. */

import type { DType } from "../../core/dtype.js";
import { DataError, ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { sameDimensions } from "../dimensions.js";
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
 * The type of an op's gradient by its input, from a value of the op (its input or output, as `what` says) and dy.
 * @throws ShapeError or DataError naming the op.
 */
export function gradientType(name: string, what: "x" | "y", value: TensorType, dy: TensorType): TensorType {
  if (!sameDimensions(value.shape, dy.shape)) {
    throw new ShapeError(
      `${name}: ${what} and dy of one shape expected, received ${formatShape(value.shape)} and ${formatShape(dy.shape)}.`,
    );
  }
  floatType(name, dy);
  return floatType(name, value);
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
