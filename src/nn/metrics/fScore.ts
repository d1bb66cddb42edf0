/** The weighted harmonic mean of precision and recall, by class. */

import { ShapeError } from "../../core/errors.js";
import { inRange, nullable, oneOf, positiveNumber, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { epsilon } from "../losses/loss.js";
import { type Accumulator, definePairMetric, type MetricResult, needRows } from "./metric.js";
import { sameClasses, sizeOfPairs, weightAt } from "./pairs.js";

const options = {
  average: withDefault(nullable(oneOf(["micro", "macro", "weighted"])), null),
  threshold: withDefault(nullable(inRange(0, 1, { includeMin: false })), null),
};

const beta = withDefault(positiveNumber(), 1);

interface Options {
  readonly average: "micro" | "macro" | "weighted" | null;
  readonly threshold: number | null;
}

/**
 * (1 + beta²) · precision · recall / (beta² · precision + recall), for labels [batch, classes] of 0 and 1: recall counts
 * `beta` (1) times as much as precision. 1e-7 in each denominator makes it 0 where there is nothing.
 *
 * `average`: null, a number for each class; "micro": of all elements together; "macro": the mean of the classes;
 * "weighted": their mean by how many labels each has. `threshold`: what a prediction must be above to be positive; null:
 * the greatest of each row is.
 * @example
 * const metric = metrics.fBetaScore({ beta: 2, average: "macro", threshold: 0.5 });
 * metric.updateState([[1, 0], [0, 1]], [[0.8, 0.1], [0.7, 0.9]]);
 * metric.result().toFixed(4); // "0.9167"
 */
export const fBetaScore = definePairMetric<typeof options & { readonly beta: typeof beta }, MetricResult>({
  className: "FBetaScore",
  call: "fBetaScore",
  name: "fbeta_score",
  options: { ...options, beta },
  accumulate: ({ beta, ...given }, name) => accumulate(given, beta, name),
});

/**
 * The harmonic mean of precision and recall, 2 · precision · recall / (precision + recall): fBetaScore with beta 1.
 * @example
 * const metric = metrics.f1Score({ average: "micro" });
 * metric.updateState([[0, 1], [1, 0]], [[0.3, 0.7], [0.4, 0.6]]);
 * metric.result().toFixed(4); // "0.5000"
 */
export const f1Score = definePairMetric<typeof options, MetricResult>({
  className: "F1Score",
  call: "f1Score",
  options,
  accumulate: (given, name) => accumulate(given, 1, name),
});

/** Of each class: true positives, false positives, false negatives, and the labels of 1. */
const [TP, FP, FN, LABELS, counted] = [0, 1, 2, 3, 4];

function accumulate({ average, threshold }: Options, beta: number, name: string): Accumulator<MetricResult> {
  let classes = 0;
  let sums = new Float64Array();
  const above = threshold === null ? null : Math.fround(threshold);
  const score = (tp: number, fp: number, fn: number): number => {
    const [precision, recall] = [tp / (tp + fp + epsilon), tp / (tp + fn + epsilon)];
    return ((precision * recall) / (beta ** 2 * precision + recall + epsilon)) * (1 + beta ** 2);
  };
  return {
    expect(shapes) {
      sizeOfPairs(shapes, name);
      if (shapes.predictions.length !== 1 || shapes.labels.length !== 1) {
        throw new ShapeError(
          `${name}: labels and predictions [batch, classes] expected, received labels ${formatShape([null, ...shapes.labels])} and predictions ${formatShape([null, ...shapes.predictions])}.`,
        );
      }
      classes = sameClasses(name, classes, shapes.predictions[0]!);
      if (sums.length === 0) sums = new Float64Array(classes * counted);
    },
    update({ rows, labels, predictions, weights }) {
      const [y, p] = [labels.data, predictions.data];
      if (weights !== undefined && weights.perRow > 1) {
        throw new ShapeError(`${name}: sampleWeight must be a number or one for each row.`);
      }
      for (let row = 0; row < rows; row++) {
        const weight = weightAt(weights, row, 0);
        let greatest = Number.NEGATIVE_INFINITY;
        for (let j = 0; j < classes; j++) greatest = Math.max(greatest, p[row * classes + j]!);
        for (let j = 0; j < classes; j++) {
          const label = y[row * classes + j]!;
          const prediction = p[row * classes + j]!;
          const positive = above === null ? prediction >= greatest && Math.abs(prediction) > 1e-9 : prediction > above;
          const own = j * counted;
          if (positive) {
            sums[own + TP]! += weight * label;
            sums[own + FP]! += weight * (1 - label);
          } else sums[own + FN]! += weight * label;
          sums[own + LABELS]! += weight * label;
        }
      }
    },
    result() {
      if (classes === 0) return needRows(name);
      const each = (part: number) => Array.from({ length: classes }, (_, j) => sums[j * counted + part]!);
      const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
      const [tp, fp, fn, count] = [each(TP), each(FP), each(FN), each(LABELS)];
      if (average === "micro") return score(total(tp), total(fp), total(fn));
      const scores = tp.map((hits, j) => score(hits, fp[j]!, fn[j]!));
      if (average === null) return scores;
      if (average === "macro") return total(scores) / classes;
      const all = total(count) + epsilon;
      return total(scores.map((value, j) => value * (count[j]! / all)));
    },
  };
}
