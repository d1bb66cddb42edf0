/**
 * Data at the model's edge: pictures and labels as the caller gave them, checked once against the model and turned
 * into rows of one typed array. Not here: how rows reach the engine (row-source.ts).
 */

import { type DType, isFloat, type TypedArray } from "../core/dtype.js";
import { DataError, ShapeError } from "../core/errors.js";
import { unknownName } from "../core/names.js";
import { asNDArray, type NDArray, type NDArrayLike } from "../core/ndarray.js";
import { formatShape, sameShape, sizeOf } from "../core/shape.js";
import { withRows } from "../graph/dimensions.js";
import type { Network, NetworkInput } from "./network.js";

/** Rows of one shape, one after the other. */
export interface RowData {
  readonly data: TypedArray;
  readonly dtype: DType;
  readonly rowShape: readonly number[];
  readonly rows: number;
}

/** Pictures and their labels, for each input and each output of a model; all of as many rows. */
export interface Examples {
  readonly xs: readonly RowData[];
  readonly ys: readonly RowData[];
}

/** What a model of one input or output is given, one for each of several in their order, or by their names. */
export type Arrays = NDArrayLike | readonly NDArrayLike[] | Readonly<Record<string, NDArrayLike>>;

/** What labels must look like. */
interface LabelRule {
  /** `classes`: a class number a row; `values`: numbers of the output's shape. */
  readonly labels: "classes" | "values";
  readonly outputShape: readonly (number | null)[];
  /** A class number that need not be one of the classes. */
  readonly ignoreClass?: number | undefined;
}

/** The shape of one row of labels. */
export function labelShape(labels: LabelRule["labels"], outputShape: LabelRule["outputShape"]): readonly number[] {
  return labels === "classes" ? [] : (outputShape.slice(1) as number[]);
}

/** Elements of one row. */
export function rowSize(rows: RowData): number {
  return sizeOf(rows.rowShape);
}

/** Rows from..to of the same memory. */
export function rowsBetween(rows: RowData, from: number, to: number): RowData {
  const size = rowSize(rows);
  return { ...rows, data: rows.data.subarray(from * size, to * size), rows: to - from };
}

/**
 * One array for each of some named places, in their order.
 * @throws DataError naming those that are missing or unknown.
 */
export function arraysFor(given: Arrays, names: readonly string[], what: string): readonly NDArrayLike[] {
  if (Array.isArray(given)) {
    const list = given as readonly NDArrayLike[];
    if (list.length === names.length) return list;
    throw new DataError(
      `${what}: ${names.length === 1 ? "one array" : `${names.length} arrays (${names.join(", ")})`} expected, received a list of ${list.length}.`,
    );
  }
  if (!isByName(given)) {
    if (names.length === 1) return [given as NDArrayLike];
    throw new DataError(
      `${what}: ${names.length} arrays expected (${names.join(", ")}), as a list or by name; received one.`,
    );
  }
  for (const name of Object.keys(given)) if (!names.includes(name)) throw unknownName("array", name, names, what);
  return names.map((name) => {
    const array = given[name];
    if (array === undefined) throw new DataError(`${what}: there is no array for "${name}".`);
    return array;
  });
}

/** Whether arrays are given by name: an object that is no array itself. */
function isByName(given: Arrays): given is Readonly<Record<string, NDArrayLike>> {
  return typeof given === "object" && given !== null && !("data" in given && "shape" in given);
}

/**
 * Pictures for a network: bytes stay bytes, float64 becomes float32.
 * @throws ShapeError if a row is not of the input's shape, DataError if there are none, or not as many for each input.
 */
export function inputRows(x: Arrays, { inputs }: Network, call: string): readonly RowData[] {
  const arrays = arraysFor(
    x,
    inputs.map(({ name }) => name),
    `${call}: x`,
  );
  const rows = arrays.map((array, i) =>
    rowsOfInput(array, inputs[i]!, inputs.length === 1 ? "x" : `x of ${inputs[i]!.name}`, call),
  );
  rows.forEach((column, i) => {
    if (column.rows !== rows[0]!.rows) {
      throw new DataError(
        `${call}: all inputs must have as many rows, received ${rows[0]!.rows} for ${inputs[0]!.name} and ${column.rows} for ${inputs[i]!.name}.`,
      );
    }
  });
  return rows;
}

