/** The area under a curve over thresholds: ROC, precision and recall, or their gains. */

import { OptionError, ShapeError } from "../../core/errors.js";
import {
  boolean,
  inRange,
  integer,
  listOf,
  nonNegative,
  nullable,
  oneOf,
  optional,
  type RequiredCheck,
  withDefault,
} from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { epsilon } from "../losses/loss.js";
import { classCount, mostClasses, mostCounts, mostThresholds } from "./limits.js";
import { type Accumulator, definePairMetric, needRows, ratio } from "./metric.js";
import { sameClasses, sizeOfPairs, weightAt } from "./pairs.js";
import {
  areEven,
  type Confusion,
  evenThresholds,
  ThresholdCounts,
  type Thresholds,
  thresholdsOf,
} from "./thresholds.js";

type Curve = "ROC" | "PR" | "PRGAIN";
type Summation = "interpolation" | "minoring" | "majoring";

/** One of some words, which Keras also takes in another spelling. */
function word<T extends string, Other extends string>(
  words: readonly T[],
  other: (word: T) => Other,
): RequiredCheck<T | Other, T> {
  const check = oneOf<T>(words);
  return { ...check, read: (value) => words.find((one) => one === value || other(one) === value) };
}

const options = {
  numThresholds: withDefault(integer({ min: 2, max: mostThresholds }), 200),
  curve: withDefault(
    word<Curve, Lowercase<Curve>>(["ROC", "PR", "PRGAIN"], (one) => one.toLowerCase() as Lowercase<Curve>),
    "ROC",
  ),
  summationMethod: withDefault(
    word<Summation, Capitalize<Summation>>(
      ["interpolation", "minoring", "majoring"],
      (one) => `${one[0]!.toUpperCase()}${one.slice(1)}` as Capitalize<Summation>,
    ),
    "interpolation",
  ),
  thresholds: optional(listOf(inRange(0, 1), "a list of numbers from 0 to 1", { most: mostThresholds })),
  multiLabel: withDefault(boolean(), false),
  numLabels: withDefault(nullable(classCount()), null),
  labelWeights: withDefault(
    nullable(listOf(nonNegative(), "a list of finite numbers, 0 or more", { most: mostClasses })),
    null,
  ),
  fromLogits: withDefault(boolean(), false),
};

interface Options {
  readonly numThresholds: number;
  readonly curve: Curve;
  readonly summationMethod: Summation;
  readonly thresholds?: readonly number[];
  readonly multiLabel: boolean;
  readonly numLabels: number | null;
  readonly labelWeights: readonly number[] | null;
  readonly fromLogits: boolean;
}

/**
 * The area under the curve that labels of 0 and 1 and predictions from 0 to 1 make over thresholds.
 *
 * `curve`: "ROC" (true over false positive rate, the default), "PR" (precision over recall) or "PRGAIN" (precision gain
 * over recall gain, Flach & Kull 2015). `summationMethod`: "interpolation" by default: trapezoids, but for "PR" the true
 * positives are interpolated and not precision (Davis & Goadrich 2006); "minoring" takes the lower end of each step,
 * "majoring" the higher one. `numThresholds` (200, at most 100,000) even thresholds, or `thresholds` of one's own between 0
 * and 1; two are added, below 0 and above 1. It comes near the exact area that `rocAucScore` computes, and needs no memory for rows.
 *
 * `multiLabel`: an area for each output, of which the mean is the result, weighted by `labelWeights`; else all outputs
 * are thrown together, each element weighted by that of its label. `numLabels` is checked where it is given.
 * `fromLogits`: predictions are scores, of which sigmoid is taken.
 * @throws OptionError for `numLabels` without `multiLabel`; with it, where labels times thresholds are more than 2^24.
 * @example
 * const metric = metrics.auc({ numThresholds: 3 });
 * metric.updateState([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]);
 * metric.result(); // 0.75
 */
export const auc = definePairMetric<typeof options, number>({
  className: "AUC",
  call: "auc",
  options,
  check({ multiLabel, numLabels }) {
    if (numLabels !== null && !multiLabel) throw new OptionError("auc: numLabels is for multiLabel alone.");
  },
  accumulate: (given, name) => accumulate(given, name),
});

