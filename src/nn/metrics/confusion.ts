/**
 * Metrics of what is right and wrong above thresholds: counts, precision and recall, and the four that say how good one
 * can be where the other is good enough. Labels are 0 and 1, of the shape of the predictions.
 */

import { inRange, integer, nullable, type RequiredCheck, withDefault } from "../../core/options.js";
import type { Factory } from "../factory.js";
import type { NameOption } from "../losses/loss.js";
import { countsOf, notAmongThem } from "./counts.js";
import { classCount, classNumber, mostThresholds } from "./limits.js";
import { definePairMetric, type MetricResult, type PairMetric, ratio } from "./metric.js";
import { type Confusion, evenThresholds, type Thresholds, thresholdsOf, thresholdsOption } from "./thresholds.js";

/** One number for one threshold, else a list. */
function byThreshold(value: (confusion: Confusion, i: number) => number): (confusion: Confusion) => MetricResult {
  return (confusion) => {
    const all = Array.from(confusion.truePositives, (_, i) => value(confusion, i));
    return all.length === 1 ? all[0]! : all;
  };
}

const listOf = (thresholds: number | readonly number[] | null, none = 0.5): Thresholds =>
  thresholdsOf(thresholds === null ? [none] : [thresholds].flat());

type CountOptions = { readonly thresholds: typeof thresholdsOption };

function countMetric(
  className: string,
  call: string,
  part: keyof Confusion,
): Factory<CountOptions & NameOption, PairMetric> {
  return definePairMetric<CountOptions, MetricResult>({
    className,
    call,
    options: { thresholds: thresholdsOption },
    accumulate: ({ thresholds }, name) =>
      countsOf(
        name,
        listOf(thresholds),
        {},
        byThreshold((confusion, i) => confusion[part][i]!),
      ),
  });
}

/**
 * How many labels of 1 have a prediction above the threshold. For several `thresholds` (default 0.5) a number each.
 * @example
 * const metric = metrics.truePositives();
 * metric.updateState([0, 1, 1, 1], [1, 0, 1, 1]);
 * metric.result(); // 2
 */
export const truePositives = countMetric("TruePositives", "truePositives", "truePositives");

/**
 * How many labels of 0 have a prediction that is not above the threshold, 0.5 by default.
 * @example
 * const metric = metrics.trueNegatives({ thresholds: [0.2, 0.5] });
 * metric.updateState([0, 0, 1], [0.3, 0.1, 0.9]);
 * metric.result(); // [1, 2]
 */
export const trueNegatives = countMetric("TrueNegatives", "trueNegatives", "trueNegatives");

/** How many labels of 0 have a prediction above the threshold, 0.5 by default. @example metrics.falsePositives() */
export const falsePositives = countMetric("FalsePositives", "falsePositives", "falsePositives");

/**
 * How many labels of 1 have a prediction that is not above the threshold, 0.5 by default.
 * @example metrics.falseNegatives({ thresholds: 0.3 })
 */
export const falseNegatives = countMetric("FalseNegatives", "falseNegatives", "falseNegatives");

type ChoiceOptions = CountOptions & {
  readonly topK: typeof topKOption;
  readonly classId: typeof classIdOption;
};

const topKOption = withDefault(nullable(classCount()), null);
const classIdOption = withDefault(nullable(classNumber()), null);

function shareMetric(
  className: string,
  call: string,
  wrong: "falsePositives" | "falseNegatives",
): Factory<ChoiceOptions & NameOption, PairMetric> {
  return definePairMetric<ChoiceOptions, MetricResult>({
    className,
    call,
    options: { thresholds: thresholdsOption, topK: topKOption, classId: classIdOption },
    accumulate: ({ thresholds, ...choice }, name) =>
      countsOf(
        name,
        listOf(thresholds, choice.topK === null ? 0.5 : notAmongThem),
        choice,
        byThreshold((confusion, i) => {
          const hits = confusion.truePositives[i]!;
          return ratio(hits, hits + confusion[wrong][i]!);
        }),
      ),
  });
}

/**
 * Of what is predicted positive the part that is: TP / (TP + FP), 0 where nothing is predicted positive.
 *
 * `thresholds` (default 0.5; for several the result is a list), `topK`: only the k greatest predictions of a row can be
 * positive, and are without thresholds; `classId`: only this class is looked at.
 * @example
 * const metric = metrics.precision();
 * metric.updateState([0, 1, 1, 1], [1, 0, 1, 1]);
 * metric.result().toFixed(4); // "0.6667"
 */
