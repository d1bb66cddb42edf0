/** Accuracy in which every class counts alike. */

import { boolean, optional, optionsOf, withDefault } from "../core/options.js";
import { average, sum } from "./averages.js";
import { countPairs } from "./label-counts.js";
import { type Labels, readLabelPair, sampleWeightOption, type Weights, warningOption } from "./labels.js";

/** Options of `balancedAccuracyScore`. */
export interface BalancedAccuracyScoreOptions {
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
  /** Whether chance is 0 and not one over the number of classes; a perfect score stays 1. Default false. */
  readonly adjusted?: boolean;
  /** Is told what may be wrong with correct input; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

const op = "balancedAccuracyScore";

const check = optionsOf(op, {
  sampleWeight: optional(sampleWeightOption),
  adjusted: withDefault(boolean(), false),
  onWarning: optional(warningOption),
});

/**
 * The mean over classes of recall, which is the part of a class's samples that is predicted rightly; adjusted,
 * (mean - 1 / classes) / (1 - 1 / classes).
 *
 * `yTrue` and `yPred` are labels of shape [n] or [n, 1]. Follows scikit-learn's `balanced_accuracy_score`: classes that are
 * only predicted are left out, with a warning. Adjusted, one class alone gives NaN or -infinity: there is no chance to
 * measure it by.
 * @throws DataError where labels are missing, of different number or kind, or not labels; for weights that are not
 * finite numbers, one a sample, or all 0. @throws ShapeError where an array has more than one column.
 * @throws OptionError for a wrong option.
 *
 * @example
 * balancedAccuracyScore([0, 1, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1]); // 0.625
 * balancedAccuracyScore([0, 1, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1], { adjusted: true }); // 0.25
 */
export function balancedAccuracyScore(
  yTrue: Labels,
  yPred: Labels,
  options: BalancedAccuracyScoreOptions = {},
): number {
  const { sampleWeight, adjusted, onWarning } = check.read(options);
  const pair = readLabelPair(op, yTrue, yPred, sampleWeight);
  const all = countPairs(op, pair, pair.present, onWarning).map((row, i) => row[i]! / sum(row));
  const recalls = all.filter((recall) => !Number.isNaN(recall));
  if (recalls.length < all.length) onWarning?.("yPred contains classes not in yTrue");
  const score = average(recalls, null);
  const chance = 1 / recalls.length;
  return adjusted ? (score - chance) / (1 - chance) : score;
}
