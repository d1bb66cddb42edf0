/**
 * How often each label is true, predicted, and both, and how often each is taken for each: what scores are quotients of.
 * Not the quotients.
 */

import { DataError } from "../core/errors.js";
import type { Label, LabelPair } from "./labels.js";

/** Sums of weights (counts, without weights), one a label. */
interface LabelCounts {
  /** True and predicted. */
  readonly both: readonly number[];
  readonly predicted: readonly number[];
  readonly actual: readonly number[];
}

/** Counts the samples of each of `labels`; those of other labels do not count. */
export function countLabels({ yTrue, yPred, weights }: LabelPair, labels: readonly Label[]): LabelCounts {
  const position = new Map(labels.map((label, index) => [label, index]));
  const zeros = () => new Array<number>(labels.length).fill(0);
  const [both, predicted, actual] = [zeros(), zeros(), zeros()];
  yTrue.forEach((label, sample) => {
    const weight = weights === null ? 1 : weights[sample]!;
    const row = position.get(label);
    const column = position.get(yPred[sample]!);
    if (row !== undefined) actual[row]! += weight;
    if (column !== undefined) predicted[column]! += weight;
    if (row !== undefined && row === column) both[row]! += weight;
  });
  // Split into right and wrong and added up again, as scikit-learn does: with fractional weights the last bit may differ.
  const resum = (counts: readonly number[]) => counts.map((count, i) => both[i]! + (count - both[i]!));
  return { both, predicted: resum(predicted), actual: resum(actual) };
}

/**
 * How often each of `labels` (a row) is taken for each (a column), as sums of weights; samples of other labels do not
 * count.
 * @throws DataError where none of `labels` occurs in the first of the pair, which messages call `first`.
 */
export function countPairs(
  op: string,
  pair: LabelPair,
  labels: readonly Label[],
  warn: (message: string) => void = () => {},
  first = "yTrue",
): number[][] {
  const position = new Map(labels.map((label, index) => [label, index]));
  if (!pair.yTrue.some((label) => position.has(label))) {
    throw new DataError(`${op}: at least one of labels must occur in ${first}, received ${JSON.stringify(labels)}.`);
  }
  const matrix = labels.map(() => new Array<number>(labels.length).fill(0));
  pair.yTrue.forEach((label, sample) => {
    const row = position.get(label);
    const column = position.get(pair.yPred[sample]!);
    if (row !== undefined && column !== undefined) matrix[row]![column]! += pair.weights?.[sample] ?? 1;
  });
  if (labels.length === 1) {
    warn(
      "A single label was found in yTrue and yPred. For the confusion matrix to have the correct shape, use the labels option to pass all known labels.",
    );
  }
  return matrix;
}

/** The sums of the columns of a matrix. */
export function columnSums(matrix: readonly (readonly number[])[]): number[] {
  return matrix.map((_, column) => matrix.reduce((total, row) => total + row[column]!, 0));
}
