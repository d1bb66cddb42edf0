/**
 * Broadcasting and its adjoint, summing. They are each other's gradient, so they share a file.
 *
 * broadcastTo: y[..., i, ...] = x[..., 0, ...] along every axis of length 1 (numpy's rule).
 * reduceSum:   y = sum of x over `axes`.
 */

import { ShapeError } from "../../core/errors.js";
import { formatShape, normalizeAxis, sizeOf } from "../../core/shape.js";
import { broadcastDimensions, type Dimensions, sameDimensions } from "../dimensions.js";
import { defineOp, type Op } from "../op.js";
import type { Tensor } from "../tensor.js";
import { broadcastIndices, movable } from "./broadcast.js";
import { reshape } from "./reshape.js";
import { checkDType, floatType } from "./unary.js";

/** Repeats `x` to a larger shape. */
export const broadcastTo: Op<"broadcastTo", 1, { readonly shape: Dimensions }> = defineOp({
  name: "broadcastTo",
  inputs: 1,
  infer: ([x], { shape }) => {
    checkDType("broadcastTo", x, movable);
    if (!sameDimensions(broadcastDimensions(x.shape, shape, "broadcastTo"), shape)) {
      throw new ShapeError(`broadcastTo: ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}.`);
    }
    return { shape, dtype: x.dtype };
  },
  gradient: ({ inputs: [x], gradient }) => [sumTo(gradient, x.shape)],
  reference: ({ inputs: [x], shape }) => {
    return Float64Array.from(broadcastIndices(x.shape, shape), (from) => x.data[from]!);
  },
});

/** Adds up over `axes` (ascending, counted from the front); `keepDims` leaves them with length 1. */
export const reduceSum: Op<"reduceSum", 1, ReduceAttributes> = defineOp({
  name: "reduceSum",
  inputs: 1,
  infer: ([x], { axes, keepDims }) => ({
    shape: reducedShape(x.shape, axes, keepDims, "reduceSum"),
    dtype: floatType("reduceSum", x).dtype,
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

/**
 * The shape that is left after reducing over `axes`.
 * @throws ShapeError naming the op, unless axes are ascending and counted from the front, each once.
 */
export function reducedShape(shape: Dimensions, axes: readonly number[], keepDims: boolean, what: string): Dimensions {
  const gone = new Set(axes.map((axis) => normalizeAxis(axis, shape.length, what)));
  if (axes.some((axis, i) => axis < 0 || (i > 0 && axis <= axes[i - 1]!))) {
    throw new ShapeError(
      `${what}: axes must be ascending and counted from the front, each once; received ${formatShape(axes)}.`,
    );
  }
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
  broadcastIndices(kept, shape).forEach((to, from) => {
    visit(from, to);
  });
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
