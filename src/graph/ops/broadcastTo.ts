/**
 * Broadcasting and its adjoint, summing. They are each other's gradient, so they share a file.
 *
 * broadcastTo: y[..., i, ...] = x[..., 0, ...] along every axis of length 1 (numpy's rule).
 * reduceSum:   y = sum of x over `axes`.
 */

import { ShapeError } from "../../core/errors.js";
import { formatShape, normalizeAxis, sizeOf, stridesOf } from "../../core/shape.js";
import { broadcastDimensions, type Dimensions, sameDimensions } from "../dimensions.js";
import { defineOp, type Op } from "../op.js";
import type { Tensor } from "../tensor.js";
import { reshape } from "./reshape.js";

/** Repeats `x` to a larger shape. */
export const broadcastTo: Op<"broadcastTo", 1, { readonly shape: Dimensions }> = defineOp({
  name: "broadcastTo",
  inputs: 1,
  infer: ([x], { shape }) => {
    if (!sameDimensions(broadcastDimensions(x.shape, shape, "broadcastTo"), shape)) {
      throw new ShapeError(`broadcastTo: ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}.`);
    }
    return { shape, dtype: x.dtype };
  },
  gradient: ({ inputs: [x], gradient }) => [sumTo(gradient, x.shape)],
  reference: ({ inputs: [x], shape }) => {
    const result = new Float64Array(sizeOf(shape));
    const own = stridesOf(x.shape);
    const all = stridesOf(shape);
    const lead = shape.length - x.shape.length;
    for (let i = 0; i < result.length; i++) {
      let from = 0;
      for (let axis = 0; axis < x.shape.length; axis++) {
        if (x.shape[axis] !== 1) from += (Math.floor(i / all[axis + lead]!) % shape[axis + lead]!) * own[axis]!;
      }
      result[i] = x.data[from]!;
    }
    return result;
  },
});

/** Adds up over `axes` (ascending, counted from the front); `keepDims` leaves them with length 1. */
export const reduceSum: Op<"reduceSum", 1, ReduceAttributes> = defineOp({
  name: "reduceSum",
  inputs: 1,
  infer: ([x], { axes, keepDims }) => ({
    shape: reducedShape(x.shape, axes, keepDims, "reduceSum"),
    dtype: x.dtype,
  }),
  gradient: ({ inputs: [x], gradient, attributes: { axes } }) => {
    const kept = reshape([gradient], { shape: reducedShape(x.shape, axes, true, "reduceSum") });
    return [broadcastTo([kept], { shape: x.shape })];
  },
  reference: ({ inputs: [x], attributes: { axes }, shape }) => {
    const result = new Float64Array(sizeOf(shape));
    forEachReduced(x.shape, axes, (from, to) => {
      result[to]! += x.data[from]!;
    });
    return result;
  },
});

/** Attributes of the reductions. */
export type ReduceAttributes = { readonly axes: readonly number[]; readonly keepDims: boolean };

/** The shape that is left after reducing over `axes`. */
export function reducedShape(shape: Dimensions, axes: readonly number[], keepDims: boolean, what: string): Dimensions {
  const gone = new Set(axes.map((axis) => normalizeAxis(axis, shape.length, what)));
  return keepDims
    ? shape.map((length, axis) => (gone.has(axis) ? 1 : length))
    : shape.filter((_, axis) => !gone.has(axis));
}

/** Calls `visit` for every element of `shape` with its index and the index of the sum it belongs to, in order. */
export function forEachReduced(
  shape: readonly number[],
  axes: readonly number[],
  visit: (from: number, to: number) => void,
): void {
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const to = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const from = stridesOf(shape);
  const size = sizeOf(shape);
  for (let i = 0; i < size; i++) {
    let target = 0;
    for (let axis = 0; axis < shape.length; axis++) target += (Math.floor(i / from[axis]!) % shape[axis]!) * to[axis]!;
    visit(i, target);
  }
}

/** Undoes a broadcast for a gradient: sums `x` down to `shape`. */
export function sumTo(x: Tensor, shape: Dimensions): Tensor {
  if (sameDimensions(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) => {
    const target = axis < lead ? undefined : shape[axis - lead];
    return target === length ? [] : [axis];
  });
  return reshape([reduceSum([x], { axes, keepDims: true })], { shape });
}
