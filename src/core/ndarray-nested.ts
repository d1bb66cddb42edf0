/** Nested JavaScript arrays to elements and back. Not typed arrays seen whole: those are wrapped without a copy. */

import { type DType, dtypes, type TypedArray } from "./dtype.js";
import { DataError, OptionError, ShapeError } from "./errors.js";
import { formatReceived } from "./received.js";
import { formatShape, sizeOf } from "./shape.js";
import { type Strided, zerosOf } from "./strided.js";

/** Numbers in arrays in arrays: what `array` takes and `toArray` gives. */
export type Nested = number | boolean | readonly Nested[] | TypedArray;

/** What `toArray` gives: a number, or arrays of them; a bool is 0 or 1. */
export type NestedNumbers = number | NestedNumbers[];

/** What elements of a dtype may be, for messages. */
const accepted: Readonly<Record<DType, string>> = {
  bool: "true, false, 0 or 1",
  uint8: "a whole number from 0 to 255",
  int32: "a whole number from -2147483648 to 2147483647",
  float32: "a number",
  float64: "a number",
};

/** Whether an element of `dtype` can hold the value as it is (a float32 may round it). */
function holds(dtype: DType, value: unknown): boolean {
  if (typeof value === "boolean") return dtype === "bool";
  if (typeof value !== "number") return false;
  if (dtype === "bool") return value === 0 || value === 1;
  if (dtype === "uint8") return Number.isInteger(value) && value >= 0 && value <= 255;
  if (dtype === "int32") return (value | 0) === value;
  return true;
}

/** @throws DataError where an element of `dtype` cannot hold the value; `what` names the call. */
export function requireHeld(dtype: DType, value: unknown, what: string): number {
  if (!holds(dtype, value)) {
    const advice = typeof value === "number" ? "; choose another dtype, or convert with astype" : "";
    throw new DataError(
      `${what}: an element of ${dtype} must be ${accepted[dtype]}, received ${formatReceived(value)}${advice}.`,
    );
  }
  return Number(value);
}

/** @throws OptionError where the name is no dtype; `what` names the call. */
export function requireDType(dtype: unknown, what: string): DType {
  const known = dtypes.find((name) => name === dtype);
  if (known === undefined) {
    throw new OptionError(`${what}: dtype must be one of ${dtypes.join(", ")}, received ${formatReceived(dtype)}.`);
  }
  return known;
}

type List = readonly unknown[] | TypedArray;

function isList(value: unknown): value is List {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** The shape that the first elements of nested arrays show. */
function shapeOfNested(nested: unknown): number[] {
  const shape: number[] = [];
  let part = nested;
  while (isList(part)) {
    shape.push(part.length);
    if (shape.length > 32) throw new ShapeError("array: more than 32 levels of nesting.");
    part = part[0];
  }
  return shape;
}

/**
 * Nested arrays as one array; `dtype` is bool where the first element is a boolean, else float32, unless given.
 * @throws ShapeError where the nesting is uneven; DataError where an element is no number, or does not fit the dtype.
 */
export function fromNested(nested: unknown, dtype?: DType): Strided {
  const shape = shapeOfNested(nested);
  let first = nested;
  while (isList(first)) first = first[0];
  const result = zerosOf(dtype ?? (typeof first === "boolean" ? "bool" : "float32"), shape);
  let next = 0;
  const fill = (part: unknown, axis: number, path: string): void => {
    if (axis === shape.length) {
      if (isList(part)) throw uneven(path, "a number", part);
      result.storage[next++] = requireHeld(result.dtype, part, `array${path === "" ? "" : ` at ${path}`}`);
      return;
    }
    if (!isList(part) || part.length !== shape[axis]) throw uneven(path, `${shape[axis]} elements`, part);
    for (let i = 0; i < part.length; i++) fill(part[i], axis + 1, `${path}[${i}]`);
  };
  const uneven = (path: string, expected: string, received: unknown): ShapeError =>
    new ShapeError(
      `array: uneven nesting: ${expected} expected at ${path} for shape ${formatShape(shape)}, received ` +
        `${isList(received) ? `${received.length} elements` : formatReceived(received)}.`,
    );
  fill(nested, 0, "");
  return result;
}

/** The elements as nested arrays of numbers; a scalar as a number. */
export function toNested(view: Strided): NestedNumbers {
  const read = (axis: number, place: number): NestedNumbers => {
    if (axis === view.shape.length) return view.storage[place]!;
    const stride = view.strides[axis]!;
    return Array.from({ length: view.shape[axis]! }, (_, i) => read(axis + 1, place + i * stride));
  };
  return sizeOf(view.shape) === 0 && view.shape.length === 1 ? [] : read(0, view.offset);
}
