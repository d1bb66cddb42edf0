/**
 * Reductions: sum, mean, standard deviation, smallest, largest and where they are. Everything is added in float64, in
 * row-major order. Not the metrics of a model.
 */

import { type DType, isFloat, type TypedArray } from "./dtype.js";
import { DataError } from "./errors.js";
import { transposed } from "./ndarray-index.js";
import { formatShape, normalizeAxis } from "./shape.js";
import { forEachRow, type Strided, zerosOf } from "./strided.js";

/** Which axes a reduction runs over: one, several, or (null) all. */
export type Axis = number | readonly number[] | null;

export type ReductionName = "sum" | "mean" | "std" | "min" | "max";

/** What a reduction writes to: float64, one element for each that is left. */
interface Target {
  readonly view: Strided<"float64">;
  /** Elements of the source for each element of the target. */
  readonly count: number;
}

/** The axes counted from the front, in ascending order. */
function axesOf(axis: Axis | undefined, rank: number, what: string): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  const axes = (typeof axis === "number" ? [axis] : axis).map((a) => normalizeAxis(a, rank, what));
  if (new Set(axes).size !== axes.length)
    throw new DataError(`${what}: an axis is named twice in ${formatShape(axes)}.`);
  return axes.sort((a, b) => a - b);
}

/** A target with the source's rank, whose reduced axes have length 1, filled with `start`. */
function targetOf(source: Strided, axes: readonly number[], start: number): Target {
  const view = zerosOf(
    "float64",
    source.shape.map((length, axis) => (axes.includes(axis) ? 1 : length)),
  );
  view.storage.fill(start);
  return { view, count: axes.reduce((product, axis) => product * source.shape[axis]!, 1) };
}

/** The target seen under the source's shape: each element repeated along the reduced axes. */
function repeated(target: Target, source: Strided): Strided<"float64"> {
  const { view } = target;
  return {
    ...view,
    shape: source.shape,
    strides: view.strides.map((stride, axis) => (view.shape[axis] === 1 ? 0 : stride)),
  };
}

type Loop = (n: number, out: Float64Array, o: number, oStep: number, a: TypedArray, i: number, iStep: number) => void;

const loops: Readonly<Record<"sum" | "min" | "max", Loop>> = {
  sum(n, out, o, oStep, a, i, iStep) {
    if (oStep === 0) {
      let sum = out[o]!;
      for (let k = 0; k < n; k++) sum += a[i + k * iStep]!;
      out[o] = sum;
    } else {
      for (let k = 0; k < n; k++) out[o + k * oStep]! += a[i + k * iStep]!;
    }
  },
  // A NaN is taken, and once it is there nothing is less or more: the result is NaN.
  min(n, out, o, oStep, a, i, iStep) {
    for (let k = 0; k < n; k++) {
      const x = a[i + k * iStep]!;
      if (x < out[o + k * oStep]! || Number.isNaN(x)) out[o + k * oStep] = x;
    }
  },
  max(n, out, o, oStep, a, i, iStep) {
    for (let k = 0; k < n; k++) {
      const x = a[i + k * iStep]!;
      if (x > out[o + k * oStep]! || Number.isNaN(x)) out[o + k * oStep] = x;
    }
  },
};

function accumulate(source: Strided, target: Target, loop: Loop): void {
  const out = repeated(target, source);
  forEachRow(source.shape, [out, source], (n, starts, steps) => {
    loop(n, out.storage, starts[0]!, steps[0]!, source.storage, starts[1]!, steps[1]!);
  });
}

/** The sum of squared distances from `mean`, which has the target's layout. */
function accumulateSquares(source: Strided, target: Target, mean: Target): void {
  const out = repeated(target, source);
  const centre = repeated(mean, source).storage;
  forEachRow(source.shape, [out, source], (n, [o, i], [oStep, iStep]) => {
    for (let k = 0; k < n; k++) {
      const place = o! + k * oStep!;
      const distance = source.storage[i! + k * iStep!]! - centre[place]!;
      out.storage[place]! += distance * distance;
    }
  });
}