function accumulate(given: Options, name: string): Accumulator<number> {
  const { multiLabel, numLabels, labelWeights, fromLogits } = given;
  const thresholds = allThresholds(given);
  let counts = multiLabel ? undefined : new ThresholdCounts(thresholds);
  let size = 0;
  return {
    expect(shapes) {
      size = sizeOfPairs(shapes, name);
      const labels = shapes.predictions.at(-1) ?? 1;
      const wanted = numLabels ?? labelWeights?.length ?? labels;
      if (wanted !== labels || (labelWeights !== null && labelWeights.length !== labels)) {
        throw new ShapeError(
          `${name}: ${numLabels === null ? "labelWeights are for" : "numLabels is"} ${wanted} labels, received predictions ${formatShape([null, ...shapes.predictions])}.`,
        );
      }
      if (!multiLabel) return;
      if (shapes.predictions.length !== 1) {
        throw new ShapeError(
          `${name}: with multiLabel, predictions [batch, labels] expected, received ${formatShape([null, ...shapes.predictions])}.`,
        );
      }
      sameClasses(name, counts?.columns ?? 0, labels);
      if (labels * thresholds.count > mostCounts) {
        throw new OptionError(
          `${name}: with multiLabel, labels times thresholds must be at most ${mostCounts}, received ${labels} labels and ${thresholds.count} thresholds. Take fewer thresholds.`,
        );
      }
      counts ??= new ThresholdCounts(thresholds, labels);
    },
    update({ rows, labels, predictions, weights }) {
      const [y, p] = [labels.data, predictions.data];
      for (let row = 0, i = 0; row < rows; row++) {
        for (let j = 0; j < size; j++, i++) {
          const score = p[i]!;
          const prediction = fromLogits ? Math.fround(1 / (1 + Math.exp(-score))) : score;
          const own = multiLabel || labelWeights === null ? 1 : labelWeights[j % labelWeights.length]!;
          counts!.add(multiLabel ? j : 0, y[i]!, prediction, own * weightAt(weights, row, j));
        }
      }
    },
    result() {
      if (counts === undefined) return needRows(name);
      const areas = Array.from({ length: counts.columns }, (_, column) => areaOf(counts!.confusion(column), given));
      if (!multiLabel) return areas[0]!;
      const [total, weight] = areas.reduce(
        ([sum, all], area, j) => [sum + area * (labelWeights?.[j] ?? 1), all + (labelWeights?.[j] ?? 1)],
        [0, 0],
      );
      return ratio(total!, weight!);
    },
  };
}

/** Those within 0 and 1, one below and one above. */
function allThresholds({ numThresholds, thresholds }: Options): Thresholds {
  if (thresholds === undefined) return evenThresholds(numThresholds, true);
  const sorted = thresholds.toSorted((a, b) => a - b);
  if (areEven([0, ...sorted, 1])) return evenThresholds(sorted.length + 2, true);
  return thresholdsOf([-epsilon, ...sorted, 1 + epsilon]);
}

function areaOf(confusion: Confusion, { curve, summationMethod }: Options): number {
  if (curve === "PR" && summationMethod === "interpolation") return interpolatedArea(confusion);
  const points = Array.from(confusion.truePositives, (_, i) => pointOf(confusion, i, curve));
  let area = 0;
  for (let i = 0; i + 1 < points.length; i++) {
    const [{ x: x0, y: y0 }, { x: x1, y: y1 }] = [points[i]!, points[i + 1]!];
    const ends = { interpolation: (y0 + y1) / 2, minoring: Math.min(y0, y1), majoring: Math.max(y0, y1) };
    area += (x0 - x1) * ends[summationMethod];
  }
  return area;
}

/** Where the curve is at a threshold. */
function pointOf(confusion: Confusion, i: number, curve: Curve): { readonly x: number; readonly y: number } {
  const [tp, fp] = [confusion.truePositives[i]!, confusion.falsePositives[i]!];
  const [tn, fn] = [confusion.trueNegatives[i]!, confusion.falseNegatives[i]!];
  const recall = ratio(tp, tp + fn);
  if (curve === "ROC") return { x: ratio(fp, fp + tn), y: recall };
  if (curve === "PR") return { x: recall, y: ratio(tp, tp + fp) };
  if (tp === 0) return { x: 0, y: 1 };
  const scale = ratio(tp + fn, tn + fp);
  return { x: Math.max(0, 1 - (scale * fn) / tp), y: 1 - (scale * fp) / tp };
}

/**
 * The area under precision over recall with true positives interpolated between two thresholds:
 * slope · (dTP + intercept · ln(P_above / P_below)) / (TP + FN), with slope = dTP / dP.
 */
function interpolatedArea({ truePositives: tp, falsePositives: fp, falseNegatives: fn }: Confusion): number {
  let area = 0;
  for (let i = 0; i + 1 < tp.length; i++) {
    const [above, below] = [tp[i]! + fp[i]!, tp[i + 1]! + fp[i + 1]!];
    const gained = tp[i]! - tp[i + 1]!;
    const slope = ratio(gained, Math.max(above - below, 0));
    const intercept = tp[i + 1]! - slope * below;
    const growth = above > 0 && below > 0 ? Math.log(above / below) : 0;
    area += ratio(slope * (gained + intercept * growth), Math.max(tp[i + 1]! + fn[i + 1]!, 0));
  }
  return area;
}
