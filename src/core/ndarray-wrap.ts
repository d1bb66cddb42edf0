/** Memory of the caller's taken for an array: which typed arrays, which dtype, which lengths. Not the class. */

import { arrayType, type DType, isFloat, type TypedArray } from "./dtype.js";
import { DataError } from "./errors.js";
import { resolveShape } from "./ndarray-index.js";
import { requireDType } from "./ndarray-nested.js";
import { formatReceived } from "./received.js";
import { type Strided, wholeOf } from "./strided.js";

/** The dtype that each kind of typed array has. */
function dtypeOfTyped(data: unknown, what: string): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return "uint8";
  throw new DataError(
    `${what}: data must be a Float32Array, Float64Array, Int32Array or Uint8Array, received ${formatReceived(data)}.`,
  );
}

/**
 * A view over a typed array of the caller's, without a copy; `dtype` may only say "bool" of bytes.
 * @throws DataError, OptionError or ShapeError that names what does not fit.
 */
export function wrapTyped(data: unknown, shape: unknown, dtype: unknown, what: string): Strided {
  const kind = dtypeOfTyped(data, what);
  const wanted = dtype === undefined ? kind : requireDType(dtype, what);
  if (wanted !== kind && !(wanted === "bool" && kind === "uint8")) {
    throw new DataError(`${what}: dtype ${wanted} does not match a ${(data as object).constructor.name}.`);
  }
  const { buffer, byteOffset, length } = data as TypedArray;
  if (shape !== undefined && !Array.isArray(shape)) {
    throw new DataError(`${what}: shape must be an array of whole numbers, received ${formatReceived(shape)}.`);
  }
  const resolved = shape === undefined ? [length] : resolveShape(shape, length, what);
  // A subclass (Node's Buffer) or a clamped array would slow or change every loop: the same memory as the plain kind.
  const Plain = arrayType[wanted];
  const storage = (data as object).constructor === Plain ? (data as TypedArray) : new Plain(buffer, byteOffset, length);
  if (wanted === "bool" && storage.some((value) => value > 1)) {
    throw new DataError(`${what}: elements of dtype bool must be 0 or 1.`);
  }
  return wholeOf(wanted, storage, resolved);
}

/** Whether elements of one dtype may not fit the other: any rounding of a float is fine, a float in an integer is not. */
export function castingLoses(from: DType, to: DType): boolean {
  if (isFloat(to) || from === to || from === "bool") return false;
  return !(from === "uint8" && to === "int32");
}
