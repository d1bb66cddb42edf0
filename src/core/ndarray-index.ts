/**
 * Views of an array, made without touching an element: slices, reshapes, transposes, added and removed axes. Not what
 * copies elements: that is ndarray-join.ts, and not the class.
 */

import type { DType } from "./dtype.js";
import { OptionError, ShapeError } from "./errors.js";
import { formatReceived } from "./received.js";
import { formatShape, normalizeAxis, type Shape, stridesOf } from "./shape.js";
import { isContiguous, pick, type Strided } from "./strided.js";

/** From `start` to, not including, `stop` in steps of `step`; negative ends count from the back; null: the end itself. */
type Range = readonly [start?: number | null, stop?: number | null, step?: number | null];

/** What `slice` takes for one axis: an index, which drops the axis; a range; or null for all of it. */
export type SliceIndex = number | Range | null;

/**
 * An index counted from the front.
 * @throws OptionError where it is no whole number or lies outside.
 */
export function normalizeIndex(index: number, length: number, axis: number, what: string): number {
  if (!Number.isInteger(index) || index < -length || index >= length) {
    throw new OptionError(
      `${what}: index ${formatReceived(index)} is outside axis ${axis} of length ${length}; ` +
        `use ${length === 0 ? "none" : `a whole number from ${-length} to ${length - 1}`}.`,
    );
  }
  return index < 0 ? index + length : index;
}

function wholeOr(value: number | null | undefined, fallback: number, what: string): number {
  if (value === null || value === undefined) return fallback;
  if (!Number.isInteger(value)) {
    throw new OptionError(`slice: ${what} must be a whole number or null, received ${formatReceived(value)}.`);
  }
  return value;
}

/** numpy's rule for a range over an axis: ends beyond the axis are drawn in to it. */
function resolveRange(range: Range, length: number): { start: number; count: number; step: number } {
  if (!Array.isArray(range) || range.length > 3) {
    throw new OptionError(
      `slice: each index must be a number, [start, stop, step] or null, received ${formatReceived(range)}.`,
    );
  }
  const step = wholeOr(range[2], 1, "step");
  if (step === 0) throw new OptionError("slice: step must not be 0.");
  const lowest = step > 0 ? 0 : -1;
  const highest = step > 0 ? length : length - 1;
  const drawIn = (value: number) => Math.min(highest, Math.max(lowest, value < 0 ? value + length : value));
  const given = (value: number | null | undefined) => value !== null && value !== undefined;
  const start = given(range[0]) ? drawIn(wholeOr(range[0], 0, "start")) : step > 0 ? 0 : length - 1;
  const stop = given(range[1]) ? drawIn(wholeOr(range[1], 0, "stop")) : step > 0 ? length : -1;
  return { start, step, count: Math.max(0, Math.ceil((stop - start) / step)) };
}

/** A view of part of an array, one index an axis; axes without one are taken whole. */
export function sliceOf<D extends DType>(view: Strided<D>, indices: readonly SliceIndex[], what = "slice"): Strided<D> {
  const rank = view.shape.length;
  if (indices.length > rank) {
    throw new ShapeError(
      `${what}: ${indices.length} indices for an array of ${rank} dimensions, shape ${formatShape(view.shape)}.`,
    );
  }
  const shape: number[] = [];
  const strides: number[] = [];
  let offset = view.offset;
  for (let axis = 0; axis < rank; axis++) {
    const index = indices[axis];
    const length = view.shape[axis]!;
    const stride = view.strides[axis]!;
    if (typeof index === "number") {
      offset += normalizeIndex(index, length, axis, what) * stride;
    } else if (index === null || index === undefined) {
      shape.push(length);
      strides.push(stride);
    } else {
      const { start, count, step } = resolveRange(index, length);
      // An empty range may start one past the end: keep the offset inside.
      if (count > 0) offset += start * stride;
      shape.push(count);
      strides.push(stride * step);
    }
  }
  return { ...pick(view), shape, strides, offset };
}

/** The place in the storage of the element at `indices`, one for each axis. */
export function placeOf(view: Strided, indices: readonly number[], what: string): number {
  const rank = view.shape.length;
  if (indices.length !== rank) {
    throw new ShapeError(
      `${what}: ${rank} ${rank === 1 ? "index" : "indices"} expected for shape ${formatShape(view.shape)}, received ${indices.length}.`,
    );
  }
  let place = view.offset;
  for (let axis = 0; axis < rank; axis++) {
    place += normalizeIndex(indices[axis]!, view.shape[axis]!, axis, what) * view.strides[axis]!;
  }
  return place;
}

