/** Making arrays: from nested JavaScript arrays, filled, ranges, the identity; and joining several. Not reading files. */

import { arrayType, type DType, dtypes, type TypedArray, type TypedArrayOf } from "./dtype.js";
import { OptionError, ShapeError } from "./errors.js";
import { unknownName } from "./names.js";
import { asNDArray, NDArray, type NDArrayLike } from "./ndarray.js";
import { resolveShape } from "./ndarray-index.js";
import { fromNested, type Nested, requireDType, requireHeld } from "./ndarray-nested.js";
import { joined, stacked } from "./ndarray-take.js";
import { wrapTyped } from "./ndarray-wrap.js";
import { formatReceived } from "./received.js";
import { type Shape, sizeOf } from "./shape.js";
import { copyAs, zerosOf } from "./strided.js";

interface ArrayOptions<D extends DType = DType> {
  /** Default: a typed array's own; bool for booleans; else float32, whatever the numbers are. */
  readonly dtype?: D | undefined;
  /** Default: the nesting; one length may be -1. */
  readonly shape?: Shape | undefined;
}

/**
 * An array from nested arrays or a typed array, copied.
 * @throws ShapeError where the nesting is uneven or does not fit `shape`; DataError where an element is no number or
 * does not fit `dtype` (1.5 or 256 in uint8: nothing is rounded or wrapped).
 * @example
 * array([[1, 2], [3, 4]]); // float32, [2, 2]
 * array([0, 1, 2], { dtype: "uint8" });
 * array(new Float64Array(6), { shape: [2, 3] });
 */
export function array<D extends DType>(
  source: Nested | ArrayBufferView,
  options: ArrayOptions<D> & { readonly dtype: D },
): NDArray<D>;
export function array(source: Float32Array, options?: ArrayOptions<never>): NDArray<"float32">;
export function array(source: Float64Array, options?: ArrayOptions<never>): NDArray<"float64">;
export function array(source: Int32Array, options?: ArrayOptions<never>): NDArray<"int32">;
export function array(source: Uint8Array | Uint8ClampedArray, options?: ArrayOptions<never>): NDArray<"uint8">;
export function array(source: number | readonly number[], options?: ArrayOptions<never>): NDArray<"float32">;
export function array(source: boolean | readonly boolean[], options?: ArrayOptions<never>): NDArray<"bool">;
export function array(source: Nested | ArrayBufferView, options?: ArrayOptions): NDArray;
export function array(source: Nested | ArrayBufferView, options: ArrayOptions = {}): NDArray {
  checkOptions(options);
  const { dtype, shape } = options;
  const wanted = dtype === undefined ? undefined : requireDType(dtype, "array");
  const made = ArrayBuffer.isView(source)
    ? fromTypedCopy(source as TypedArray, wanted)
    : new NDArray(fromNested(source, wanted));
  return shape === undefined ? made : made.reshape(resolveShape(shape, made.size, "array"));
}

