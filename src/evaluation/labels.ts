/**
 * Class labels as a caller gives them, read into one form and checked once: what every score here starts from. Not the
 * scores, and no multilabel targets: a picture has one class.
 */

import { DataError, OptionError, ShapeError } from "../core/errors.js";
import { custom } from "../core/options.js";
import { formatReceived } from "../core/received.js";
import { type ArrayWithShape, arrayOption, columnOf, type NumericArray } from "./arrays.js";

/** The name of a class: a whole number or a string. */
export type Label = number | string;

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
export const labelsOption = arrayOption<Labels>("an array of labels");
export const sampleWeightOption = arrayOption<Weights>("an array of numbers");
export const labelOption = custom<Label>("a whole number or a string", (value) =>
  typeof value === "string" || Number.isInteger(value) ? (value as Label) : undefined,
);
export const warningOption = custom<(message: string) => void>("a function that takes a message", (value) =>
  typeof value === "function" ? (value as (message: string) => void) : undefined,
);

/** What is said of an array of labels that has several columns. */
const classAdvice = "Of class probabilities take argmax(1) first.";

/**
 * The two arrays of labels of a score, and what they are called.
 * @throws DataError where one is no array or empty, their lengths differ, labels are not whole numbers or strings, or
 * both kinds are mixed; where a weight is not finite, or none of them differs from 0.
 * @throws ShapeError where one is neither [n] nor [n, 1].
 */
export function readLabelPair(
  op: string,
  yTrue: Labels,
  yPred: Labels,
  sampleWeight?: Weights,
  [first, second]: readonly [string, string] = ["yTrue", "yPred"],
): LabelPair {
  const truth = readLabels(op, first, yTrue);
  const predicted = readLabels(op, second, yPred);
  requireSameLength(op, [first, truth.length], [second, predicted.length], "labels");
  if (typeof truth[0] !== typeof predicted[0]) {
    throw new DataError(
      `${op}: ${first} and ${second} must hold the same kind of labels, received ${kindOf(truth)} and ${kindOf(predicted)}.`,
    );
  }
  const weights = readWeights(op, sampleWeight, truth.length);
  return { yTrue: truth, yPred: predicted, weights, present: sortedUnique([...truth, ...predicted]) };
}

/** @throws DataError where two arrays, each with its name, are of different lengths. */
export function requireSameLength(
  op: string,
  [first, one]: readonly [string, number],
  [second, other]: readonly [string, number],
  elements: string,
): void {
  if (one === other) return;
  throw new DataError(
    `${op}: ${first} and ${second} must have the same length, received ${one} and ${other} ${elements}.`,
  );
}

/**
 * The labels that a caller names, in the caller's order.
 * @throws OptionError where a label comes twice or is of another kind than the data's.
 * @throws DataError, ShapeError as `readLabelPair`.
 */
export function readLabelList(op: string, labels: Labels, { present }: Pick<LabelPair, "present">): readonly Label[] {
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

/**
 * One array of labels.
 * @throws DataError, ShapeError as `readLabelPair`.
 */
export function readLabels(op: string, name: string, value: unknown): Label[] {
  const { length, at } = columnOf(op, name, value, classAdvice);
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

/**
 * The weights of so many samples; null where there are none.
 * @throws DataError where there is not one finite number a sample, or all are 0. @throws ShapeError where they are rows.
 */
export function readWeights(op: string, value: Weights | undefined, expected: number): number[] | null {
  if (value === undefined) return null;
  const { length, at, column } = columnOf(op, "sampleWeight", value, "A weight is one number.");
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

/** `numbers` or `strings`. */
export function kindOf(labels: readonly Label[]): string {
  return `${typeof labels[0]}s`;
}

/** The labels that occur, each once, sorted: numbers by value, strings by code point. */
export function sortedUnique(labels: readonly Label[]): Label[] {
  return [...new Set<Label>(labels)].sort(compareLabels);
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