/**
 * A shape with its -1, if it has one, replaced by what is left.
 * @throws ShapeError where the sizes do not fit; OptionError where a length is no whole number.
 */
export function resolveShape(shape: Shape, size: number, what: string): number[] {
  const open = shape.indexOf(-1);
  for (const [axis, length] of shape.entries()) {
    if (!Number.isSafeInteger(length) || length < (axis === open ? -1 : 0)) {
      throw new OptionError(
        `${what}: each length must be a whole number, 0 or more, and one may be -1, received ${formatReceived([...shape])}.`,
      );
    }
  }
  const known = shape.reduce((product, length, axis) => (axis === open ? product : product * length), 1);
  const fits = open === -1 ? known === size : known !== 0 && size % known === 0;
  if (!fits) throw new ShapeError(`${what}: ${size} elements do not fit shape ${formatShape(shape)}.`);
  return shape.map((length, axis) => (axis === open ? size / known : length));
}

/** The same elements under another shape without a copy, or `undefined` where the strides do not allow it. */
export function reshapedView<D extends DType>(view: Strided<D>, shape: Shape): Strided<D> | undefined {
  if (isContiguous(view)) return { ...pick(view), shape, strides: stridesOf(shape) };
  // Both shapes, cut into the shortest runs of axes with equal products; each run of the old must be evenly strided.
  const old = view.shape.map((length, axis) => ({ length, stride: view.strides[axis]! })).filter((a) => a.length !== 1);
  const strides = new Array<number>(shape.length).fill(0);
  let taken = 0;
  let next = 0;
  while (next < shape.length) {
    if (shape[next] === 1) {
      next++;
      continue;
    }
    let end = next + 1;
    let newSize = shape[next]!;
    let oldEnd = taken + 1;
    let oldSize = old[taken]!.length;
    while (newSize !== oldSize) {
      if (newSize < oldSize) newSize *= shape[end++]!;
      else oldSize *= old[oldEnd++]!.length;
    }
    for (let axis = taken; axis + 1 < oldEnd; axis++) {
      if (old[axis]!.stride !== old[axis + 1]!.stride * old[axis + 1]!.length) return undefined;
    }
    let stride = old[oldEnd - 1]!.stride;
    for (let axis = end - 1; axis >= next; axis--) {
      strides[axis] = stride;
      stride *= shape[axis]!;
    }
    taken = oldEnd;
    next = end;
  }
  return { ...pick(view), shape, strides };
}

/** The axes in another order; without one, reversed. */
export function transposed<D extends DType>(view: Strided<D>, axes?: readonly number[]): Strided<D> {
  const rank = view.shape.length;
  const order = axes?.map((axis) => normalizeAxis(axis, rank, "transpose")) ?? view.shape.map((_, i) => rank - 1 - i);
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new ShapeError(
      `transpose: the axes must name each of ${rank} dimensions once, received ${formatReceived(axes)} for shape ${formatShape(view.shape)}.`,
    );
  }
  return {
    ...pick(view),
    shape: order.map((axis) => view.shape[axis]!),
    strides: order.map((axis) => view.strides[axis]!),
  };
}

/** A new axis of length 1, which becomes axis `axis` of the result. */
export function withAxis<D extends DType>(view: Strided<D>, axis: number): Strided<D> {
  const at = normalizeAxis(axis, view.shape.length + 1, "expandDims");
  const stride = at < view.shape.length ? view.strides[at]! * view.shape[at]! : 1;
  return {
    ...pick(view),
    shape: view.shape.toSpliced(at, 0, 1),
    strides: view.strides.toSpliced(at, 0, stride),
  };
}

/** Without the named axes, which must have length 1; without any named, without all that have. */
export function squeezed<D extends DType>(view: Strided<D>, axis?: number | readonly number[]): Strided<D> {
  const rank = view.shape.length;
  const named = axis === undefined ? undefined : typeof axis === "number" ? [axis] : axis;
  const gone = new Set(
    named?.map((a) => normalizeAxis(a, rank, "squeeze")) ?? [...view.shape.keys()].filter((a) => view.shape[a] === 1),
  );
  for (const a of gone) {
    if (view.shape[a] !== 1) {
      throw new ShapeError(`squeeze: axis ${a} has length ${view.shape[a]}, not 1 (shape ${formatShape(view.shape)}).`);
    }
  }
  return {
    ...pick(view),
    shape: view.shape.filter((_, a) => !gone.has(a)),
    strides: view.strides.filter((_, a) => !gone.has(a)),
  };
}
