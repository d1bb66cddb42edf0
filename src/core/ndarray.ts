/**
 * NDArray: a small host array in numpy's spirit, for holding and looking at data: shape, dtype, strided views,
 * arithmetic, reductions, printing. Not a tensor of the graph, and not what training computes with.
 *
 * Differences from numpy: the default float is float32; integers divided give float32; sums and means of integers
 * along an axis are float64; a bool element is the number 0 or 1 in JavaScript.
 */

import type { DType, TypedArrayOf } from "./dtype.js";
import { DataError, ShapeError } from "./errors.js";
import { type ArithmeticName, arithmetic, type ComparisonName, comparison, everyPair } from "./ndarray-arithmetic.js";
import {
  placeOf,
  reshapedView,
  resolveShape,
  type SliceIndex,
  sliceOf,
  squeezed,
  transposed,
  withAxis,
} from "./ndarray-index.js";
import { type NestedNumbers, requireDType, requireHeld, toNested } from "./ndarray-nested.js";
import { arrayDescription, arrayText } from "./ndarray-print.js";
import { type Axis, argReduction, type ReductionName, reducedType, reduction, withoutAxes } from "./ndarray-reduce.js";
import { type IndexList, takeFrom } from "./ndarray-take.js";
import type { Divided, KeepDims, Summed, WithNumber } from "./ndarray-types.js";
import { castingLoses, wrapTyped } from "./ndarray-wrap.js";
import { formatReceived } from "./received.js";
import { broadcastShapes, formatShape, type Shape, sameShape, sizeOf } from "./shape.js";
import {
  broadcastTo,
  contiguousData,
  copyAs,
  copyInto,
  isContiguous,
  mayClash,
  type Strided,
  scalarOf,
  wholeOf,
} from "./strided.js";

/** Anything that is taken for an array: an NDArray, or elements in row-major order with their shape. */
export type NDArrayLike<D extends DType = DType> =
  | NDArray<D>
  | { readonly data: TypedArrayOf<D>; readonly shape: Shape; readonly dtype?: D | undefined };

interface OutOption {
  /** Where to write the result; it must have the result's shape and dtype, and is returned. May be an operand. */
  readonly out?: NDArray | undefined;
}

const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

export class NDArray<D extends DType = DType> implements Strided<D> {
  readonly dtype: D;
  /** The length of each axis. */
  readonly shape: Shape;
  /** How many elements of the storage lie between neighbours along each axis. */
  readonly strides: readonly number[];
  /** Where the first element lies in the storage. */
  readonly offset: number;
  /** The memory that this array, and every view of the same memory, looks at. `data` is what to read. */
  readonly storage: TypedArrayOf<D>;
  /** The number of elements. */
  readonly size: number;