export const precision = shareMetric("Precision", "precision", "falsePositives");

/**
 * Of what is positive the part that is predicted so: TP / (TP + FN), 0 where nothing is positive. Options as in precision.
 * @example metrics.recall({ classId: 3, name: "recall_of_threes" })
 */
export const recall = shareMetric("Recall", "recall", "falseNegatives");

/** The two shares that are traded for each other, at one threshold. */
type Share = (confusion: Confusion, i: number) => number;

const precisionOf: Share = ({ truePositives: tp, falsePositives: fp }, i) => ratio(tp[i]!, tp[i]! + fp[i]!);
const sensitivityOf: Share = ({ truePositives: tp, falseNegatives: fn }, i) => ratio(tp[i]!, tp[i]! + fn[i]!);
const specificityOf: Share = ({ trueNegatives: tn, falsePositives: fp }, i) => ratio(tn[i]!, tn[i]! + fp[i]!);

type TradeOptions<Bound extends string> = { readonly [K in Bound]: RequiredCheck<number> } & {
  readonly numThresholds: typeof numThresholdsOption;
  readonly classId: typeof classIdOption;
};

const numThresholdsOption = withDefault(integer({ min: 1, max: mostThresholds }), 200);

function tradeMetric<Bound extends string>(
  className: string,
  call: string,
  bound: Bound,
  constrained: Share,
  wanted: Share,
): Factory<TradeOptions<Bound> & NameOption, PairMetric<number>> {
  const options = { [bound]: inRange(0, 1), numThresholds: numThresholdsOption, classId: classIdOption };
  return definePairMetric<TradeOptions<Bound>, number>({
    className,
    call,
    options: options as TradeOptions<Bound>,
    accumulate(given, name) {
      const { numThresholds, classId } = given as unknown as { numThresholds: number; classId: number | null };
      const least = (given as unknown as Record<Bound, number>)[bound];
      const thresholds = numThresholds === 1 ? thresholdsOf([0.5]) : evenThresholds(numThresholds, false);
      return countsOf(name, thresholds, { classId }, (confusion) =>
        confusion.truePositives.reduce(
          (most, _, i) => (constrained(confusion, i) >= least ? Math.max(most, wanted(confusion, i)) : most),
          0,
        ),
      );
    },
  });
}

/**
 * The greatest precision at a threshold where recall is `recall` at least; 0 where it is nowhere. `numThresholds` (200,
 * at most 100,000) thresholds from 0 to 1 are looked at; `classId`: only this class.
 * @example
 * const metric = metrics.precisionAtRecall({ recall: 0.5 });
 * metric.updateState([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]);
 * metric.result(); // 0.5
 */
export const precisionAtRecall = tradeMetric(
  "PrecisionAtRecall",
  "precisionAtRecall",
  "recall",
  sensitivityOf,
  precisionOf,
);

/**
 * The greatest recall at a threshold where precision is `precision` at least; else as precisionAtRecall.
 * @example metrics.recallAtPrecision({ precision: 0.8 })
 */
export const recallAtPrecision = tradeMetric(
  "RecallAtPrecision",
  "recallAtPrecision",
  "precision",
  precisionOf,
  sensitivityOf,
);

/**
 * The greatest sensitivity, TP / (TP + FN), at a threshold where specificity, TN / (TN + FP), is `specificity` at least;
 * else as precisionAtRecall.
 * @example metrics.sensitivityAtSpecificity({ specificity: 0.5 })
 */
export const sensitivityAtSpecificity = tradeMetric(
  "SensitivityAtSpecificity",
  "sensitivityAtSpecificity",
  "specificity",
  specificityOf,
  sensitivityOf,
);

/**
 * The greatest specificity at a threshold where sensitivity is `sensitivity` at least; else as precisionAtRecall.
 * @example metrics.specificityAtSensitivity({ sensitivity: 0.5, numThresholds: 1 })
 */
export const specificityAtSensitivity = tradeMetric(
  "SpecificityAtSensitivity",
  "specificityAtSensitivity",
  "sensitivity",
  sensitivityOf,
  specificityOf,
);
