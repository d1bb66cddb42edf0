/** What the ops along the last axis share. */

import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import type { Value } from "../op.js";
import type { TensorType } from "../tensor.js";

/**
 * The length of the last axis.
 * @throws ShapeError naming the op if there is none, or it is the batch's.
 */
export function lastAxis(name: string, x: TensorType): number {
  const length = x.shape.at(-1);
  if (length === undefined || length === null || length === 0) {
    throw new ShapeError(
      `${name}: a last axis of at least 1 expected that is not the batch, received shape ${formatShape(x.shape)}.`,
    );
  }
  return length;
}

/** The rows of a value along its last axis, as views. */
export function vectors(x: Value): Float64Array[] {
  const length = x.shape.at(-1)!;
  return Array.from({ length: x.data.length / length }, (_, i) => x.data.subarray(i * length, (i + 1) * length));
}
