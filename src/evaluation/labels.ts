/**
 * Class labels as a caller gives them, read into one form and checked once: what every score here starts from. Not the
 * scores, and no multilabel targets: a picture has one class.
 */

import { DataError, OptionError, ShapeError } from "../core/errors.js";
import { custom } from "../core/options.js";
import { formatReceived } from "../core/received.js";
import { formatShape } from "../core/shape.js";

/** The name of a class: a whole number or a string. */
export type Label = number | string;

/** The typed arrays that labels and weights may come in. */
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

/**
 * One label a sample, of shape [n] or [n, 1]: whole numbers (booleans count as 0 and 1; floats must be whole) or
 * strings, not both.
 */
export type Labels =
  | readonly (Label | boolean)[]
  | readonly (readonly [Label | boolean])[]
  | NumericArray
  | ArrayWithShape;

/** One finite number a sample, of shape [n]. */
export type Weights = readonly number[] | NumericArray | ArrayWithShape;

/** Two arrays of labels, read. */
export interface LabelPair {
  readonly yTrue: readonly Label[];
  readonly yPred: readonly Label[];
  /** `null` where every sample counts as one. */
  readonly weights: readonly number[] | null;
  /** The labels that occur in either, sorted. */
  readonly present: readonly Label[];
}

/** The option checks that the scores share; what is in the arrays is looked at by `readLabelPair` and `readLabelList`. */
export const labelsOption = custom<Labels>("an array of labels", arrayOrNothing<Labels>);
export const sampleWeightOption = custom<Weights>("an array of numbers", arrayOrNothing<Weights>);
export const warningOption = custom<(message: string) => void>("a function that takes a message", (value) =>
  typeof value === "function" ? (value as (message: string) => void) : undefined,
);

/**
 * The two arrays of labels of a score.
 * @throws DataError where one is no array or empty, their lengths differ, labels are not whole numbers or strings, or
 * both kinds are mixed; where a weight is not finite, or none of them differs from 0.
 * @throws ShapeError where one is neither [n] nor [n, 1].
 */
export function readLabelPair(op: string, yTrue: Labels, yPred: Labels, sampleWeight?: Weights): LabelPair {
  const truth = readLabels(op, "yTrue", yTrue);
  const predicted = readLabels(op, "yPred", yPred);
  if (truth.length !== predicted.length) {
    throw new DataError(
      `${op}: yTrue and yPred must have the same length, received ${truth.length} and ${predicted.length} labels.`,
    );
  }
  if (typeof truth[0] !== typeof predicted[0]) {
    throw new DataError(
      `${op}: yTrue and yPred must hold the same kind of labels, received ${kindOf(truth)} and ${kindOf(predicted)}.`,
    );
  }
  const weights = sampleWeight === undefined ? null : readWeights(op, sampleWeight, truth.length);
  return { yTrue: truth, yPred: predicted, weights, present: sortedUnique(truth, predicted) };
}

/**
 * The labels that a caller names, in the caller's order.
 * @throws OptionError where a label comes twice or is of another kind than the data's.
 * @throws DataError, ShapeError as `readLabelPair`.
 */
export function readLabelList(op: string, labels: Labels, { present }: LabelPair): readonly Label[] {
  const list = readLabels(op, "labels", labels);
  const twice = list.find((label, index) => list.indexOf(label) !== index);
  if (twice !== undefined) {
    throw new OptionError(`${op}: labels must differ from each other, received ${JSON.stringify(twice)} twice.`);
  }
  if (typeof list[0] !== typeof present[0]) {
    throw new OptionError(
      `${op}: labels must be of the data's kind, received ${kindOf(list)} for data of ${kindOf(present)}.`,
    );
  }
  return list;
}

function readLabels(op: string, name: string, value: unknown): Label[] {
  const { length, at } = elementsOf(op, name, value);
  if (length === 0) throw new DataError(`${op}: ${name} is empty; at least one label is needed.`);
  const labels = new Array<Label>(length);
  for (let index = 0; index < length; index++) labels[index] = readLabel(op, name, at(index), index);
  const kind = typeof labels[0];
  const other = labels.findIndex((label) => typeof label !== kind);
  if (other >= 0) {
    throw new DataError(
      `${op}: ${name} must hold numbers or strings, not both; received ${formatReceived(labels[0])} and, at index ${other}, ${formatReceived(labels[other])}.`,
    );
  }
  return labels;
}

