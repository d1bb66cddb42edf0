/**
 * Shapes of concrete arrays: sizes, strides, broadcasting, axes. Shapes with an open batch dimension belong to
 * graph/dimensions.ts.
 */

import { ShapeError } from "./errors.js";

/** The length of each axis, outermost first. */
export type Shape = readonly number[];

/** The number of elements: the product of all axes; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** A shape as it is printed in messages: `[28, 28, 1]`; an open dimension prints as `null`. */
export function formatShape(shape: readonly (number | null)[]): string {
  return `[${shape.map(String).join(", ")}]`;
}

/**
 * The shape that two shapes broadcast to, by numpy's rule: aligned at the last axis, each pair of lengths equal or
 * one of them 1.
 * @throws ShapeError where a pair of lengths differs and neither is 1; `what` names the operation.
 */
export function broadcastShapes(a: Shape, b: Shape, what = "broadcast"): number[] {
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1;
    const y = b[b.length - i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(`${what}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast together.`);
    }
    result[rank - i] = x === 1 ? y : x;
  }
  return result;
}

/**
 * An axis counted from the front: -1 is the last one.
 * @throws ShapeError where the axis does not exist; `what` names the operation.
 */
export function normalizeAxis(axis: number, rank: number, what = "axis"): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(
      `${what}: axis ${axis} does not exist in ${rank} dimension${rank === 1 ? "" : "s"}; use ${rank === 0 ? "none" : `${-rank} to ${rank - 1}`}.`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}