/** @throws OptionError for what is no object, or has an option that there is not. */
function checkOptions(options: ArrayOptions): void {
  if (typeof options === "string" && (dtypes as readonly string[]).includes(options)) {
    throw new OptionError(`array: write { dtype: "${options}" } for a dtype, received ${formatReceived(options)}.`);
  }
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new OptionError(`array: options must be an object, received ${formatReceived(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (name !== "dtype" && name !== "shape") throw unknownName("option", name, ["dtype", "shape"], "array");
  }
}

function fromTypedCopy(source: TypedArray, dtype: DType | undefined): NDArray {
  // Kinds that fovea does not store (Int8Array, Uint16Array, ...) are read as numbers where a dtype is named.
  const stored = [Float32Array, Float64Array, Int32Array, Uint8Array, Uint8ClampedArray].some(
    (T) => source instanceof T,
  );
  if (!stored && dtype !== undefined) return new NDArray(fromNested(Array.from(source), dtype));
  const wrapped = fromTyped(source as Float32Array) as NDArray;
  if (dtype === undefined || dtype === wrapped.dtype) return wrapped.copy();
  for (const value of source) requireHeld(dtype, value, "array");
  return new NDArray(copyAs(wrapped, dtype));
}

/** An array filled with one value. @throws DataError where the value does not fit the dtype. */
export function full<D extends DType = "float32">(shape: number | Shape, value: number, dtype?: D): NDArray<D> {
  const kind = requireDType(dtype ?? "float32", "full") as D;
  return filled(shape, requireHeld(kind, value, "full"), kind, "full");
}

/** An array of zeros. */
export function zeros<D extends DType = "float32">(shape: number | Shape, dtype?: D): NDArray<D> {
  return filled(shape, 0, requireDType(dtype ?? "float32", "zeros") as D, "zeros");
}

/** An array of ones. */
export function ones<D extends DType = "float32">(shape: number | Shape, dtype?: D): NDArray<D> {
  return filled(shape, 1, requireDType(dtype ?? "float32", "ones") as D, "ones");
}

function filled<D extends DType>(shape: number | Shape, value: number, dtype: D, what: string): NDArray<D> {
  const lengths = typeof shape === "number" ? [shape] : [...shape];
  if (!lengths.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new OptionError(`${what}: shape must be whole numbers, 0 or more, received ${formatReceived(shape)}.`);
  }
  if (sizeOf(lengths) > 2 ** 32) {
    throw new ShapeError(`${what}: shape ${formatReceived(shape)} has more than 2^32 elements.`);
  }
  const view = zerosOf(dtype, lengths);
  if (value !== 0) view.storage.fill(value);
  return new NDArray(view);
}

/**
 * The numbers start, start + step, ... below stop, as `start + i * step`; int32 where start, stop and step are whole,
 * else float32. With one number, from 0 to it.
 */
export function arange(stop: number): NDArray<"int32" | "float32">;
export function arange(start: number, stop: number, step?: number): NDArray<"int32" | "float32">;
export function arange<D extends DType>(start: number, stop: number, step: number, dtype: D): NDArray<D>;
export function arange(a: number, b?: number, step = 1, dtype?: DType): NDArray {
  const [start, stop] = b === undefined ? [0, a] : [a, b];
  if (![start, stop, step].every(Number.isFinite) || step === 0) {
    throw new OptionError(
      `arange: start, stop and step must be finite numbers, step not 0, received ${formatReceived([start, stop, step])}.`,
    );
  }
  const whole = [start, stop, step].every(Number.isInteger);
  const kind = dtype === undefined ? (whole ? "int32" : "float32") : requireDType(dtype, "arange");
  const count = Math.max(0, Math.ceil((stop - start) / step));
  const data: TypedArray = new arrayType[kind](count);
  for (const i of count === 0 ? [] : [0, count - 1]) requireHeld(kind, start + i * step, "arange");
  for (let i = 0; i < count; i++) data[i] = start + i * step;
  return fromTyped(data as TypedArrayOf<DType>, [count], kind);
}

/** `count` evenly spaced numbers from start to stop, both included; float32 unless named otherwise. */
export function linspace<D extends "float32" | "float64" = "float32">(
  start: number,
  stop: number,
  count = 50,
  dtype?: D,
): NDArray<D> {
  if (!Number.isSafeInteger(count) || count < 0 || !Number.isFinite(start) || !Number.isFinite(stop)) {
    throw new OptionError(
      `linspace: start and stop must be finite and count a whole number, 0 or more, received ${formatReceived([start, stop, count])}.`,
    );
  }
  const made = zeros(count, (dtype ?? "float32") as D);
  for (let i = 0; i < count; i++) made.storage[i] = start + (i * (stop - start)) / Math.max(1, count - 1);
  // The last one exactly: the division may miss it by a rounding.
  if (count > 1) made.storage[count - 1] = stop;
  return made;
}

/** Ones on the diagonal, zeros elsewhere; square unless `columns` is given. */
export function eye<D extends DType = "float32">(rows: number, columns = rows, dtype?: D): NDArray<D> {
  const made = zeros([rows, columns], dtype);
  for (let i = 0; i < Math.min(rows, columns); i++) made.storage[i * columns + i] = 1;
  return made;
}

/**
 * Arrays one after the other along `axis` (default 0); the dtype is the widest.
 * @throws ShapeError where another axis differs; DataError for an empty list.
 */
export function concatenate<D extends DType>(arrays: readonly NDArray<D>[], axis?: number): NDArray<D>;
export function concatenate(arrays: readonly NDArrayLike[], axis?: number): NDArray;
export function concatenate(arrays: readonly NDArrayLike[], axis = 0): NDArray {
  return new NDArray(
    joined(
      arrays.map((array) => asNDArray(array, "concatenate")),
      axis,
    ),
  );
}

/**
 * Arrays of one shape side by side along a new axis (default 0); the dtype is the widest.
 * @throws ShapeError where the shapes differ; DataError for an empty list.
 */
export function stack<D extends DType>(arrays: readonly NDArray<D>[], axis?: number): NDArray<D>;
export function stack(arrays: readonly NDArrayLike[], axis?: number): NDArray;
export function stack(arrays: readonly NDArrayLike[], axis = 0): NDArray {
  return new NDArray(
    stacked(
      arrays.map((array) => asNDArray(array, "stack")),
      axis,
    ),
  );
}

/**
 * An array over existing memory, without a copy: later changes of either are seen by both. A Uint8Array is uint8
 * unless `dtype` says "bool"; the shape is one axis unless given.
 * @throws DataError where the data is of another kind, a bool is not 0 or 1, or the length does not fit the shape.
 */
export function fromTyped(data: Float32Array, shape?: Shape): NDArray<"float32">;
export function fromTyped(data: Float64Array, shape?: Shape): NDArray<"float64">;
export function fromTyped(data: Int32Array, shape?: Shape): NDArray<"int32">;
export function fromTyped(data: Uint8Array | Uint8ClampedArray, shape?: Shape): NDArray<"uint8">;
export function fromTyped<D extends DType>(data: TypedArrayOf<D>, shape: Shape | undefined, dtype: D): NDArray<D>;
export function fromTyped(data: TypedArray | Uint8ClampedArray, shape?: Shape, dtype?: DType): NDArray {
  return new NDArray(wrapTyped(data, shape, dtype, "fromTyped"));
}
