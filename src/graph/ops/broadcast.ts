/** What the elementwise ops of two inputs share: the type of their result and the plain loop. */

import { DataError } from "../../core/errors.js";
import { type Shape, sizeOf, stridesOf } from "../../core/shape.js";
import { broadcastDimensions } from "../dimensions.js";
import type { Value } from "../op.js";
import type { TensorType } from "../tensor.js";

/**
 * The type two operands of the same dtype broadcast to.
 * @throws ShapeError or DataError naming the op.
 */
export function binaryType(name: string, a: TensorType, b: TensorType): TensorType {
  if (a.dtype !== b.dtype) {
    throw new DataError(
      `${name}: both sides must have one dtype, received ${a.dtype} and ${b.dtype}. Cast one of them.`,
    );
  }
  return { shape: broadcastDimensions(a.shape, b.shape, name), dtype: a.dtype };
}

/** result[i] = f(a[i], b[i]) over the broadcast shape. */
export function broadcastLoop(a: Value, b: Value, shape: Shape, f: (x: number, y: number) => number): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  const strides = stridesOf(shape);
  const steps = [a, b].map((value) => {
    const lead = shape.length - value.shape.length;
    const own = stridesOf(value.shape);
    return shape.map((_, axis) => (axis < lead || value.shape[axis - lead] === 1 ? 0 : own[axis - lead]!));
  });
  for (let i = 0; i < result.length; i++) {
    let p = 0;
    let q = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      const index = Math.floor(i / strides[axis]!) % shape[axis]!;
      p += index * steps[0]![axis]!;
      q += index * steps[1]![axis]!;
    }
    result[i] = f(a.data[p]!, b.data[q]!);
  }
  return result;
}