  /** Wraps a view. To make an array, use `array`, `zeros`, `fromTyped` and their like. */
  constructor(view: Strided<D>) {
    this.dtype = view.dtype;
    this.shape = view.shape;
    this.strides = view.strides;
    this.offset = view.offset;
    this.storage = view.storage;
    this.size = sizeOf(view.shape);
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** The number of axes, under numpy's name. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Whether the elements lie one after the other in row-major order. */
  get isContiguous(): boolean {
    return isContiguous(this);
  }

  /**
   * The elements in row-major order. Where they already lie so (`isContiguous`) this shares the array's memory, and is the
   * underlying typed array itself where the array is the whole of it; otherwise it is a copy.
   */
  get data(): TypedArrayOf<D> {
    return contiguousData(isContiguous(this) ? this : copyAs(this, this.dtype));
  }

  // Views: they share memory.

  /**
   * A view of part of the array, as numpy's `a[...]`: for each axis an index, which drops the axis, a range
   * `[start, stop, step]`, or null for all of it. Negative numbers count from the end; a range's ends are drawn in to the axis.
   * @throws OptionError for an index outside its axis; ShapeError for more indices than axes.
   * @example images.slice([0, 10], null, [null, null, -1]); // the first ten, mirrored
   */
  slice(...indices: readonly SliceIndex[]): NDArray<D> {
    return new NDArray(sliceOf(this, indices));
  }

  /**
   * As numpy's `a[i, j]`: the sub-array at `indices` as a view, or, with an index for every axis, the element as a
   * number. Where the type must be known, `slice(i)` always gives an array and `get(i, j)` always a number.
   * @throws OptionError for an index outside its axis; ShapeError for more indices than axes.
   */
  at(...indices: readonly number[]): NDArray<D> | number {
    return indices.length === this.rank ? this.get(...indices) : new NDArray(sliceOf(this, indices, "at"));
  }

  /** The element at `indices`, one for each axis. @throws ShapeError, OptionError as `at`. */
  get(...indices: readonly number[]): number {
    return this.storage[placeOf(this, indices, "get")]!;
  }

  /** The only element. @throws ShapeError where there are more or none. */
  item(): number {
    if (this.size !== 1) throw new ShapeError(`item: one element expected, received shape ${formatShape(this.shape)}.`);
    return this.storage[this.offset]!;
  }

  /**
   * Overwrites the element or sub-array at `indices` (all of the array for `[]`) with a number, or with an array that
   * broadcasts to it and whose dtype this one's can hold.
   * @throws DataError where a value does not fit the dtype; ShapeError where the shapes do not.
   */
  set(indices: readonly SliceIndex[], value: number | NDArrayLike): void {
    if (!Array.isArray(indices)) {
      throw new ShapeError(
        `set: a list of indices expected, as in set([0, 1], value), received ${formatReceived(indices)}.`,
      );
    }
    const target = sliceOf(this, indices, "set");
    if (typeof value === "number") {
      copyInto(target, broadcastTo(scalarOf(requireHeld(this.dtype, value, "set")), target.shape));
      return;
    }
    const source = asNDArray(value, "set");
    if (!sameShape(broadcastShapes(source.shape, target.shape, "set"), target.shape)) {
      throw new ShapeError(
        `set: shape ${formatShape(source.shape)} does not broadcast to ${formatShape(target.shape)}.`,
      );
    }
    if (castingLoses(source.dtype, this.dtype)) {
      throw new DataError(`set: ${source.dtype} elements do not fit ${this.dtype}; convert them with astype first.`);
    }
    copyInto(target, broadcastTo(mayClash(target, source) ? copyAs(source, source.dtype) : source, target.shape));
  }

  /**
   * The same elements under another shape; one length may be -1. A view where the strides allow it, else a copy.
   * @throws ShapeError where the sizes do not fit.
   */
  reshape(...shape: readonly number[] | readonly [Shape]): NDArray<D> {
    const wanted = (Array.isArray(shape[0]) ? shape[0] : shape) as Shape;
    const resolved = resolveShape(wanted, this.size, "reshape");
    const view = reshapedView(this, resolved);
    return new NDArray(view ?? wholeOf(this.dtype, copyAs(this, this.dtype).storage, resolved));
  }

  /** A view with the axes in another order; without one, reversed. @throws ShapeError where an axis is missing. */
  transpose(axes?: readonly number[]): NDArray<D> {
    return new NDArray(transposed(this, axes));
  }

  /** A view with a new axis of length 1, which becomes axis `axis` of the result (-1: the last). */
  expandDims(axis: number): NDArray<D> {
    return new NDArray(withAxis(this, axis));
  }

  /** A view without the named axes, which must have length 1; without any named, without all that have. */
  squeeze(axis?: number | readonly number[]): NDArray<D> {
    return new NDArray(squeezed(this, axis));
  }

  /** A contiguous copy. */
  copy(): NDArray<D> {
    return new NDArray(copyAs(this, this.dtype));
  }

  /**
   * A copy with elements of another dtype. To an integer: truncated toward zero; out of range it wraps modulo 2^8 or
   * 2^32, and NaN and the infinities give 0, as JavaScript's typed arrays do. To bool: whether it is not 0.
   */
  astype<T extends DType>(dtype: T): NDArray<T> {
    requireDType(dtype, "astype");
    return new NDArray(copyAs(this, dtype));
  }

  /**
   * The elements or sub-arrays at `indices` along `axis`, copied in their order; without an axis, of the flat array. The indices'
   * shape takes the place of the axis. Negative indices count from the end.
   * @throws OptionError for an index outside the axis.
   */
  take(indices: IndexList, axis?: number): NDArray<D> {
    return new NDArray(axis === undefined ? takeFrom(this.reshape(-1), indices, 0) : takeFrom(this, indices, axis));
  }

  // Arithmetic and comparison, with broadcasting.

  /** Element by element, with broadcasting; `this + other`. */
  add(other: number, options?: OutOption): NDArray<WithNumber<D>>;
  add(other: NDArrayLike, options?: OutOption): NDArray;
  add(other: number | NDArrayLike, options?: OutOption): NDArray {
    return this.#combine("add", other, options);
  }

  /** Element by element, with broadcasting; `this - other`. */
  subtract(other: number, options?: OutOption): NDArray<WithNumber<D>>;
  subtract(other: NDArrayLike, options?: OutOption): NDArray;
  subtract(other: number | NDArrayLike, options?: OutOption): NDArray {
    return this.#combine("subtract", other, options);
  }

  /** Element by element, with broadcasting; `this * other`. */
  multiply(other: number, options?: OutOption): NDArray<WithNumber<D>>;
  multiply(other: NDArrayLike, options?: OutOption): NDArray;
  multiply(other: number | NDArrayLike, options?: OutOption): NDArray {
    return this.#combine("multiply", other, options);
  }

  /** Element by element, with broadcasting; `this / other`. float64 where either is, else float32. */
  divide(other: number, options?: OutOption): NDArray<Divided<D>>;
  divide(other: NDArrayLike, options?: OutOption): NDArray<"float32" | "float64">;
  divide(other: number | NDArrayLike, options?: OutOption): NDArray {
    return this.#combine("divide", other, options);
  }

  /** Where `this == other`, as bool. NaN equals nothing. For one answer, use `equals`. */
  equal(other: number | NDArrayLike): NDArray<"bool"> {
    return this.#compare("equal", other);
  }
  /** Where `this != other`, as bool. */
  notEqual(other: number | NDArrayLike): NDArray<"bool"> {
    return this.#compare("notEqual", other);
  }
  /** Where `this < other`, as bool. */
  less(other: number | NDArrayLike): NDArray<"bool"> {
    return this.#compare("less", other);
  }
  /** Where `this <= other`, as bool. */
  lessEqual(other: number | NDArrayLike): NDArray<"bool"> {
    return this.#compare("lessEqual", other);
  }
  /** Where `this > other`, as bool. */
  greater(other: number | NDArrayLike): NDArray<"bool"> {
    return this.#compare("greater", other);
  }
  /** Where `this >= other`, as bool. */
  greaterEqual(other: number | NDArrayLike): NDArray<"bool"> {
    return this.#compare("greaterEqual", other);
  }

  /** Whether the other array has the same shape and equal elements, whatever its dtype. */
  equals(other: NDArrayLike): boolean {
    return everyPair(this, asNDArray(other, "equals"), (x, y) => x === y);
  }

  /** Whether shapes are the same and everywhere |this - other| <= atol + rtol |other|, as numpy's `allclose`. */
  allClose(
    other: NDArrayLike,
    { rtol = 1e-5, atol = 1e-8, equalNan = false }: { rtol?: number; atol?: number; equalNan?: boolean } = {},
  ): boolean {
    return everyPair(
      this,
      asNDArray(other, "allClose"),
      (x, y) =>
        x === y ||
        (Number.isFinite(x) && Number.isFinite(y) && Math.abs(x - y) <= atol + rtol * Math.abs(y)) ||
        (equalNan && Number.isNaN(x) && Number.isNaN(y)),
    );
  }

  // Reductions: without an axis (or with null) a float64 number; with one or several, an array.

  /** The sum. Along an axis float32 stays (added in float64), all else gives float64; nothing sums to 0. */
  sum(axis?: null): number;
  sum(axis: number | readonly number[], options?: KeepDims): NDArray<Summed<D>>;
  sum(axis?: Axis, options?: KeepDims): NDArray | number {
    return this.#reduce("sum", axis, options);
  }

  /** The mean. Along an axis float32 stays, all else gives float64. @throws DataError where there is nothing. */
  mean(axis?: null): number;
  mean(axis: number | readonly number[], options?: KeepDims): NDArray<Summed<D>>;
  mean(axis?: Axis, options?: KeepDims): NDArray | number {
    return this.#reduce("mean", axis, options);
  }

  /** The standard deviation sqrt(sum (x - mean)^2 / (n - ddof)); ddof 0 by default, the population's, as in numpy. */
  std(axis?: null, options?: { readonly ddof?: number }): number;
  std(axis: number | readonly number[], options?: KeepDims & { readonly ddof?: number }): NDArray<Summed<D>>;
  std(axis?: Axis, options?: KeepDims & { readonly ddof?: number }): NDArray | number {
    return this.#reduce("std", axis, options, options?.ddof);
  }

  /** The smallest element; NaN where there is one. @throws DataError where there is nothing. */
  min(axis?: null): number;
  min(axis: number | readonly number[], options?: KeepDims): NDArray<D>;
  min(axis?: Axis, options?: KeepDims): NDArray | number {
    return this.#reduce("min", axis, options);
  }

  /** The largest element; NaN where there is one. @throws DataError where there is nothing. */
  max(axis?: null): number;
  max(axis: number | readonly number[], options?: KeepDims): NDArray<D>;
  max(axis?: Axis, options?: KeepDims): NDArray | number {
    return this.#reduce("max", axis, options);
  }

  /** The index of the first largest element: in the flat array, or along an axis. A NaN counts as the largest. */
  argmax(axis?: null): number;
  argmax(axis: number, options?: KeepDims): NDArray<"int32">;
  argmax(axis?: number | null, options?: KeepDims): NDArray<"int32"> | number {
    return this.#locate("argmax", axis, options);
  }

  /** The index of the first smallest element: in the flat array, or along an axis. A NaN counts as the smallest. */
  argmin(axis?: null): number;
  argmin(axis: number, options?: KeepDims): NDArray<"int32">;
  argmin(axis?: number | null, options?: KeepDims): NDArray<"int32"> | number {
    return this.#locate("argmin", axis, options);
  }

  /** The elements as nested arrays of numbers; of a scalar, the number. */
  toArray(): NestedNumbers {
    return toNested(this);
  }

  /** For `JSON.stringify`: as `toArray`, without the dtype. NaN and infinity become null: JSON has no words for them. */
  toJSON(): NestedNumbers {
    return toNested(this);
  }

  /** Along the first axis: numbers of a vector, views of anything larger. @throws ShapeError for a scalar. */
  *[Symbol.iterator](): IterableIterator<NDArray<D> | number> {
    if (this.rank === 0) throw new ShapeError("an array without axes cannot be iterated over; use item().");
    for (let i = 0; i < this.shape[0]!; i++) yield this.at(i);
  }

  /** As Python's `str` of a numpy array. */
  toString(): string {
    return arrayText(this);
  }

  /** What Node's console shows: Python's `repr` of a numpy array. */
  [inspect](): string {
    return arrayDescription(this);
  }

  #combine(name: ArithmeticName, other: number | NDArrayLike, options: OutOption | undefined): NDArray {
    const out = options?.out;
    const result = arithmetic(name, this, typeof other === "number" ? other : asNDArray(other, name), out);
    return out ?? new NDArray(result);
  }

