/** How often each label is true, predicted, and both: what precision and recall are quotients of. Not the quotients. */

import type { Label, LabelPair } from "./labels.js";

/** Sums of weights (counts, without weights), one a label. */
export interface LabelCounts {
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
