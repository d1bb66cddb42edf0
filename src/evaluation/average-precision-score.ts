/** The precision-recall curve as one number, of two classes or several. Not the curve: that is precision-recall-curve.ts. */

import { OptionError, ShapeError } from "../core/errors.js";
import { formatReceived, nullable, oneOf, optional, optionsOf, withDefault } from "../core/options.js";
import { sum } from "./averages.js";
import { type BinaryScore, type ClassAverage, scoreOfClasses } from "./class-averages.js";
import { placesOf } from "./class-columns.js";
import { type Label, type Labels, labelOption, sampleWeightOption, type Weights, warningOption } from "./labels.js";
import { positiveLabelOf } from "./positive-class.js";
import { precisionRecallPoints } from "./precision-recall-curve.js";
import { type ClassScores, readScored, requireColumn, type Scores } from "./scores.js";

/** Options of `averagePrecisionScore`. */
export interface AveragePrecisionScoreOptions {
  /** How the scores of several classes become one; null: a score for each class. Default "macro". */
  readonly average?: ClassAverage | null;
  /** The label of the positive class of two. Default 1. */
  readonly posLabel?: Label;
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
  /** Is told where there is no positive sample, in scikit-learn's words; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

const op = "averagePrecisionScore";

const check = optionsOf(op, {
  average: withDefault(nullable(oneOf(["macro", "micro", "weighted"])), "macro"),
  posLabel: withDefault(labelOption, 1),
  sampleWeight: optional(sampleWeightOption),
  onWarning: optional(warningOption),
});

/**
 * Σ (recall[i] - recall[i-1]) · precision[i] over falling thresholds: the precision, averaged over the recall that each
 * threshold adds. Nothing is interpolated, so it is not the area by the trapezoidal rule, which is too kind.
 *
 * Two classes: `yTrue` are labels of shape [n] and `yScore` numbers of shape [n] or [n, 1]. Several: `yScore` has shape
 * [n, classes], its columns in the order of the sorted labels, and each class is scored against the rest. Follows
 * scikit-learn's `average_precision_score`.
 * @throws DataError where labels or scores are missing, of different number, not labels or not finite; for weights that
 * are not finite numbers, one a sample, or all 0. @throws ShapeError where the scores' shape does not fit the classes.
 * @throws OptionError for a wrong option; where `posLabel` is none of two labels, or given for more than two.
 *
 * @example
 * averagePrecisionScore([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]); // 0.5 + 1 / 3
 */
export function averagePrecisionScore(
  yTrue: Labels,
  yScore: Scores | ClassScores,
  options: AveragePrecisionScoreOptions & { readonly average: null },
): number | number[];
export function averagePrecisionScore(
  yTrue: Labels,
  yScore: Scores | ClassScores,
  options?: AveragePrecisionScoreOptions & { readonly average?: ClassAverage },
): number;
export function averagePrecisionScore(
  yTrue: Labels,
  yScore: Scores | ClassScores,
  options?: AveragePrecisionScoreOptions,
): number | number[];
export function averagePrecisionScore(
  yTrue: Labels,
  yScore: Scores | ClassScores,
  options: AveragePrecisionScoreOptions = {},
): number | number[] {
  const { average, posLabel, sampleWeight, onWarning } = check.read(options);
  const { yTrue: truth, present, scores, weights } = readScored(op, yTrue, ["yScore", yScore], sampleWeight);
  const score: BinaryScore = (isPositive, column, some) => {
    const { precision, recall } = precisionRecallPoints(isPositive, column, some, { warn: onWarning });
    // Rounding, or negative weights, may lead below 0.
    return Math.max(0, sum(precision.slice(0, -1).map((one, i) => (recall[i]! - recall[i + 1]!) * one)));
  };
  if (present.length <= 2) {
    requireColumn(op, "yScore", scores);
    const positive = positiveLabelOf(op, present, posLabel);
    if (present.length === 2 && !present.includes(positive)) {
      throw new OptionError(
        `${op}: posLabel must be one of ${JSON.stringify(present)}, received ${formatReceived(posLabel)}.`,
      );
    }
    return score(
      truth.map((label) => label === positive),
      scores.values,
      weights,
    );
  }
  if (posLabel !== 1) {
    throw new OptionError(`${op}: posLabel is for two classes alone, received ${formatReceived(posLabel)} for more.`);
  }
  if (scores.columns !== present.length) {
    throw new ShapeError(
      `${op}: yScore must have one column for each of ${present.length} classes in yTrue, received ${scores.columns}.`,
    );
  }
  return scoreOfClasses(placesOf(truth, present), scores, weights, average, score);
}
