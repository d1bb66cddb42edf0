/** Metrics of numbers that are no losses: the root of the squared error, R², and correlations. */

import { ShapeError } from "../../core/errors.js";
import { integer, nullable, oneOf, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { mean, variance } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { multiply } from "../../graph/ops/multiply.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { square } from "../../graph/ops/square.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { alike, axisOf, axisOption, epsilon } from "../losses/loss.js";
import { meanOfRows } from "../losses/reduction.js";
import { mostClasses } from "./limits.js";
import { type Accumulator, defineMetric, definePairMetric, type MetricResult, needRows } from "./metric.js";
import { sameClasses, sizeOfPairs, weightAt } from "./pairs.js";

/**
 * √mean((yPred - yTrue)²), over all elements of all rows.
 * @example
 * const metric = metrics.rootMeanSquaredError();
 * metric.updateState([[0, 1], [0, 0]], [[1, 1], [0, 0]]);
 * metric.result(); // 0.5
 */
export const rootMeanSquaredError = defineMetric({
  className: "RootMeanSquaredError",
  call: "rootMeanSquaredError",
  options: {},
  labels: "values",
  rows(yTrue, yPred, _, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    return meanOfRows(square([subtract([predictions, labels])]));
  },
  finish: Math.sqrt,
});

interface Centred {
  readonly labels: Tensor;
  readonly predictions: Tensor;
  readonly centredLabels: Tensor;
  readonly centredPredictions: Tensor;
  readonly over: { readonly axes: readonly number[]; readonly keepDims: true };
}

function centred(yTrue: Tensor, yPred: Tensor, axis: number, name: string): Centred {
  const [labels, predictions] = alike(yTrue, yPred, name);
  const over = { axes: [axisOf(axis, predictions.shape, name)], keepDims: true } as const;
  const middle = (x: Tensor) => subtract([x, mean(x, over)]);
  return { labels, predictions, centredLabels: middle(labels), centredPredictions: middle(predictions), over };
}

/**
 * Pearson's correlation of labels and predictions along `axis` (-1): the mean of the products of both, each less its mean
 * and over its standard deviation. NaN for a row of equal numbers.
 * @example
 * const metric = metrics.pearsonCorrelation();
 * metric.updateState([[0, 1, 2]], [[1, 3, 5]]);
 * metric.result().toFixed(4); // "1.0000"
 */
export const pearsonCorrelation = defineMetric({
  className: "PearsonCorrelation",
  call: "pearsonCorrelation",
  options: axisOption,
  labels: "values",
  rows(yTrue, yPred, { axis }, name) {
    const { centredLabels, centredPredictions, over } = centred(yTrue, yPred, axis, name);
    const scaled = (x: Tensor) => divide([x, sqrt([variance(x, over)])]);
    return meanOfRows(multiply([scaled(centredLabels), scaled(centredPredictions)]));
  },
});

/**
 * The concordance correlation along `axis` (-1), as Keras computes it: the mean of
 * 2 · (yTrue - mean(yPred)) · (yPred - mean(yPred)) / (var(yTrue) + var(yPred) + (mean(yTrue) - mean(yPred))² + 1e-7).
 * @example
 * const metric = metrics.concordanceCorrelation();
 * metric.updateState([[0, 1, 2]], [[0, 1, 2]]);
 * metric.result().toFixed(4); // "1.0000"
 */
export const concordanceCorrelation = defineMetric({
  className: "ConcordanceCorrelation",
  call: "concordanceCorrelation",
  options: axisOption,
  labels: "values",
  rows(yTrue, yPred, { axis }, name) {
    const { labels, predictions, centredLabels, centredPredictions, over } = centred(yTrue, yPred, axis, name);
    const middle = mean(predictions, over);
    const covariance = multiply([subtract([labels, middle]), centredPredictions]);
    const apart = square([subtract([mean(labels, over), middle])]);
    const spread = add([variance(centredLabels, over), variance(centredPredictions, over)]);
    const norm = add([add([spread, apart]), constant(epsilon)]);
    return meanOfRows(divide([multiply([constant(2), covariance]), norm]));
  },
});

/** Of each output: the sum of labels, of their squares, of squared errors, and of weights. */
const [SUM, SQUARES, ERRORS, WEIGHTS, sumsOf] = [0, 1, 2, 3, 4];

/**
 * R², 1 - Σ(yTrue - yPred)² / Σ(yTrue - mean(yTrue))², of outputs [batch, outputs]; 0 for labels that are all the same.
 *
 * `classAggregation`: "uniformAverage" of the outputs, the default, "varianceWeightedAverage", or null, a number for each.
 * `numRegressors` (0, at most 1,000,000): p of the adjusted score 1 - (1 - R²)(n - 1) / (n - p - 1), with n the number of labels; where n is
 * not above p + 1, there is no such score, and the result is R² itself, as Keras's.
 * @example
 * const metric = metrics.r2Score();
 * metric.updateState([[1], [4], [3]], [[2], [4], [4]]);
 * metric.result().toFixed(4); // "0.5714"
 */
export const r2Score = definePairMetric({
  className: "R2Score",
  call: "r2Score",
  options: {
    classAggregation: withDefault(nullable(oneOf(["uniformAverage", "varianceWeightedAverage"])), "uniformAverage"),
    numRegressors: withDefault(integer({ min: 0, max: mostClasses }), 0),
  },
  accumulate: ({ classAggregation, numRegressors }, name): Accumulator<MetricResult> => {
    let outputs = 0;
    let elements = 0;
    let sums = new Float64Array();
    return {
      expect(shapes) {
        const size = sizeOfPairs(shapes, name);
        if (shapes.predictions.length !== 1) {
          throw new ShapeError(
            `${name}: predictions [batch, outputs] expected, received ${formatShape([null, ...shapes.predictions])}.`,
          );
        }
        outputs = sameClasses(name, outputs, size);
        if (sums.length === 0) sums = new Float64Array(outputs * sumsOf);
      },
      update({ rows, labels, predictions, weights }) {
        const [y, p] = [labels.data, predictions.data];
        for (let row = 0, i = 0; row < rows; row++) {
          for (let j = 0; j < outputs; j++, i++) {
            const weight = weightAt(weights, row, j);
            const own = j * sumsOf;
            sums[own + SUM]! += weight * y[i]!;
            sums[own + SQUARES]! += weight * y[i]! * y[i]!;
            sums[own + ERRORS]! += weight * (y[i]! - p[i]!) ** 2;
            sums[own + WEIGHTS]! += weight;
          }
        }
        elements += rows * outputs;
      },
      result() {
        if (outputs === 0) return needRows(name);
        const spreads = Array.from({ length: outputs }, (_, j) => {
          const [sum, squares, weights] = [SUM, SQUARES, WEIGHTS].map((part) => sums[j * sumsOf + part]!);
          return squares! - (sum! * sum!) / weights!;
        });
        const scores = spreads.map((spread, j) => {
          const score = 1 - sums[j * sumsOf + ERRORS]! / spread;
          return Math.abs(score) === Number.POSITIVE_INFINITY ? 0 : score;
        });
        const adjusted = (score: number) =>
          numRegressors === 0 || numRegressors >= elements - 1
            ? score
            : 1 - ((1 - score) * (elements - 1)) / (elements - numRegressors - 1);
        if (classAggregation === null) return scores.map(adjusted);
        const weighted = classAggregation === "varianceWeightedAverage";
        const [total, all] = scores.reduce(
          ([sum, weights], score, j) => {
            const weight = weighted ? spreads[j]! : 1;
            return [sum + weight * score, weights + weight] as const;
          },
          [0, 0] as readonly [number, number],
        );
        return adjusted(total / all);
      },
    };
  },
});
