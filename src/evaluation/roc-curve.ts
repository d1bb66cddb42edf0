/** The receiver operating characteristic: what each threshold catches, right and wrong. Not its picture: that is plot/. */

import { boolean, optional, optionsOf, withDefault } from "../core/options.js";
import { type Label, type Labels, labelOption, sampleWeightOption, type Weights, warningOption } from "./labels.js";
import { positiveLabelOf } from "./positive-class.js";
import { readScoredColumn, type Scores } from "./scores.js";
import { countAtThresholds, keepThresholds, type ThresholdCounts } from "./thresholds.js";

/** Options of `rocCurve`. */
export interface RocCurveOptions {
  /** The label of the positive class. Default: 1 where the labels are 0 and 1 or -1 and 1; else it must be given. */
  readonly posLabel?: Label;
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
  /** Whether points on a straight line between others are left out. Default true. */
  readonly dropIntermediate?: boolean;
  /** Is told where a class is missing, in scikit-learn's words; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

/** Points of a ROC curve, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** The part of the negative samples that is taken for positive. */
  readonly fpr: number[];
  /** The part of the positive samples that is. */
  readonly tpr: number[];
  /** Samples that score so or higher are taken for positive: falling, the first infinite. */
  readonly thresholds: number[];
}

const op = "rocCurve";

const check = optionsOf(op, {
  posLabel: optional(labelOption),
  sampleWeight: optional(sampleWeightOption),
  dropIntermediate: withDefault(boolean(), true),
  onWarning: optional(warningOption),
});

/**
 * The ROC curve of a binary classifier: for each threshold t, fpr = P(yScore ≥ t | negative) and
 * tpr = P(yScore ≥ t | positive).
 *
 * `yTrue` are labels of shape [n] or [n, 1], of two classes, or of more where `posLabel` names one against the rest;
 * `yScore` numbers of that shape, the higher the more positive. Follows scikit-learn's `roc_curve`. Where there is no
 * negative sample, fpr is NaN and a warning is told; where no positive one, tpr.
 * @throws DataError where labels or scores are missing, of different number, not labels or not finite; for weights that
 * are not finite numbers, one a sample, or all 0. @throws ShapeError where an array has more than one column.
 * @throws OptionError for a wrong option, and where `posLabel` is needed or of another kind than the labels.
 *
 * @example
 * rocCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);
 * // { fpr: [0, 0, 0.5, 0.5, 1], tpr: [0, 0.5, 0.5, 1, 1], thresholds: [Infinity, 0.8, 0.4, 0.35, 0.1] }
 */
export function rocCurve(yTrue: Labels, yScore: Scores, options: RocCurveOptions = {}): RocCurve {
  const { posLabel, sampleWeight, dropIntermediate, onWarning } = check.read(options);
  const { yTrue: truth, present, column, weights } = readScoredColumn(op, yTrue, ["yScore", yScore], sampleWeight);
  const positive = positiveLabelOf(op, present, posLabel);
  const isPositive = truth.map((label) => label === positive);
  return rocPoints(isPositive, column, weights, { dropIntermediate, warn: onWarning });
}

/** The ROC curve of samples that are already read. */
export function rocPoints(
  isPositive: readonly boolean[],
  scores: readonly number[],
  weights: readonly number[] | null,
  {
    dropIntermediate = true,
    warn = () => {},
  }: { dropIntermediate?: boolean; warn?: ((message: string) => void) | undefined },
): RocCurve {
  const all = countAtThresholds(isPositive, scores, weights);
  const { falsePositives, truePositives, thresholds } = dropIntermediate ? withoutStraight(all) : all;
  return {
    fpr: rates(falsePositives, "No negative samples in yTrue, false positive value should be meaningless", warn),
    tpr: rates(truePositives, "No positive samples in yTrue, true positive value should be meaningless", warn),
    thresholds: [Number.POSITIVE_INFINITY, ...thresholds],
  };
}

function rates(counts: readonly number[], undefinedWarning: string, warn: (message: string) => void): number[] {
  const total = counts.at(-1)!;
  if (total > 0) return [0, ...counts.map((count) => count / total)];
  warn(undefinedWarning);
  return [0, ...counts].map(() => Number.NaN);
}

/** Leaves out the points where the curve goes on as it came. */
function withoutStraight(counts: ThresholdCounts): ThresholdCounts {
  const { falsePositives, truePositives } = counts;
  const last = counts.thresholds.length - 1;
  const bends = (values: readonly number[], i: number) => values[i + 1]! - values[i]! !== values[i]! - values[i - 1]!;
  return keepThresholds(counts, (i) => i === 0 || i === last || bends(falsePositives, i) || bends(truePositives, i));
}
