/** What the effects share: the checks of the variables they write. An effect's type is that of what it writes. */

import { DataError, ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { type Dimensions, sameDimensions } from "../dimensions.js";
import { Tensor, type TensorType } from "../tensor.js";
import { floatType } from "./unary.js";

/**
 * Refuses to write to anything but a variable.
 * @throws DataError naming the op.
 */
export function checkVariable(name: string, x: TensorType, what: string): void {
  if (x instanceof Tensor && x.op !== "variable") {
    throw new DataError(`${name}: ${what} must be read from a variable, received the result of ${x.op}.`);
  }
}

/**
 * Refuses another shape than `expected`.
 * @throws ShapeError naming the op.
 */
export function checkShape(name: string, what: string, x: TensorType, expected: Dimensions): void {
  if (sameDimensions(x.shape, expected)) return;
  throw new ShapeError(
    `${name}: ${what} of shape ${formatShape(expected)} expected, received ${formatShape(x.shape)}.`,
  );
}

/**
 * The type of an optimizer's update: the weights, their slots and gradient all float32 of one shape, the learning rate
 * a float32 scalar.
 * @throws ShapeError or DataError naming the op.
 */
export function updateType(
  name: string,
  written: readonly (readonly [string, TensorType])[],
  g: TensorType,
  learningRate: TensorType,
): TensorType {
  const [, w] = written[0]!;
  for (const [what, x] of written) {
    checkVariable(name, x, what);
    checkShape(name, what, x, w.shape);
    floatType(name, x);
  }
  checkShape(name, "the gradient", g, w.shape);
  checkShape(name, "the learning rate", learningRate, []);
  floatType(name, g);
  floatType(name, learningRate);
  return { shape: w.shape, dtype: w.dtype };
}