function readLabel(op: string, name: string, label: unknown, index: number): Label {
  if (typeof label === "string") return label;
  if (typeof label === "boolean") return Number(label);
  // Adding 0 makes -0 the 0 it is equal to.
  if (typeof label === "number" && Number.isInteger(label)) return label + 0;
  const advice =
    typeof label === "number" && Number.isFinite(label)
      ? " Make classes of scores first: argmax(1), or a threshold."
      : "";
  throw new DataError(
    `${op}: ${name} must hold class labels, whole numbers or strings; received ${formatReceived(label)} at index ${index}.${advice}`,
  );
}

function readWeights(op: string, value: unknown, expected: number): number[] {
  const { length, at, column } = elementsOf(op, "sampleWeight", value);
  if (column) throw new ShapeError(`${op}: sampleWeight must have shape [${expected}], received [${length}, 1].`);
  if (length !== expected) {
    throw new DataError(
      `${op}: sampleWeight must have one weight for each of ${expected} samples, received ${length}.`,
    );
  }
  const weights = Array.from({ length }, (_, index) => {
    const weight = at(index);
    if (typeof weight === "number" && Number.isFinite(weight)) return weight;
    throw new DataError(
      `${op}: sampleWeight must hold finite numbers, received ${formatReceived(weight)} at index ${index}.`,
    );
  });
  if (weights.every((weight) => weight === 0)) {
    throw new DataError(`${op}: sampleWeight must hold at least one number other than 0, received ${length} zeros.`);
  }
  return weights;
}

interface Elements {
  readonly length: number;
  at(index: number): unknown;
  /** Whether the shape was [n, 1]. */
  readonly column: boolean;
}

function elementsOf(op: string, name: string, value: unknown): Elements {
  if (Array.isArray(value)) {
    const rows = value as readonly unknown[];
    if (!rows.some((row) => Array.isArray(row) || ArrayBuffer.isView(row))) {
      return { length: rows.length, at: (index) => rows[index], column: false };
    }
    const odd = rows.find((row) => !(Array.isArray(row) && row.length === 1));
    if (odd !== undefined) throw wrongShape(op, name, `a row ${formatReceived(odd)}`);
    return { length: rows.length, at: (index) => (rows[index] as readonly unknown[])[0], column: true };
  }
  if (isNumericArray(value)) return { length: value.length, at: (index) => value[index], column: false };
  if (hasShape(value)) {
    const { data, shape } = value;
    if (!(shape.length === 1 || (shape.length === 2 && shape[1] === 1))) throw wrongShape(op, name, formatShape(shape));
    if (data.length !== shape[0]) {
      throw new ShapeError(`${op}: ${name} has shape ${formatShape(shape)} but ${data.length} elements.`);
    }
    return { length: data.length, at: (index) => data[index], column: shape.length === 2 };
  }
  throw new DataError(
    `${op}: ${name} must be an array, a typed array, or an object with data and shape; received ${formatReceived(value)}.`,
  );
}

function wrongShape(op: string, name: string, received: string): ShapeError {
  return new ShapeError(
    `${op}: ${name} must have one element a sample, shape [n] or [n, 1]; received ${received}. Of class probabilities take argmax(1) first.`,
  );
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

function arrayOrNothing<T>(value: unknown): T | undefined {
  return Array.isArray(value) || isNumericArray(value) || hasShape(value) ? (value as T) : undefined;
}

function kindOf(labels: readonly Label[]): string {
  return `${typeof labels[0]}s`;
}

function sortedUnique(a: readonly Label[], b: readonly Label[]): Label[] {
  const unique = new Set<Label>(a);
  for (const label of b) unique.add(label);
  return [...unique].sort(compareLabels);
}

function compareLabels(a: Label, b: Label): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  // By code point, as numpy sorts; the built-in order is by UTF-16 unit.
  const [x, y] = [[...String(a)], [...String(b)]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}
