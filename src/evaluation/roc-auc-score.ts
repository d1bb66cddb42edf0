/** The area under the ROC curve, of two classes or several. Not the curve: that is roc-curve.ts. */

import { DataError, OptionError, ShapeError } from "../core/errors.js";
import { inRange, nullable, oneOf, optional, optionsOf, withDefault } from "../core/options.js";
import { areaUnder } from "./auc.js";
import { average as averageOf } from "./averages.js";
import { type ClassAverage, scoreOfClasses } from "./class-averages.js";
import { classesOfColumns, placesOf } from "./class-columns.js";
import { type Labels, labelsOption, sampleWeightOption, type Weights, warningOption } from "./labels.js";
import { rocPoints } from "./roc-curve.js";
import { type ClassScores, readScored, requireColumn, type Scored, type Scores, scoresOfClass } from "./scores.js";

/** Options of `rocAucScore`. */
export interface RocAucScoreOptions {
  /** How the areas of several classes become one; null: an area for each class, with "ovr" alone. Default "macro". */
  readonly average?: ClassAverage | null;
  /** What each sample counts, shape [n]; not with "ovo". Default: one each. */
  readonly sampleWeight?: Weights;
  /** Two classes: only false positive rates up to this count, from 0 to 1, and the area is scaled to McClish's. Default 1. */
  readonly maxFpr?: number;
  /** Several classes, which need it: each against the rest ("ovr"), or each against each other ("ovo"). */
  readonly multiClass?: "ovr" | "ovo";
  /** Several classes: those of the columns of `yScore`, sorted. Default: all that occur. */
  readonly labels?: Labels;
  /** Is told where only one class is there, in scikit-learn's words; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

type Warn = (message: string) => void;

const op = "rocAucScore";

const check = optionsOf(op, {
  average: withDefault(nullable(oneOf(["macro", "micro", "weighted"])), "macro"),
  sampleWeight: optional(sampleWeightOption),
  maxFpr: withDefault(inRange(0, 1, { includeMin: false }), 1),
  multiClass: optional(oneOf(["ovr", "ovo"])),
  labels: optional(labelsOption),
  onWarning: optional(warningOption),
});

/**
 * The area under the ROC curve: the probability that a positive sample scores higher than a negative one, ties counted
 * half.
 *
 * Two classes: `yTrue` are labels of shape [n], the greater the positive one, and `yScore` numbers of shape [n] or
 * [n, 1]. Several: `yScore` are probabilities of shape [n, classes], their columns in the order of the sorted labels, and
 * `multiClass` says how: "ovr" averages the areas of each class against the rest, "ovo" those of each pair of classes, of
 * both the mean of the two ways round; with `average: "weighted"` by how often a class, or a pair, is true. Follows
 * scikit-learn's `roc_auc_score`. Where a class is not there, or is all there is, its area is NaN and a warning is told.
 * With "ovo", classes that do not occur make no pair, and one alone gives NaN.
 *
 * Sources: D. J. Hand and R. J. Till, A simple generalisation of the area under the ROC curve for multiple class
 * classification problems, 2001 ("ovo"); D. K. McClish, Analyzing a portion of the ROC curve, 1989 (`maxFpr`).
 * @throws DataError where labels or scores are missing, of different number, not labels or not finite, probabilities do
 * not sum to 1, or classes and columns do not fit; for weights that are not finite numbers, one a sample, or all 0.
 * @throws ShapeError where the scores' shape does not fit the classes.
 * @throws OptionError for a wrong option; for several classes without `multiClass`, or with an option that it forbids.
 *
 * @example
 * rocAucScore([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]); // 0.75
 * rocAucScore([0, 1, 2, 2], [[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.2, 0.2, 0.6], [0.4, 0.1, 0.5]], { multiClass: "ovr" }); // 1
 */
export function rocAucScore(
  yTrue: Labels,
  yScore: Scores | ClassScores,
  options: RocAucScoreOptions & { readonly average: null },
): number | number[];
export function rocAucScore(
  yTrue: Labels,
  yScore: Scores | ClassScores,
  options?: RocAucScoreOptions & { readonly average?: ClassAverage },
): number;
export function rocAucScore(
  yTrue: Labels,
  yScore: Scores | ClassScores,
  options?: RocAucScoreOptions,
): number | number[];
export function rocAucScore(
  yTrue: Labels,
  yScore: Scores | ClassScores,
  options: RocAucScoreOptions = {},
): number | number[] {
  const { average, sampleWeight, maxFpr, multiClass, labels, onWarning } = check.read(options);
  const scored = readScored(op, yTrue, ["yScore", yScore], sampleWeight);
  const { present, scores, weights } = scored;
  const warn = onWarning ?? (() => {});
  if (present.length <= 2 && scores.columns <= 2) {
    requireColumn(op, "yScore", scores);
    const isPositive = scored.yTrue.map((label) => present.length === 2 && label === present[1]);
    return binaryArea(isPositive, scores.values, weights, warn, maxFpr);
  }
  if (maxFpr !== 1) throw new OptionError(`${op}: maxFpr is for two classes alone, received ${maxFpr} for more.`);
  if (multiClass === undefined) {
    throw new OptionError(`${op}: multiClass must be "ovr" or "ovo" where there are more than two classes.`);
  }
  const places = placesOf(scored.yTrue, classesOfProbabilities(scored, labels));
  const area = (isPositive: readonly boolean[], column: readonly number[], some: readonly number[] | null) =>
    binaryArea(isPositive, column, some, warn);
  if (multiClass === "ovr") return scoreOfClasses(places, scores, weights, average, area);
  if (average === null || average === "micro") {
    throw new OptionError(
      `${op}: average must be "macro" or "weighted" with "ovo", received ${JSON.stringify(average)}.`,
    );
  }
  if (weights !== null) throw new OptionError(`${op}: sampleWeight cannot be used with "ovo".`);
  return areaOfPairs(places, scored, average, warn);
}

function classesOfProbabilities(scored: Scored, labels: Labels | undefined) {
  const { rows, columns, values, flat } = scored.scores;
  if (flat)
    throw new ShapeError(`${op}: yScore must have shape [n, classes] for more than two classes, received [${rows}].`);
  for (let row = 0; row < rows; row++) {
    const total = values.slice(row * columns, (row + 1) * columns).reduce((a, b) => a + b);
    if (Math.abs(1 - total) > 1e-8 + 1e-5 * Math.abs(total)) {
      throw new DataError(
        `${op}: the scores of more than two classes must be probabilities that sum to 1, received a sum of ${total} at row ${row}.`,
      );
    }
  }
  return classesOfColumns(op, scored, columns, labels);
}

function binaryArea(
  isPositive: readonly boolean[],
  scores: readonly number[],
  weights: readonly number[] | null,
  warn: Warn,
  maxFpr = 1,
): number {
  if (isPositive.every((positive) => positive === isPositive[0])) {
    warn("Only one class is present in yTrue. ROC AUC score is not defined in that case.");
    return Number.NaN;
  }
  const { fpr, tpr } = rocPoints(isPositive, scores, weights, { warn });
  return maxFpr === 1 ? areaUnder(fpr, tpr) : partialArea(fpr, tpr, maxFpr);
}

/** The area up to a false positive rate, scaled so that chance has 0.5 and a perfect order 1. */
function partialArea(fpr: readonly number[], tpr: readonly number[], maxFpr: number): number {
  const stop = fpr.findIndex((rate) => rate > maxFpr);
  const [left, right] = [fpr[stop - 1]!, fpr[stop]!];
  const [low, high] = [tpr[stop - 1]!, tpr[stop]!];
  const cut = low + ((high - low) / (right - left)) * (maxFpr - left);
  const area = areaUnder([...fpr.slice(0, stop), maxFpr], [...tpr.slice(0, stop), cut]);
  const chance = maxFpr ** 2 / 2;
  return 0.5 * (1 + (area - chance) / (maxFpr - chance));
}

/** The mean over all pairs of classes that occur: of the area by the one's scores and by the other's. */
function areaOfPairs(places: readonly number[], { scores }: Scored, how: "macro" | "weighted", warn: Warn): number {
  const occurring = [...new Set(places)].sort((a, b) => a - b);
  if (occurring.length === 1) {
    warn("Only one class is present in yTrue. ROC AUC score is not defined in that case.");
    return Number.NaN;
  }
  const areas: number[] = [];
  const prevalences: number[] = [];
  occurring.forEach((a, i) => {
    for (const b of occurring.slice(i + 1)) {
      const samples = places.flatMap((place, sample) => (place === a || place === b ? [sample] : []));
      const areaOf = (positive: number) => {
        const column = scoresOfClass(scores, positive);
        return binaryArea(
          samples.map((sample) => places[sample] === positive),
          samples.map((sample) => column[sample]!),
          null,
          warn,
        );
      };
      areas.push((areaOf(a) + areaOf(b)) / 2);
      prevalences.push(samples.length / places.length);
    }
  });
  return averageOf(areas, how === "weighted" ? prevalences : null);
}