  #compare(name: ComparisonName, other: number | NDArrayLike): NDArray<"bool"> {
    return new NDArray(comparison(name, this, typeof other === "number" ? other : asNDArray(other, name)));
  }

  #reduce(name: ReductionName, axis: Axis | undefined, options?: KeepDims, ddof = 0): NDArray | number {
    const exact = reduction(name, this, axis, ddof);
    const all = axis === undefined || axis === null;
    if (all && !options?.keepDims) return exact.storage[0]!;
    const kept = copyAs(exact, reducedType(name, this.dtype));
    return new NDArray(options?.keepDims ? kept : withoutAxes(kept, axis, name));
  }

  #locate(name: "argmax" | "argmin", axis: number | null | undefined, options?: KeepDims): NDArray<"int32"> | number {
    if (axis === undefined || axis === null) return argReduction(name, this.reshape(-1), 0).storage[0]!;
    const found = new NDArray(argReduction(name, this, axis));
    return options?.keepDims ? found.expandDims(axis) : found;
  }
}

/**
 * The argument as an NDArray, without a copy.
 * @throws DataError where it is neither an NDArray nor `{ data, shape }` with a typed array; `what` names the argument.
 */
export function asNDArray<D extends DType = DType>(x: NDArrayLike<D>, what: string): NDArray<D> {
  if (x instanceof NDArray) return x;
  if (typeof x !== "object" || x === null || !("data" in x) || !("shape" in x)) {
    throw new DataError(
      `${what}: expected an NDArray or { data: a typed array, shape }, received ${formatReceived(x)}; ` +
        "array(...) makes one from nested arrays.",
    );
  }
  return new NDArray(wrapTyped(x.data, x.shape, x.dtype, what)) as NDArray<D>;
}
