/** Probabilities of classes, checked and with the class of each column: what log loss and Brier score look at. */

import { DataError, OptionError, ShapeError } from "../core/errors.js";
import { placesOf, requireCovered } from "./class-columns.js";
import { type Label, type Labels, readLabelList, sortedUnique } from "./labels.js";
import type { Scored } from "./scores.js";

/** For each sample a probability of each class, and which class is true. */
export interface Probabilities {
  readonly classes: number;
  /** In row-major order. */
  readonly values: readonly number[];
  /** The column of the true class of each sample. */
  readonly truth: readonly number[];
}

/** @throws DataError where a number is below 0 or above 1. */
export function requireProbabilities(op: string, name: string, values: readonly number[]): void {
  const wrong = values.find((value) => value < 0 || value > 1);
  if (wrong !== undefined) throw new DataError(`${op}: ${name} must be from 0 to 1, received ${wrong}.`);
}

/**
 * The probabilities of all classes. One column is that of the second of two.
 * @throws DataError where a number is no probability, one class alone occurs and `labels` does not name the others, or
 * not all that occur are in `labels`. @throws OptionError where `labels` names fewer than two, or is of another kind than
 * the data. @throws ShapeError where there is not a column for each class.
 */
export function readProbabilities(
  op: string,
  { yTrue, present, scores }: Scored,
  labels: Labels | undefined,
  warn: (message: string) => void = () => {},
): Probabilities {
  requireProbabilities(op, "yProba", scores.values);
  const classes = classesOf(op, present, labels, warn);
  const table = scores.columns === 1 ? withComplement(scores.values) : scores.values;
  const columns = Math.max(2, scores.columns);
  if (!sumToOne(table, columns, scores.epsilon)) {
    warn("The yProba values do not sum to one. Make sure to pass probabilities.");
  }
  if (classes.length !== columns) {
    throw new ShapeError(
      `${op}: yProba must have a column for each of ${classes.length} classes, received ${columns}; name all classes with labels if not all occur in yTrue.`,
    );
  }
  return { classes: columns, values: table, truth: placesOf(yTrue, classes) };
}

/** Probabilities of two classes from those of the second. */
export function withComplement(values: readonly number[]): number[] {
  return values.flatMap((value) => [1 - value, value]);
}

function classesOf(
  op: string,
  present: readonly Label[],
  labels: Labels | undefined,
  warn: (message: string) => void,
): readonly Label[] {
  if (labels === undefined) {
    if (present.length > 1) return present;
    throw new DataError(
      `${op}: yTrue holds one label alone, ${JSON.stringify(present[0])}; name all classes with labels.`,
    );
  }
  const list = readLabelList(op, labels, { present });
  const sorted = sortedUnique(list);
  if (list.some((label, i) => label !== sorted[i])) {
    warn(
      `Labels passed were ${JSON.stringify(list)}. But this function assumes labels are ordered lexicographically. Pass the ordered labels=${JSON.stringify(sorted)} and ensure that the columns of yProba correspond to this ordering.`,
    );
  }
  requireCovered(op, present, list);
  if (list.length > 1) return sorted;
  throw new OptionError(`${op}: labels must name at least two classes, received ${JSON.stringify(list)}.`);
}

function sumToOne(values: readonly number[], columns: number, epsilon: number): boolean {
  for (let row = 0; row < values.length; row += columns) {
    const total = values.slice(row, row + columns).reduce((a, b) => a + b);
    if (Math.abs(total - 1) > 1e-8 + Math.sqrt(epsilon)) return false;
  }
  return true;
}
