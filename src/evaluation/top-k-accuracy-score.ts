/** How often the true class is among the k with the highest scores. Not the metric that training reports: that is nn/metrics. */

import { ShapeError } from "../core/errors.js";
import { boolean, optional, optionsOf, positiveInteger, withDefault } from "../core/options.js";
import { meanOrSum } from "./averages.js";
import { classesOfColumns, placesOf } from "./class-columns.js";
import { type Labels, labelsOption, sampleWeightOption, type Weights, warningOption } from "./labels.js";
import { type ClassScores, readScored, requireColumn, type Scores, type ScoreTable } from "./scores.js";

/** Options of `topKAccuracyScore`. */
export interface TopKAccuracyScoreOptions {
  /** How many classes are looked at, 1 or more. Default 2. */
  readonly k?: number;
  /** Default true: the fraction that is right. False: how many are (or the sum of their weights). */
  readonly normalize?: boolean;
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
  /** The classes of the columns of `yScore`, sorted. Default: all that occur. */
  readonly labels?: Labels;
  /** Is told where k lets everything through, in scikit-learn's words; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

const op = "topKAccuracyScore";

const check = optionsOf(op, {
  k: withDefault(positiveInteger(), 2),
  normalize: withDefault(boolean(), true),
  sampleWeight: optional(sampleWeightOption),
  labels: optional(labelsOption),
  onWarning: optional(warningOption),
});

/**
 * Σ w[i] · (fewer than k classes score higher than yTrue[i]) / Σ w[i], from 0 to 1. Of equal scores the later column
 * counts as higher.
 *
 * `yTrue` are labels of shape [n] or [n, 1]; `yScore` has shape [n, classes], its columns in the order of the sorted
 * labels, or for two classes [n] or [n, 1]: the positive class is then predicted above 0.5 where all scores are from 0 to
 * 1, else above 0. Follows scikit-learn's `top_k_accuracy_score`.
 * @throws DataError where labels or scores are missing, of different number, not labels or not finite, or classes and
 * columns do not fit; where weights are not finite numbers, one a sample, or sum to 0.
 * @throws ShapeError where the scores' shape does not fit the classes. @throws OptionError for a wrong option.
 *
 * @example
 * const yScore = [[0.5, 0.2, 0.2], [0.3, 0.4, 0.2], [0.2, 0.4, 0.3], [0.7, 0.2, 0.1]];
 * topKAccuracyScore([0, 1, 2, 2], yScore, { k: 2 }); // 0.75
 * topKAccuracyScore([0, 1, 2, 2], yScore, { k: 2, normalize: false }); // 3
 */
export function topKAccuracyScore(
  yTrue: Labels,
  yScore: Scores | ClassScores,
  options: TopKAccuracyScoreOptions = {},
): number {
  const { k, normalize, sampleWeight, labels, onWarning } = check.read(options);
  const scored = readScored(op, yTrue, ["yScore", yScore], sampleWeight);
  const { present, scores, weights } = scored;
  const binary = present.length <= 2 && !(labels !== undefined && sizeOfLabels(labels) > 2);
  if (binary) requireColumn(op, "yScore", scores);
  else if (scores.flat) {
    throw new ShapeError(
      `${op}: yScore must have shape [n, classes] for more than two classes, received [${scores.rows}].`,
    );
  }
  const classes = classesOfColumns(op, scored, binary ? 2 : scores.columns, labels);
  if (k >= classes.length) {
    onWarning?.(
      `k (${k}) greater than or equal to nClasses (${classes.length}) will result in a perfect score and is therefore meaningless.`,
    );
  }
  const places = placesOf(scored.yTrue, classes);
  const hits = binary ? binaryHits(places, scores.values, k) : placesAbove(places, scores).map((above) => above < k);
  return meanOrSum(op, hits.map(Number), weights, normalize);
}

function sizeOfLabels(labels: Labels): number {
  return "shape" in labels ? labels.data.length : labels.length;
}

function binaryHits(places: readonly number[], scores: readonly number[], k: number): boolean[] {
  if (k > 1) return places.map(() => true);
  const threshold = scores.every((score) => score >= 0 && score <= 1) ? 0.5 : 0;
  return places.map((place, sample) => place === Number(scores[sample]! > threshold));
}

/** For each sample how many classes come before the true one. */
function placesAbove(places: readonly number[], { columns, values }: ScoreTable): number[] {
  return places.map((place, sample) => {
    const row = values.slice(sample * columns, (sample + 1) * columns);
    const own = row[place]!;
    return row.filter((score, column) => score > own || (score === own && column > place)).length;
  });
}
