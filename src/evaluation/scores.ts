/**
 * Scores as a caller gives them, a number a sample or one for each class, read into one form and checked once, beside the
 * true labels. Not what they are worth: that is the curves and losses.
 */

import { DataError, ShapeError } from "../core/errors.js";
import { formatReceived } from "../core/received.js";
import { type ArrayWithShape, columnOf, isSingle, isTable, type NumericArray, tableOf } from "./arrays.js";
import {
  type Label,
  type Labels,
  readLabels,
  readWeights,
  requireSameLength,
  sortedUnique,
  type Weights,
} from "./labels.js";

/** One finite number a sample, of shape [n] or [n, 1]: how much the sample is taken for the positive class. */
export type Scores = readonly number[] | readonly (readonly [number])[] | NumericArray | ArrayWithShape;

/** A finite number for each sample and class, of shape [n, classes]. */
export type ClassScores = readonly (readonly number[])[] | readonly NumericArray[] | ArrayWithShape;

/** Scores, read. */
export interface ScoreTable {
  readonly rows: number;
  /** 1 also where the shape was [n]. */
  readonly columns: number;
  /** In row-major order. */
  readonly values: readonly number[];
  /** Whether the shape was [n]. */
  readonly flat: boolean;
  /** The distance from 1 to the next number of the dtype: float32 where the scores came so, else float64. */
  readonly epsilon: number;
}

/** True labels with their scores, read. */
export interface Scored {
  readonly yTrue: readonly Label[];
  /** The labels that occur, sorted. */
  readonly present: readonly Label[];
  readonly scores: ScoreTable;
  /** `null` where every sample counts as one. */
  readonly weights: readonly number[] | null;
}

/** A score is to be finite: NaN has no place in an order. */
const finiteOnly = { finite: true };

/**
 * Labels and the scores called `name`.
 * @throws DataError where one is no array or empty, their lengths differ, labels are not whole numbers or strings, a score
 * or weight is not finite, or all weights are 0. @throws ShapeError where labels have several columns or rows differ.
 */
export function readScored(
  op: string,
  yTrue: Labels,
  [name, given]: readonly [string, Scores | ClassScores],
  sampleWeight?: Weights,
): Scored {
  const truth = readLabels(op, "yTrue", yTrue);
  const scores = readTable(op, name, given);
  requireSameLength(op, ["yTrue", truth.length], [name, scores.rows], "samples");
  return { yTrue: truth, present: sortedUnique(truth), scores, weights: readWeights(op, sampleWeight, truth.length) };
}

/**
 * The same where there is one score a sample: `column` are its numbers.
 * @throws ShapeError where there are several, else as `readScored`.
 */
export function readScoredColumn(
  op: string,
  yTrue: Labels,
  [name, given]: readonly [string, Scores],
  sampleWeight?: Weights,
): Scored & { readonly column: readonly number[] } {
  const scored = readScored(op, yTrue, [name, given], sampleWeight);
  requireColumn(op, name, scored.scores);
  return { ...scored, column: scored.scores.values };
}

/** @throws ShapeError where there are several scores a sample. */
export function requireColumn(op: string, name: string, { rows, columns }: ScoreTable): void {
  if (columns === 1) return;
  throw new ShapeError(
    `${op}: ${name} must have one score a sample, shape [n] or [n, 1]; received [${rows}, ${columns}]. Of two classes take the column of the positive one: slice(null, 1).`,
  );
}

/** One column of scores. */
export function scoresOfClass({ rows, columns, values }: ScoreTable, column: number): number[] {
  return Array.from({ length: rows }, (_, row) => values[row * columns + column]!);
}

/**
 * Numbers of shape [n] or [n, 1], also NaN and the infinities unless `finite`.
 * @throws DataError where the value is no array, is empty or holds something else. @throws ShapeError for another shape.
 */
export function readNumbers(op: string, name: string, value: unknown, { finite } = { finite: false }): number[] {
  const { length, at } = columnOf(op, name, value, "Take one column: slice(null, 0).");
  if (length === 0) throw empty(op, name);
  return Array.from({ length }, (_, index) => readNumber(op, name, at(index), `index ${index}`, finite));
}

function readTable(op: string, name: string, given: unknown): ScoreTable {
  const epsilon = isSingle(given) ? 2 ** -23 : Number.EPSILON;
  if (!isTable(given)) {
    const values = readNumbers(op, name, given, finiteOnly);
    return { rows: values.length, columns: 1, values, flat: true, epsilon };
  }
  const { rows, columns, at } = tableOf(op, name, given);
  if (rows * columns === 0) throw empty(op, name);
  const values = Array.from({ length: rows * columns }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    return readNumber(op, name, at(row, column), `row ${row}, column ${column}`, true);
  });
  return { rows, columns, values, flat: false, epsilon };
}

function readNumber(op: string, name: string, value: unknown, where: string, finite: boolean): number {
  if (typeof value === "number" && (!finite || Number.isFinite(value))) return value;
  throw new DataError(
    `${op}: ${name} must hold ${finite ? "finite numbers" : "numbers"}, received ${formatReceived(value)} at ${where}.`,
  );
}

function empty(op: string, name: string): DataError {
  return new DataError(`${op}: ${name} is empty; at least one number is needed.`);
}
