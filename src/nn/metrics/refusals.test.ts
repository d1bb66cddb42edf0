import { describe, expect, it } from "vitest";
import { DataError, OptionError, ShapeError } from "../../core/errors.js";
import { metrics } from "./index.js";

describe("what cannot be used is refused", () => {
  const pairs = [
    [1, 0, 0],
    [0, 1, 0],
  ];
  it.each<[string, () => unknown, new (message: string) => Error, RegExp]>([
    [
      "other numbers of rows",
      () => metrics.auc().updateState([0], [0, 1]),
      ShapeError,
      /^auc: yTrue and yPred must have as many rows, received \[1\] and \[2\]/,
    ],
    ["no rows", () => metrics.auc().updateState([], []), ShapeError, /^auc: yTrue must have one row at least/],
    ["no array", () => metrics.auc().updateState(3 as never, [1]), DataError, /^auc: yTrue/],
    [
      "other shapes",
      () => metrics.precision().updateState(pairs, [0.5, 0.5]),
      ShapeError,
      /labels \[null, 3\] and predictions \[null\]/,
    ],
    [
      "rows unlike those before",
      () => {
        const metric = metrics.f1Score();
        metric.updateState(pairs, pairs);
        metric.updateState([[0, 1]], [[0, 1]]);
      },
      ShapeError,
      /^f1_score: 3 predictions a row expected, as before, received 2\. resetState\(\)/,
    ],
    [
      "labels unlike those before",
      () => {
        const metric = metrics.truePositives();
        metric.updateState(pairs, pairs);
        metric.updateState([1, 0], pairs);
      },
      ShapeError,
      /^true_positives: labels and predictions must have one shape, received labels \[null\]/,
    ],
    [
      "weights of no shape",
      () => metrics.recall().updateState(pairs, pairs, [1, 2, 3]),
      ShapeError,
      /sampleWeight must be a number, one for each row \[2\], or of the shape of the labels \[2, 3\], received \[3\]/,
    ],
    [
      "weights that are not finite",
      () => metrics.recall().updateState(pairs, pairs, [1, Number.NaN]),
      DataError,
      /sampleWeight must hold finite numbers, received NaN at element 1/,
    ],
    [
      "weights of elements for a mean",
      () => metrics.meanSquaredError().updateState(pairs, pairs, pairs),
      ShapeError,
      /one number a row/,
    ],
    [
      "weights of elements for an F score",
      () => metrics.f1Score().updateState(pairs, pairs, pairs),
      ShapeError,
      /one for each row/,
    ],
    [
      "weights of elements with classId",
      () => metrics.recall({ classId: 0 }).updateState(pairs, pairs, pairs),
      ShapeError,
      /with classId/,
    ],
    [
      "a class that is not there",
      () => metrics.recall({ classId: 3 }).updateState(pairs, pairs),
      ShapeError,
      /^recall: classId 3 needs predictions of 4 classes at least, received \[null, 3\]/,
    ],
    [
      "more greatest than there are",
      () => metrics.precision({ topK: 4 }).updateState(pairs, pairs),
      ShapeError,
      /topK 4 needs predictions of 4 classes/,
    ],
    [
      "topK of one number a row",
      () => metrics.precision({ topK: 1 }).updateState([0, 1], [0, 1]),
      ShapeError,
      /topK 1 needs/,
    ],
    [
      "an F score of three axes",
      () => metrics.f1Score().updateState([pairs], [pairs]),
      ShapeError,
      /\[batch, classes\] expected/,
    ],
    [
      "R² of three axes",
      () => metrics.r2Score().updateState([pairs], [pairs]),
      ShapeError,
      /\[batch, outputs\] expected/,
    ],
    [
      "labels of three axes",
      () => metrics.auc({ multiLabel: true }).updateState([pairs], [pairs]),
      ShapeError,
      /\[batch, labels\] expected/,
    ],
    [
      "other numbers of labels",
      () => metrics.auc({ multiLabel: true, numLabels: 2 }).updateState(pairs, pairs),
      ShapeError,
      /numLabels is 2 labels, received predictions \[null, 3\]/,
    ],
    [
      "other numbers of weights",
      () => metrics.auc({ labelWeights: [1, 2] }).updateState(pairs, pairs),
      ShapeError,
      /labelWeights are for 2 labels/,
    ],
    ["numLabels alone", () => metrics.auc({ numLabels: 2 }), OptionError, /^auc: numLabels is for multiLabel alone/],
    [
      "a target outside",
      () => metrics.iou({ numClasses: 2, targetClassIds: [0, 2] }),
      OptionError,
      /^iou: targetClassIds must be below numClasses \(2\), received 2/,
    ],
    [
      "a target that is not binary",
      () => metrics.binaryIoU({ targetClassIds: [2] }),
      OptionError,
      /binaryIoU: targetClassIds/,
    ],
    [
      "classes without an axis",
      () => metrics.oneHotMeanIoU({ numClasses: 2 }).updateState([0], [1]),
      ShapeError,
      /an axis of classes expected/,
    ],
    [
      "other numbers of classes",
      () => metrics.meanIoU({ numClasses: 2 }).updateState(pairs, [0, 1]),
      ShapeError,
      /as many labels as predictions expected/,
    ],
    [
      "class numbers that are not whole",
      () => metrics.sparseCategoricalAccuracy().updateState([0.5, 1], pairs),
      DataError,
      /yTrue must hold class numbers, received 0.5/,
    ],
    [
      "a missing bound",
      () => metrics.precisionAtRecall(undefined as never),
      OptionError,
      /^precisionAtRecall: recall is missing/,
    ],
    ["an unknown option", () => metrics.auc({ numThreshold: 3 } as never), OptionError, /did you mean "numThresholds"/],
    [
      "an unknown curve",
      () => metrics.auc({ curve: "RCO" as never }),
      OptionError,
      /^auc: curve must be one of "ROC", "PR", "PRGAIN", received "RCO"; did you mean "ROC"/,
    ],
    [
      "a function that makes no rows",
      () => metrics.meanMetricWrapper({ fn: () => 3 as never }).updateState([1], [1]),
      ShapeError,
      /a metric of your own must make a tensor of \[null, \.\.\.\].*received 3/,
    ],
    [
      "values without rows",
      () => metrics.mean().updateState([]),
      ShapeError,
      /^mean: values must have one row at least/,
    ],
    ["weights unlike the values", () => metrics.sum().updateState([1, 2], [1, 2, 3]), ShapeError, /^sum: sampleWeight/],
  ])("%s", (_, make, kind, message) => {
    expect(make).toThrow(kind);
    expect(make).toThrow(message);
  });
});
