/** How much of what is and what is predicted of a class is both: intersection over union. */

import { OptionError, ShapeError } from "../../core/errors.js";
import { boolean, finite, integer, listOf, nullable, withDefault } from "../../core/options.js";
import { sizeOf } from "../../core/shape.js";
import { epsilon, type Labels } from "../losses/loss.js";
import { classCount, classNumber, mostClasses } from "./limits.js";
import { type Accumulator, definePairMetric } from "./metric.js";
import { type PairShapes, weightAt } from "./pairs.js";

interface Options {
  readonly numClasses: number;
  readonly targetClassIds: readonly number[];
  readonly ignoreClass: number | null;
  /** Labels and predictions are class numbers; else one-hot rows or scores, of which the greatest stands for its class. */
  readonly sparseYTrue: boolean;
  readonly sparseYPred: boolean;
}

const classIds = listOf(classNumber(), "a list of class numbers", { most: mostClasses });
const numClasses = classCount();
const ignoreClass = withDefault(nullable(integer()), null);
const flag = (value: boolean) => withDefault(boolean(), value);

/**
 * For each class the share TP / (TP + FP + FN), of which the mean over `targetClassIds` is taken that occur in labels or
 * predictions; 1e-7 in each denominator.
 *
 * Labels and predictions are class numbers from 0 to `numClasses` - 1 (`numClasses`: at most 1,000,000); with
 * `sparseYTrue` or `sparseYPred` false they have a last axis of classes, the greatest of which counts: of a single one it
 * is class 0. Rows whose class is `ignoreClass` or outside are left out.
 * @throws OptionError for a target that is none of the classes.
 * @example
 * const metric = metrics.iou({ numClasses: 2, targetClassIds: [0] });
 * metric.updateState([0, 0, 1, 1], [0, 1, 0, 1]);
 * metric.result().toFixed(4); // "0.3333"
 */
export const iou = definePairMetric({
  className: "IoU",
  call: "iou",
  options: {
    numClasses,
    targetClassIds: classIds,
    ignoreClass,
    sparseYTrue: flag(true),
    sparseYPred: flag(true),
  },
  check: ({ numClasses, targetClassIds }) => checkTargets("iou", numClasses, targetClassIds),
  labels: labelsOf,
  accumulate: (given, name) => accumulate(given, name),
});

/**
 * The mean of intersection over union of all classes; options as in `iou`.
 * @example
 * const metric = metrics.meanIoU({ numClasses: 2 });
 * metric.updateState([0, 0, 1, 1], [0, 1, 0, 1]);
 * metric.result().toFixed(4); // "0.3333"
 */
export const meanIoU = definePairMetric({
  className: "MeanIoU",
  call: "meanIoU",
  options: { numClasses, ignoreClass, sparseYTrue: flag(true), sparseYPred: flag(true) },
  labels: labelsOf,
  accumulate: (given, name) => accumulate({ ...given, targetClassIds: allOf(given.numClasses) }, name),
});

/**
 * Intersection over union of one-hot labels and scores for each class; else as `iou`.
 * @example
 * const metric = metrics.oneHotIoU({ numClasses: 3, targetClassIds: [0, 2] });
 * metric.updateState([[0, 0, 1], [1, 0, 0]], [[0.2, 0.3, 0.5], [0.1, 0.2, 0.7]]);
 * metric.result().toFixed(4); // "0.2500"
 */
export const oneHotIoU = definePairMetric({
  className: "OneHotIoU",
  call: "oneHotIoU",
  options: { numClasses, targetClassIds: classIds, ignoreClass, sparseYPred: flag(false) },
  check: ({ numClasses, targetClassIds }) => checkTargets("oneHotIoU", numClasses, targetClassIds),
  accumulate: (given, name) => accumulate({ ...given, sparseYTrue: false }, name),
});

/** The mean of oneHotIoU of all classes. @example metrics.oneHotMeanIoU({ numClasses: 10 }) */
export const oneHotMeanIoU = definePairMetric({
  className: "OneHotMeanIoU",
  call: "oneHotMeanIoU",
  options: { numClasses, ignoreClass, sparseYPred: flag(false) },
  accumulate: (given, name) =>
    accumulate({ ...given, sparseYTrue: false, targetClassIds: allOf(given.numClasses) }, name),
});

/**
 * Intersection over union of labels 0 and 1 and predictions, which are of class 1 from `threshold` (0.5) on; the mean of
 * the `targetClassIds` ([0, 1]).
 * @example
 * const metric = metrics.binaryIoU({ threshold: 0.3 });
 * metric.updateState([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]);
 * metric.result().toFixed(4); // "0.3333"
 */