/** The dtype of a reduction with an axis: floats stay; sums and means of integers are float64, which is exact to 2^53. */
export function reducedType(name: ReductionName, dtype: DType): DType {
  return name === "min" || name === "max" || isFloat(dtype) ? dtype : "float64";
}

/**
 * Reduces over `axis`, in float64; the result keeps reduced axes with length 1. `reducedType` is what to store it as.
 * @throws DataError where there is nothing to reduce, but for a sum; ShapeError where an axis does not exist.
 */
export function reduction(name: ReductionName, source: Strided, axis: Axis | undefined, ddof = 0): Strided<"float64"> {
  const axes = axesOf(axis, source.shape.length, name);
  const start = name === "min" ? Number.POSITIVE_INFINITY : name === "max" ? Number.NEGATIVE_INFINITY : 0;
  const target = targetOf(source, axes, start);
  if (target.count === 0 && name !== "sum") {
    throw new DataError(`${name}: nothing to reduce in an array of shape ${formatShape(source.shape)}.`);
  }
  accumulate(source, target, loops[name === "min" || name === "max" ? name : "sum"]);
  let { view } = target;
  if (name === "mean" || name === "std") {
    const mean = view.storage;
    for (let i = 0; i < mean.length; i++) mean[i]! /= target.count;
  }
  if (name === "std") {
    const squares = targetOf(source, axes, 0);
    accumulateSquares(source, squares, target);
    const out = squares.view.storage;
    for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(out[i]! / (target.count - ddof));
    view = squares.view;
  }
  return view;
}

/** The reduced axes taken out of a result that kept them. */
export function withoutAxes<D extends DType>(result: Strided<D>, axis: Axis | undefined, what: string): Strided<D> {
  const gone = axesOf(axis, result.shape.length, what);
  return {
    ...result,
    shape: result.shape.filter((_, a) => !gone.includes(a)),
    strides: result.strides.filter((_, a) => !gone.includes(a)),
  };
}

/**
 * The index of the first largest (or smallest) element along an axis, which is taken out; a NaN counts as the
 * largest and as the smallest, as in numpy.
 */
export function argReduction(name: "argmax" | "argmin", source: Strided, axis: number): Strided<"int32"> {
  const rank = source.shape.length;
  const along = normalizeAxis(axis, rank, name);
  const length = source.shape[along]!;
  if (length === 0) throw new DataError(`${name}: axis ${along} of shape ${formatShape(source.shape)} is empty.`);
  const order = Array.from({ length: rank }, (_, a) => a).filter((a) => a !== along);
  const lines = transposed(source, [...order, along]);
  const step = lines.strides[rank - 1]!;
  const out = zerosOf("int32", lines.shape.slice(0, -1));
  const heads = { strides: lines.strides.slice(0, -1), offset: lines.offset };
  const find = name === "argmax" ? indexOfLargest : indexOfSmallest;
  forEachRow(out.shape, [out, heads], (n, [o, i], [oStep, iStep]) => {
    for (let k = 0; k < n; k++) out.storage[o! + k * oStep!] = find(source.storage, i! + k * iStep!, step, length);
  });
  return out;
}

function indexOfLargest(a: TypedArray, start: number, step: number, length: number): number {
  let index = 0;
  let best = a[start]!;
  for (let k = 1; k < length && !Number.isNaN(best); k++) {
    const x = a[start + k * step]!;
    if (x > best || Number.isNaN(x)) {
      best = x;
      index = k;
    }
  }
  return index;
}

function indexOfSmallest(a: TypedArray, start: number, step: number, length: number): number {
  let index = 0;
  let best = a[start]!;
  for (let k = 1; k < length && !Number.isNaN(best); k++) {
    const x = a[start + k * step]!;
    if (x < best || Number.isNaN(x)) {
      best = x;
      index = k;
    }
  }
  return index;
}
