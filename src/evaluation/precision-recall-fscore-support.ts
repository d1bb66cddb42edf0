/** Precision, recall and F-score, a class at a time or averaged. Not their table: that is classification-report.ts. */

import { OptionError } from "../core/errors.js";
import { custom, formatReceived, nullable, oneOf, optional, optionsOf, withDefault } from "../core/options.js";
import { averageOfNumbers, sum } from "./averages.js";
import { countLabels } from "./label-counts.js";
import {
  type Label,
  type LabelPair,
  type Labels,
  labelOption,
  labelsOption,
  readLabelList,
  readLabelPair,
  sampleWeightOption,
  type Weights,
  warningOption,
} from "./labels.js";

/**
 * How the scores of classes become one. `"micro"` counts over all classes first; `"macro"` takes the plain mean,
 * `"weighted"` the mean weighted by support; `"binary"` takes the class `posLabel` alone.
 */
export type Average = "micro" | "macro" | "weighted" | "binary";

/** What a quotient with nothing below the line becomes; `"warn"` is 0 and a warning. NaN is left out of averages. */
export type ZeroDivision = 0 | 1 | number | "warn";

/** Options of `precisionRecallFscoreSupport`. */
export interface PrecisionRecallFscoreSupportOptions {
  /** Default null: a number for each class. */
  readonly average?: Average | null;
  /** 0, 1, NaN or "warn". Default "warn". */
  readonly zeroDivision?: ZeroDivision;
  /** How much more recall counts than precision in the F-score: 0 or more, infinity included. Default 1. */
  readonly beta?: number;
  /** The classes, in this order; ignored with `average: "binary"`. Default: all that occur, sorted. */
  readonly labels?: Labels;
  /** The positive class of `average: "binary"`. Default 1. */
  readonly posLabel?: Label;
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
  /** Is told of quotients without a value, in scikit-learn's words; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

/** Scores of each class, in the order of the labels. */
export interface ScoresByClass {
  readonly precision: number[];
  readonly recall: number[];
  readonly fscore: number[];
  /** How many samples are truly of the class (or the sum of their weights). */
  readonly support: number[];
}

/** Scores averaged over classes; averaged support means nothing, so there is none. */
export interface AveragedScores {
  readonly precision: number;
  readonly recall: number;
  readonly fscore: number;
  readonly support: null;
}

const op = "precisionRecallFscoreSupport";

/** The check of `zeroDivision`, shared with the report. */
export const zeroDivisionOption = custom<ZeroDivision>('0, 1, NaN or "warn"', (value) =>
  value === 0 || value === 1 || value === "warn" || Number.isNaN(value) ? (value as ZeroDivision) : undefined,
);

const check = optionsOf(op, {
  average: withDefault(nullable(oneOf(["micro", "macro", "weighted", "binary"])), null),
  zeroDivision: withDefault(zeroDivisionOption, "warn"),
  beta: withDefault(
    custom<number>("a number, 0 or more", (value) => (typeof value === "number" && value >= 0 ? value : undefined)),
    1,
  ),
  labels: optional(labelsOption),
  posLabel: withDefault(labelOption, 1),
  sampleWeight: optional(sampleWeightOption),
  onWarning: optional(warningOption),
});

/**
 * Precision, recall, F-score and support of each class, or averaged.
 *
 * With tp samples predicted rightly to be of a class, p predicted to be of it and t truly of it: precision = tp / p;
 * recall = tp / t; F = (1 + beta²) · tp / (beta² · t + p); support = t.
 *
 * `yTrue` and `yPred` are labels of shape [n] or [n, 1]. Follows scikit-learn's `precision_recall_fscore_support`;
 * unlike there, a label that comes twice in `labels`, an empty `labels`, and a `posLabel` that is a number where the data
 * are strings (or the reverse) are errors.
 * @throws DataError where labels are missing, of different number or kind, or not labels; for weights that are not
 * finite numbers, one a sample, or all 0. @throws ShapeError where an array has more than one column.
 * @throws OptionError for a wrong option, and for `average: "binary"` with more than two classes or without `posLabel`
 * among two.
 *
 * @example
 * precisionRecallFscoreSupport([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], { average: "macro", zeroDivision: 0 });
 * // { precision: 0.2222..., recall: 0.3333..., fscore: 0.2666..., support: null }
 */
export function precisionRecallFscoreSupport(
  yTrue: Labels,
  yPred: Labels,
  options?: PrecisionRecallFscoreSupportOptions & { readonly average?: null },
): ScoresByClass;
export function precisionRecallFscoreSupport(
  yTrue: Labels,
  yPred: Labels,
  options: PrecisionRecallFscoreSupportOptions & { readonly average: Average },
): AveragedScores;
export function precisionRecallFscoreSupport(
  yTrue: Labels,
  yPred: Labels,
  options?: PrecisionRecallFscoreSupportOptions,
): ScoresByClass | AveragedScores;
export function precisionRecallFscoreSupport(
  yTrue: Labels,
  yPred: Labels,
  options: PrecisionRecallFscoreSupportOptions = {},
): ScoresByClass | AveragedScores {
  const { average, zeroDivision, beta, labels, posLabel, sampleWeight, onWarning } = check.read(options);
  const pair = readLabelPair(op, yTrue, yPred, sampleWeight);
  const warn = onWarning ?? (() => {});
  if (average !== "binary" && posLabel !== 1) {
    warn(
      `Note that posLabel (set to ${formatReceived(posLabel)}) is ignored when average is not "binary" (received ${formatReceived(average)}). You may use labels: [posLabel] to specify a single positive class.`,
    );
  }
  let classes = pair.present;
  if (average === "binary") classes = [positiveClass(pair, posLabel)];
  else if (labels !== undefined) classes = readLabelList(op, labels, pair);
  const scores = scoresOf(pair, classes, { average, zeroDivision, beta, warn });
  return average === null ? scores : averagedScores(scores, average);
}

/** What the scores of a pair that is already read depend on. */
export interface ScoreRules {
  readonly average: Average | null;
  readonly zeroDivision: ZeroDivision;
  readonly beta: number;
  warn(message: string): void;
}

/** The scores of each of `classes`; of all of them taken as one where the average is "micro". */
export function scoresOf(pair: LabelPair, classes: readonly Label[], rules: ScoreRules): ScoresByClass {
  let { both, predicted, actual } = countLabels(pair, classes);
  if (rules.average === "micro") [both, predicted, actual] = [[sum(both)], [sum(predicted)], [sum(actual)]];
  const precision = quotients(both, predicted, "Precision", "predicted", rules);
  const recall = quotients(both, actual, "Recall", "true", rules);
  return { precision, recall, fscore: fscores(), support: [...actual] };

  function fscores(): number[] {
    if (rules.beta === Number.POSITIVE_INFINITY) return [...recall];
    if (rules.beta === 0) return [...precision];
    const beta2 = rules.beta ** 2;
    const above = both.map((count) => (1 + beta2) * count);
    const below = actual.map((count, i) => beta2 * count + predicted[i]!);
    return quotients(above, below, "F-score", "true nor predicted", rules);
  }
}

/** One number from the scores of the classes. */
export function averagedScores(scores: ScoresByClass, average: Average): AveragedScores {
  const weights = average === "weighted" ? scores.support : null;
  const [precision, recall, fscore] = [scores.precision, scores.recall, scores.fscore].map((values) =>
    averageOfNumbers(values, weights),
  ) as [number, number, number];
  return { precision, recall, fscore, support: null };
}

function quotients(
  above: readonly number[],
  below: readonly number[],
  score: string,
  missing: string,
  { zeroDivision, warn }: ScoreRules,
): number[] {
  if (zeroDivision === "warn" && below.includes(0)) {
    const where = below.length === 1 ? "due to" : "in labels with";
    warn(
      `${score} is ill-defined and being set to 0.0 ${where} no ${missing} samples. Use the zeroDivision option to control this behavior.`,
    );
  }
  const otherwise = zeroDivision === "warn" ? 0 : zeroDivision;
  return above.map((count, i) => (below[i] === 0 ? otherwise : count / below[i]!));
}

function positiveClass({ present }: LabelPair, posLabel: Label): Label {
  const shown = present.length <= 10 ? JSON.stringify(present) : `${present.length} labels`;
  if (present.length > 2) {
    throw new OptionError(
      `${op}: average "binary" needs at most two classes, received ${shown}; use null, "micro", "macro" or "weighted".`,
    );
  }
  // Data of one class only may well lack the positive one: its scores are then quotients without a value.
  if (!present.includes(posLabel) && (present.length === 2 || typeof posLabel !== typeof present[0])) {
    throw new OptionError(`${op}: posLabel must be one of ${shown}, received ${formatReceived(posLabel)}.`);
  }
  return posLabel;
}