export const binaryIoU = definePairMetric({
  className: "BinaryIoU",
  call: "binaryIoU",
  options: { targetClassIds: withDefault(classIds, [0, 1]), threshold: withDefault(finite(), 0.5) },
  check: ({ targetClassIds }) => checkTargets("binaryIoU", 2, targetClassIds),
  accumulate({ targetClassIds, threshold }, name) {
    const least = Math.fround(threshold);
    const given = { numClasses: 2, targetClassIds, ignoreClass: null, sparseYTrue: true, sparseYPred: true };
    return accumulate(given, name, (prediction) => (prediction >= least ? 1 : 0));
  },
});

function checkTargets(call: string, numClasses: number, targets: readonly number[]): void {
  const wrong = targets.find((id) => id >= numClasses);
  if (wrong === undefined) return;
  throw new OptionError(`${call}: targetClassIds must be below numClasses (${numClasses}), received ${wrong}.`);
}

function allOf(numClasses: number): number[] {
  return Array.from({ length: numClasses }, (_, id) => id);
}

/** Class numbers for scores by class are what a sparse loss takes; everything else is of the predictions' shape. */
function labelsOf({ sparseYTrue, sparseYPred }: Pick<Options, "sparseYTrue" | "sparseYPred">): Labels {
  return sparseYTrue && !sparseYPred ? "classes" : "values";
}

function accumulate(
  given: Options,
  name: string,
  toClass: (prediction: number) => number = Math.trunc,
): Accumulator<number> {
  const { numClasses, targetClassIds, ignoreClass, sparseYTrue, sparseYPred } = given;
  // Of the confusion matrix only its diagonal and the sums of its rows and columns are looked at.
  const hits = new Float64Array(numClasses);
  const labelled = new Float64Array(numClasses);
  const predicted = new Float64Array(numClasses);
  let shapes: PairShapes = { labels: [], predictions: [] };
  return {
    expect(received) {
      shapes = received;
      const [labels, predictions] = [
        placesOf(received.labels, sparseYTrue, name),
        placesOf(received.predictions, sparseYPred, name),
      ];
      if (labels === predictions) return;
      throw new ShapeError(
        `${name}: as many labels as predictions expected, received rows of ${labels} and of ${predictions}.`,
      );
    },
    update({ rows, labels, predictions, weights }) {
      const yTrue = sparseYTrue ? Float64Array.from(labels.data, Math.trunc) : greatestIn(labels.data, shapes.labels);
      const yPred = sparseYPred
        ? Float64Array.from(predictions.data, toClass)
        : greatestIn(predictions.data, shapes.predictions);
      const places = yTrue.length / rows;
      if (weights !== undefined && weights.perRow > 1 && weights.perRow !== places) {
        throw new ShapeError(`${name}: sampleWeight must be a number, one for each row or one for each class number.`);
      }
      yTrue.forEach((label, i) => {
        const prediction = yPred[i]!;
        if (!(label >= 0 && label < numClasses && prediction >= 0 && prediction < numClasses)) return;
        if (label === ignoreClass) return;
        const weight = weightAt(weights, Math.floor(i / places), i % places);
        labelled[label]! += weight;
        predicted[prediction]! += weight;
        if (label === prediction) hits[label]! += weight;
      });
    },
    result() {
      let [sum, valid] = [0, 0];
      for (const id of targetClassIds) {
        const union = labelled[id]! + predicted[id]! - hits[id]!;
        if (union <= 1e-9) continue;
        sum += hits[id]! / (union + epsilon);
        valid++;
      }
      return sum / (valid + epsilon);
    },
  };
}

/** Class numbers in a row. */
function placesOf(shape: readonly number[], sparse: boolean, name: string): number {
  if (sparse) return sizeOf(shape);
  if (shape.length > 0) return sizeOf(shape.slice(0, -1));
  throw new ShapeError(`${name}: an axis of classes expected, received one number a row.`);
}

/** The class of each run along the last axis of rows of this shape: the place of the first of its greatest. */
function greatestIn(data: ArrayLike<number>, shape: readonly number[]): Float64Array {
  const length = shape.at(-1)!;
  return Float64Array.from({ length: data.length / length }, (_, i) => {
    let best = 0;
    for (let j = 1; j < length; j++) if (data[i * length + j]! > data[i * length + best]!) best = j;
    return best;
  });
}
