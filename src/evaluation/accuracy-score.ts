/** How often predictions are right. Not the metric that training reports: that is nn/metrics. */

import { boolean, optional, optionsOf, withDefault } from "../core/options.js";
import { meanOrSum } from "./averages.js";
import { type Labels, readLabelPair, sampleWeightOption, type Weights } from "./labels.js";

/** Options of `accuracyScore`. */
export interface AccuracyScoreOptions {
  /** Default true: the fraction that is right. False: how many are (or the sum of their weights). */
  readonly normalize?: boolean;
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
}

const check = optionsOf("accuracyScore", {
  normalize: withDefault(boolean(), true),
  sampleWeight: optional(sampleWeightOption),
});

/**
 * Σ w[i] · (yTrue[i] = yPred[i]) / Σ w[i]: the fraction of predictions that are right, from 0 to 1.
 *
 * `yTrue` and `yPred` are labels of shape [n] or [n, 1]: numbers or strings. Follows scikit-learn's `accuracy_score`.
 * @throws DataError where labels are missing, of different number or kind, or not labels; where weights are not finite
 * numbers, one a sample, or sum to 0.
 * @throws ShapeError where an array has more than one column. @throws OptionError for a wrong option.
 *
 * @example
 * accuracyScore([0, 1, 2, 3], [0, 2, 1, 3]); // 0.5
 * accuracyScore([0, 1, 2, 3], [0, 2, 1, 3], { normalize: false }); // 2
 */
export function accuracyScore(yTrue: Labels, yPred: Labels, options: AccuracyScoreOptions = {}): number {
  const { normalize, sampleWeight } = check.read(options);
  const pair = readLabelPair("accuracyScore", yTrue, yPred, sampleWeight);
  const right = pair.yTrue.map((label, i) => (label === pair.yPred[i] ? 1 : 0));
  return meanOrSum("accuracyScore", right, pair.weights, normalize);
}