function rowsOfInput(x: NDArrayLike, input: NetworkInput, what: string, call: string): RowData {
  const array = asNDArray(x, `${call}: ${what}`);
  const expected = input.shape.slice(1) as number[];
  const rowShape = array.shape.slice(1);
  if (array.shape.length === 0 || !sameShape(rowShape, expected)) {
    const missing = sameShape(array.shape.slice(1), expected.slice(0, -1)) && expected.at(-1) === 1;
    const single = sameShape(array.shape, expected);
    const advice = missing
      ? " Add the channel axis with x.expandDims(-1)."
      : single
        ? " Make one example a batch with x.expandDims(0)."
        : "";
    throw new ShapeError(
      `${call}: ${what} has shape ${formatShape(array.shape)}, but the model's input is ${formatShape(input.shape)}.${advice}`,
    );
  }
  if (array.shape[0] === 0) throw new DataError(`${call}: ${what} is empty (shape ${formatShape(array.shape)}).`);
  const stored = array.dtype === "float64" ? array.astype("float32") : array;
  return { data: stored.data, dtype: stored.dtype, rowShape, rows: array.shape[0]! };
}

/**
 * Labels for a loss: class numbers become int32, checked against the number of classes; values become float32.
 * @throws DataError if there are not as many as pictures, if class numbers are not whole or out of range; ShapeError if
 * values are not of the output's shape.
 */
export function labelRows(y: NDArrayLike, rule: LabelRule, rows: number, call: string): RowData {
  const array = asNDArray(y, `${call}: y`);
  if (array.shape[0] !== rows) {
    throw new DataError(
      `${call}: x has ${rows} rows, but y has ${array.shape[0] ?? "no"} (shape ${formatShape(array.shape)}).`,
    );
  }
  return rule.labels === "classes" ? classRows(array, rule, rows, call) : valueRows(array, rule, rows, call);
}

function classRows(array: NDArray, { outputShape, ignoreClass }: LabelRule, rows: number, call: string): RowData {
  const flat = array.shape.length === 1 || (array.shape.length === 2 && array.shape[1] === 1);
  if (!flat) {
    throw new ShapeError(
      `${call}: class numbers of shape [${rows}] or [${rows}, 1] expected, received ${formatShape(array.shape)}. For one-hot labels use the categorical loss.`,
    );
  }
  if (array.dtype === "bool") {
    throw new DataError(`${call}: y has dtype bool; class numbers are uint8, int32, or whole floats.`);
  }
  const classes = outputShape.at(-1)!;
  const given = array.data;
  const data = Int32Array.from(given);
  for (let row = 0; row < rows; row++) {
    const label = given[row]!;
    if (isFloat(array.dtype) && !Number.isInteger(label)) {
      throw new DataError(`${call}: y[${row}] is ${label}; a class number must be whole.`);
    }
    if ((label < 0 || label >= classes) && label !== ignoreClass) {
      throw new DataError(
        `${call}: y[${row}] is ${label}, but the model has ${classes} outputs: class numbers go from 0 to ${classes - 1}.`,
      );
    }
  }
  return { data, dtype: "int32", rowShape: [], rows };
}

function valueRows(array: NDArray, { outputShape }: LabelRule, rows: number, call: string): RowData {
  const expected = withRows(outputShape, rows);
  const column = array.shape.length === 1 && expected.length === 2 && expected[1] === 1;
  if (!column && !sameShape(array.shape, expected)) {
    const advice = array.shape.length === 1 ? " For class numbers use the sparse categorical loss." : "";
    throw new ShapeError(
      `${call}: y has shape ${formatShape(array.shape)}, but the model's output is ${formatShape(outputShape)}.${advice}`,
    );
  }
  return { data: array.astype("float32").data, dtype: "float32", rowShape: expected.slice(1), rows };
}
