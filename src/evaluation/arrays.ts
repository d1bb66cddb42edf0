/**
 * Arrays as a caller gives them: plain or nested, typed, or `{ data, shape }`, seen as one column or as a table of rows.
 * Not what the elements must be: that is labels.ts for classes and scores.ts for numbers.
 */

import { DataError, ShapeError } from "../core/errors.js";
import { custom } from "../core/options.js";
import { formatReceived } from "../core/received.js";
import { formatShape } from "../core/shape.js";

/** The typed arrays that labels, scores and weights may come in. */
export type NumericArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Anything with its elements in row-major order in `data`; an NDArray is one. */
export interface ArrayWithShape {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** One element a sample. */
interface Column {
  readonly length: number;
  at(index: number): unknown;
  /** Whether the shape was [n, 1]. */
  readonly column: boolean;
}

/** Rows of equally many elements, one row a sample. */
interface Table {
  readonly rows: number;
  readonly columns: number;
  at(row: number, column: number): unknown;
}

/** The check of an option that is an array; what is in it is looked at by who reads it. */
export function arrayOption<T>(describe: string) {
  return custom<T>(describe, (value) =>
    Array.isArray(value) || isNumericArray(value) || hasShape(value) ? (value as T) : undefined,
  );
}

/**
 * An array of shape [n] or [n, 1].
 * @throws DataError where the value is no array. @throws ShapeError for another shape, with `advice`.
 */
export function columnOf(op: string, name: string, value: unknown, advice: string): Column {
  const wrong = (received: string) =>
    new ShapeError(
      `${op}: ${name} must have one element a sample, shape [n] or [n, 1]; received ${received}. ${advice}`,
    );
  if (Array.isArray(value)) {
    const rows = value as readonly unknown[];
    if (!rows.some(isRow)) return { length: rows.length, at: (index) => rows[index], column: false };
    const odd = rows.find((row) => !(Array.isArray(row) && row.length === 1));
    if (odd !== undefined) throw wrong(`a row ${formatReceived(odd)}`);
    return { length: rows.length, at: (index) => (rows[index] as readonly unknown[])[0], column: true };
  }
  if (isNumericArray(value)) return { length: value.length, at: (index) => value[index], column: false };
  if (hasShape(value)) {
    const { data, shape } = value;
    if (!(shape.length === 1 || (shape.length === 2 && shape[1] === 1))) throw wrong(formatShape(shape));
    requireSize(op, name, value);
    return { length: data.length, at: (index) => data[index], column: shape.length === 2 };
  }
  throw noArray(op, name, value);
}

/** Whether the value has rows of elements rather than elements. */
export function isTable(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isRow) : hasShape(value) && value.shape.length > 1;
}

/**
 * An array of shape [n, columns].
 * @throws DataError where the value is no array. @throws ShapeError for another shape, or rows of different lengths.
 */
export function tableOf(op: string, name: string, value: unknown): Table {
  const wrong = (received: string) =>
    new ShapeError(`${op}: ${name} must have one row a sample, shape [n, columns]; received ${received}.`);
  if (Array.isArray(value)) {
    const rows = value as readonly unknown[];
    const columns = (rows.find(isRow)?.length as number | undefined) ?? 0;
    const odd = rows.find((row) => !isRow(row) || row.length !== columns);
    if (odd !== undefined) throw wrong(`a row ${formatReceived(odd)} beside one of ${columns}`);
    return { rows: rows.length, columns, at: (row, column) => (rows[row] as readonly unknown[])[column] };
  }
  if (!hasShape(value)) throw noArray(op, name, value);
  const { data, shape } = value;
  if (shape.length !== 2) throw wrong(formatShape(shape));
  requireSize(op, name, value);
  const [rows, columns] = shape as readonly [number, number];
  return { rows, columns, at: (row, column) => data[row * columns + column] };
}

/** Whether the elements were rounded to float32. */
export function isSingle(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every((row) => row instanceof Float32Array);
  return value instanceof Float32Array || (hasShape(value) && value.data instanceof Float32Array);
}

function requireSize(op: string, name: string, { data, shape }: ArrayWithShape): void {
  const size = shape.reduce((product, length) => product * length, 1);
  if (data.length !== size) {
    throw new ShapeError(`${op}: ${name} has shape ${formatShape(shape)} but ${data.length} elements.`);
  }
}

function noArray(op: string, name: string, value: unknown): DataError {
  return new DataError(
    `${op}: ${name} must be an array, a typed array, or an object with data and shape; received ${formatReceived(value)}.`,
  );
}

function isRow(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || isNumericArray(value);
}

function isNumericArray(value: unknown): value is NumericArray {
  const big = value instanceof BigInt64Array || value instanceof BigUint64Array;
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && !big;
}

function hasShape(value: unknown): value is ArrayWithShape {
  if (typeof value !== "object" || value === null) return false;
  const { data, shape } = value as Partial<ArrayWithShape>;
  return Array.isArray(shape) && (Array.isArray(data) || isNumericArray(data));
}
