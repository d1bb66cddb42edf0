/**
 * A part of an axis, and its adjoint, which puts zeros around it. They are each other's gradient, so they share a file.
 *
 * slice: y[..., i, ...] = x[..., from + i, ...] along one axis, for `length` values.
 * pad:   y[..., before + i, ...] = x[..., i, ...], and 0 for `before` values in front and `after` values behind.
 */

import { ShapeError } from "../../core/errors.js";
import { formatShape, type Shape, sizeOf } from "../../core/shape.js";
import type { Dimensions } from "../dimensions.js";
import { defineOp, type Op } from "../op.js";
import { movable } from "./broadcast.js";
import { checkDType } from "./unary.js";

/** Takes a part of an axis. */
export const slice: Op<"slice", 1, { readonly axis: number; readonly from: number; readonly length: number }> =
  defineOp({
    name: "slice",
    inputs: 1,
    infer: ([x], { axis, from, length }) => {
      checkDType("slice", x, movable);
      const whole = innerAxis("slice", x.shape, axis);
      if (from < 0 || length < 1 || from + length > whole) {
        throw new ShapeError(
          `slice: ${length} values from ${from} on expected within axis ${axis} of ${formatShape(x.shape)}, which has ${whole}.`,
        );
      }
      return { shape: x.shape.with(axis, length), dtype: x.dtype };
    },
    gradient: ({ inputs: [x], gradient, attributes: { axis, from, length } }) => [
      pad([gradient], { axis, before: from, after: x.shape[axis]! - from - length }),
    ],
    reference: ({ inputs: [x], attributes: { axis, from }, shape }) => {
      const result = new Float64Array(sizeOf(shape));
      forEachRun(x.shape, shape, axis, (at, to, run) => {
        const begin = at + from * (run / shape[axis]!);
        result.set(x.data.subarray(begin, begin + run), to);
      });
      return result;
    },
  });

/** Puts zeros around an axis. */
export const pad: Op<"pad", 1, { readonly axis: number; readonly before: number; readonly after: number }> = defineOp({
  name: "pad",
  inputs: 1,
  infer: ([x], { axis, before, after }) => {
    checkDType("pad", x, movable);
    const length = innerAxis("pad", x.shape, axis);
    if (before < 0 || after < 0) {
      throw new ShapeError(
        `pad: as many zeros as 0 or more expected, received ${before} in front and ${after} behind.`,
      );
    }
    return { shape: x.shape.with(axis, before + length + after), dtype: x.dtype };
  },
  gradient: ({ inputs: [x], gradient, attributes: { axis, before } }) => [
    slice([gradient], { axis, from: before, length: x.shape[axis]! }),
  ],
  reference: ({ inputs: [x], attributes: { axis, before }, shape }) => {
    const result = new Float64Array(sizeOf(shape));
    forEachRun(shape, x.shape, axis, (to, at, run) => {
      result.set(x.data.subarray(at, at + run), to + before * (run / x.shape[axis]!));
    });
    return result;
  },
});

/**
 * The length of an axis that is there and is not the batch.
 * @throws ShapeError naming the op.
 */
export function innerAxis(name: string, shape: Dimensions, axis: number): number {
  const length = shape[axis];
  if (length === undefined || length === null) {
    const why = length === null ? "is the batch" : "is not there";
    throw new ShapeError(`${name}: axis ${axis} of ${formatShape(shape)} ${why}; another one expected.`);
  }
  return length;
}

/**
 * Visits what lies in one run of two shapes that differ in one axis: where it begins in the larger one, where in the
 * smaller one, and how many elements of the smaller one it is.
 */
export function forEachRun(
  larger: Shape,
  smaller: Shape,
  axis: number,
  visit: (inLarger: number, inSmaller: number, run: number) => void,
): void {
  const inner = sizeOf(smaller.slice(axis + 1));
  const runs = sizeOf(smaller.slice(0, axis));
  for (let i = 0; i < runs; i++) visit(i * larger[axis]! * inner, i * smaller[axis]! * inner, smaller[axis]! * inner);
}
