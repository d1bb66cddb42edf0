/** How often what is held to be probable comes true. Not its picture: that is plot/. */

import { DataError } from "../core/errors.js";
import { oneOf, optional, optionsOf, positiveInteger, withDefault } from "../core/options.js";
import { type Label, type Labels, labelOption } from "./labels.js";
import { positiveLabelOf } from "./positive-class.js";
import { requireProbabilities } from "./probabilities.js";
import { readScoredColumn, type Scores } from "./scores.js";

/** Options of `calibrationCurve`. */
export interface CalibrationCurveOptions {
  /** The label of the positive class. Default: 1 where the labels are 0 and 1 or -1 and 1; else it must be given. */
  readonly posLabel?: Label;
  /** How many bins the samples are put into, 1 or more; those without a sample give no point. Default 5. */
  readonly nBins?: number;
  /** Whether bins are equally wide ("uniform") or hold equally many samples ("quantile"). Default "uniform". */
  readonly strategy?: "uniform" | "quantile";
}

/** Points of a calibration curve, by rising probability. */
export interface CalibrationCurve {
  /** The part of each bin's samples that is positive. */
  readonly probTrue: number[];
  /** The mean of each bin's probabilities. */
  readonly probPred: number[];
}

const op = "calibrationCurve";

const check = optionsOf(op, {
  posLabel: optional(labelOption),
  nBins: withDefault(positiveInteger(), 5),
  strategy: withDefault(oneOf(["uniform", "quantile"]), "uniform"),
});

/**
 * The calibration curve of a binary classifier: for each bin of probabilities, their mean, and the part of its samples
 * that is positive. Both are equal where probabilities are true.
 *
 * `yTrue` are labels of shape [n] or [n, 1], of two classes; `yProb` the probabilities of the positive one, of that shape.
 * A bin holds what is above its lower edge up to and with its upper one. Follows scikit-learn's `calibration_curve`;
 * everything is computed in float64.
 *
 * Source: A. Niculescu-Mizil and R. Caruana, Predicting good probabilities with supervised learning, 2005.
 * @throws DataError where labels or probabilities are missing, of different number, not labels, or not from 0 to 1, or
 * there are more than two labels. @throws ShapeError where an array has more than one column.
 * @throws OptionError for a wrong option, and where `posLabel` is needed or of another kind than the labels.
 *
 * @example
 * calibrationCurve([0, 0, 0, 0, 1, 1, 1, 1, 1], [0.1, 0.2, 0.3, 0.4, 0.65, 0.7, 0.8, 0.9, 1], { nBins: 3 });
 * // { probTrue: [0, 0.5, 1], probPred: [0.2, 0.525, 0.85] }
 */
export function calibrationCurve(
  yTrue: Labels,
  yProb: Scores,
  options: CalibrationCurveOptions = {},
): CalibrationCurve {
  const { posLabel, nBins, strategy } = check.read(options);
  const { yTrue: truth, present, column } = readScoredColumn(op, yTrue, ["yProb", yProb]);
  const positive = positiveLabelOf(op, present, posLabel);
  requireProbabilities(op, "yProb", column);
  if (present.length > 2) {
    throw new DataError(`${op}: yTrue must hold two labels, received ${JSON.stringify(present)}.`);
  }
  const steps = Array.from({ length: nBins - 1 }, (_, i) => (i + 1) * (1 / nBins));
  const edges = strategy === "uniform" ? steps : quantiles(column, steps);
  const bins = Array.from({ length: nBins }, () => ({ count: 0, positives: 0, probability: 0 }));
  column.forEach((probability, sample) => {
    const bin = bins[firstNotBelow(edges, probability)]!;
    bin.count += 1;
    bin.positives += Number(truth[sample] === positive);
    bin.probability += probability;
  });
  const filled = bins.filter(({ count }) => count > 0);
  return {
    probTrue: filled.map(({ count, positives }) => positives / count),
    probPred: filled.map(({ count, probability }) => probability / count),
  };
}

/** Quantiles with straight lines between the samples, in numpy's order of operations: samples lie on the edges of bins. */
function quantiles(values: readonly number[], at: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return at.map((part) => {
    const place = (sorted.length - 1) * ((part * 100) / 100);
    const before = Math.floor(place);
    const between = place - before;
    const [left, right] = [sorted[before]!, sorted[Math.min(before + 1, sorted.length - 1)]!];
    return between < 0.5 ? left + (right - left) * between : right - (right - left) * (1 - between);
  });
}

/** The place of the first of the rising edges that is not below a value; their number where all are. */
function firstNotBelow(edges: readonly number[], value: number): number {
  let [from, to] = [0, edges.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (edges[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
