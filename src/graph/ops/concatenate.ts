/** Two tensors one behind the other. */

import { DataError, ShapeError } from "../../core/errors.js";
import { formatShape, sizeOf } from "../../core/shape.js";
import { type Dimensions, sameDimensions } from "../dimensions.js";
import { defineOp, type Op } from "../op.js";
import { numeric } from "./broadcast.js";
import { forEachRun, innerAxis, slice } from "./slice.js";
import { checkDType } from "./unary.js";

/** y = a, and behind it b, along one axis; their other axes are the same. */
export const concatenate: Op<"concatenate", 2, { readonly axis: number }> = defineOp({
  name: "concatenate",
  inputs: 2,
  infer: ([a, b], { axis }) => {
    checkDType("concatenate", a, numeric);
    if (a.dtype !== b.dtype) {
      throw new DataError(`concatenate: both must have one dtype, received ${a.dtype} and ${b.dtype}.`);
    }
    return { shape: concatenatedShape("concatenate", [a.shape, b.shape], axis), dtype: a.dtype };
  },
  gradient: ({ inputs: [a, b], gradient, attributes: { axis } }) => [
    slice([gradient], { axis, from: 0, length: a.shape[axis]! }),
    slice([gradient], { axis, from: a.shape[axis]!, length: b.shape[axis]! }),
  ],
  reference: ({ inputs, attributes: { axis }, shape }) => {
    const result = new Float64Array(sizeOf(shape));
    let offset = 0;
    for (const { shape: part, data } of inputs) {
      forEachRun(shape, part, axis, (to, at, run) => {
        result.set(data.subarray(at, at + run), to + offset);
      });
      offset += sizeOf(part.slice(axis));
    }
    return result;
  },
});

/**
 * The shape of some tensors one behind the other along an axis, counted from the front.
 * @throws ShapeError naming the op or layer, for the batch axis, one that is not there, or shapes that differ in another one.
 */
export function concatenatedShape(name: string, shapes: readonly Dimensions[], axis: number): Dimensions {
  const [first] = shapes as readonly [Dimensions];
  innerAxis(name, first, axis);
  const differs = shapes.find((shape) => !sameDimensions(first.with(axis, shape[axis] ?? null), shape));
  if (differs !== undefined) {
    throw new ShapeError(
      `${name}: shapes that differ in axis ${axis} alone expected, received ${formatShape(first)} and ${formatShape(differs)}.`,
    );
  }
  return first.with(
    axis,
    shapes.reduce((sum, shape) => sum + shape[axis]!, 0),
  );
}
