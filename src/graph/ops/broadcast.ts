/** What the elementwise ops of several inputs share: the type of their result and the plain loop. */

import type { DType } from "../../core/dtype.js";
import { DataError } from "../../core/errors.js";
import { type Shape, sameShape, sizeOf, stridesOf } from "../../core/shape.js";
import { broadcastDimensions } from "../dimensions.js";
import type { Value } from "../op.js";
import type { TensorType } from "../tensor.js";
import { checkDType } from "./unary.js";

/** The element types that arithmetic is defined for; counters and labels are int32. */
export const numeric: readonly DType[] = ["float32", "int32"];

/** The element types of what can be put elsewhere, repeated or left out; pictures are bytes. */
export const movable: readonly DType[] = [...numeric, "uint8"];

/**
 * The type two operands of the same dtype broadcast to.
 * @throws ShapeError or DataError naming the op.
 */
export function binaryType(
  name: string,
  a: TensorType,
  b: TensorType,
  dtypes: readonly DType[] = ["float32"],
): TensorType {
  if (a.dtype !== b.dtype) {
    throw new DataError(
      `${name}: both sides must have one dtype, received ${a.dtype} and ${b.dtype}. Cast one of them.`,
    );
  }
  checkDType(name, a, dtypes);
  return { shape: broadcastDimensions(a.shape, b.shape, name), dtype: a.dtype };
}

/** For each element of `shape`, in order, the index of the element of `from` that broadcasts to it. */
export function broadcastIndices(from: Shape, shape: Shape): Int32Array {
  const result = new Int32Array(sizeOf(shape));
  const own = stridesOf(from);
  const lead = shape.length - from.length;
  let inner = 1;
  // From the last axis out: the first `inner` entries are right for one index of the axes done so far.
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const step = axis < lead || from[axis - lead] === 1 ? 0 : own[axis - lead]!;
    for (let i = 1; i < shape[axis]! && result.length > 0; i++) {
      for (let j = 0; j < inner; j++) result[i * inner + j] = result[j]! + i * step;
    }
    inner *= shape[axis]!;
  }
  return result;
}

/** result[i] = f(a[i], b[i]) over the broadcast shape. */
export function broadcastLoop(a: Value, b: Value, shape: Shape, f: (x: number, y: number) => number): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  if (sameShape(a.shape, shape) && sameShape(b.shape, shape)) {
    for (let i = 0; i < result.length; i++) result[i] = f(a.data[i]!, b.data[i]!);
    return result;
  }
  const p = broadcastIndices(a.shape, shape);
  const q = broadcastIndices(b.shape, shape);
  for (let i = 0; i < result.length; i++) result[i] = f(a.data[p[i]!]!, b.data[q[i]!]!);
  return result;
}
