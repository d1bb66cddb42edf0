/** Precision against recall over all thresholds. Not its picture: that is plot/. */

import { boolean, optional, optionsOf, withDefault } from "../core/options.js";
import { type Label, type Labels, labelOption, sampleWeightOption, type Weights, warningOption } from "./labels.js";
import { positiveLabelOf } from "./positive-class.js";
import { readScoredColumn, type Scores } from "./scores.js";
import { countAtThresholds, keepThresholds, type ThresholdCounts } from "./thresholds.js";

/** Options of `precisionRecallCurve`. */
export interface PrecisionRecallCurveOptions {
  /** The label of the positive class. Default: 1 where the labels are 0 and 1 or -1 and 1; else it must be given. */
  readonly posLabel?: Label;
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
  /** Whether points between two others of the same recall are left out. Default false. */
  readonly dropIntermediate?: boolean;
  /** Is told where there is no positive sample, in scikit-learn's words; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

/** Points of a precision-recall curve, from the lowest threshold to (1, 0), which belongs to none. */
export interface PrecisionRecallCurve {
  /** The part of the samples taken for positive that is; one longer than `thresholds`, and ends with 1. */
  readonly precision: number[];
  /** The part of the positive samples that is taken for positive; one longer than `thresholds`, and ends with 0. */
  readonly recall: number[];
  /** Samples that score so or higher are taken for positive: rising. */
  readonly thresholds: number[];
}

const op = "precisionRecallCurve";

const check = optionsOf(op, {
  posLabel: optional(labelOption),
  sampleWeight: optional(sampleWeightOption),
  dropIntermediate: withDefault(boolean(), false),
  onWarning: optional(warningOption),
});

/**
 * Precision and recall of a binary classifier for each threshold t: precision = P(positive | yScore ≥ t), recall =
 * P(yScore ≥ t | positive).
 *
 * `yTrue` are labels of shape [n] or [n, 1], of two classes, or of more where `posLabel` names one against the rest;
 * `yScore` numbers of that shape, the higher the more positive. Follows scikit-learn's `precision_recall_curve`. Where
 * there is no positive sample, recall is 1 at every threshold and a warning is told.
 * @throws DataError where labels or scores are missing, of different number, not labels or not finite; for weights that
 * are not finite numbers, one a sample, or all 0. @throws ShapeError where an array has more than one column.
 * @throws OptionError for a wrong option, and where `posLabel` is needed or of another kind than the labels.
 *
 * @example
 * precisionRecallCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);
 * // { precision: [0.5, 2 / 3, 0.5, 1, 1], recall: [1, 1, 0.5, 0.5, 0], thresholds: [0.1, 0.35, 0.4, 0.8] }
 */
export function precisionRecallCurve(
  yTrue: Labels,
  yScore: Scores,
  options: PrecisionRecallCurveOptions = {},
): PrecisionRecallCurve {
  const { posLabel, sampleWeight, dropIntermediate, onWarning } = check.read(options);
  const { yTrue: truth, present, column, weights } = readScoredColumn(op, yTrue, ["yScore", yScore], sampleWeight);
  const positive = positiveLabelOf(op, present, posLabel);
  const isPositive = truth.map((label) => label === positive);
  return precisionRecallPoints(isPositive, column, weights, { dropIntermediate, warn: onWarning });
}

/** The precision-recall curve of samples that are already read. */
export function precisionRecallPoints(
  isPositive: readonly boolean[],
  scores: readonly number[],
  weights: readonly number[] | null,
  { dropIntermediate = false, warn }: { dropIntermediate?: boolean; warn?: ((message: string) => void) | undefined },
): PrecisionRecallCurve {
  const all = countAtThresholds(isPositive, scores, weights);
  const { falsePositives, truePositives, thresholds } = dropIntermediate ? withoutSameRecall(all) : all;
  const positives = truePositives.at(-1)!;
  if (positives === 0) warn?.("No positive class found in yTrue, recall is set to one for all thresholds.");
  const precision = truePositives.map((count, i) => {
    const taken = count + falsePositives[i]!;
    return taken === 0 ? 0 : count / taken;
  });
  const recall = truePositives.map((count) => (positives === 0 ? 1 : count / positives));
  return {
    precision: [...precision.reverse(), 1],
    recall: [...recall.reverse(), 0],
    thresholds: thresholds.toReversed(),
  };
}

/** Leaves out the points that have the recall of both their neighbours: the curve is upright there. */
function withoutSameRecall(counts: ThresholdCounts): ThresholdCounts {
  const caught = counts.truePositives;
  const last = caught.length - 1;
  return keepThresholds(
    counts,
    (i) => i === 0 || i === last || caught[i] !== caught[i - 1] || caught[i + 1] !== caught[i],
  );
}
