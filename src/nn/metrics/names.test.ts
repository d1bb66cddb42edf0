/** Names of metrics, and the types of their options. */

import { describe, expect, expectTypeOf, it, test } from "vitest";
import { OptionError } from "../../core/errors.js";
import { losses } from "../losses/index.js";
import { metrics, resolveMetric } from "./index.js";

const values = { outputShape: [null, 3], lossLabels: "values" } as const;

describe("names", () => {
  it.each([
    ["auc", "AUC", "auc"],
    ["AUC", "AUC", "AUC"],
    ["precision", "Precision", "precision"],
    ["Precision", "Precision", "Precision"],
    ["truePositives", "TruePositives", "true_positives"],
    ["true_positives", "TruePositives", "true_positives"],
    ["f1_score", "F1Score", "f1_score"],
    ["fbeta_score", "FBetaScore", "fbeta_score"],
    ["f_beta_score", "FBetaScore", "f_beta_score"],
    ["r2_score", "R2Score", "r2_score"],
    ["top_k_categorical_accuracy", "TopKCategoricalAccuracy", "top_k_categorical_accuracy"],
    ["topKCategoricalAccuracy", "TopKCategoricalAccuracy", "top_k_categorical_accuracy"],
    ["binary_io_u", "BinaryIoU", "binary_io_u"],
    ["binaryIoU", "BinaryIoU", "binary_io_u"],
    ["MSE", "MeanSquaredError", "MSE"],
  ])("%s is found", (name, className, logged) => {
    const metric = resolveMetric(name, values);
    expect([metric.className, metric.name]).toEqual([className, logged]);
  });

  it("of metrics made by their functions are Keras's", () => {
    const { auc, f1Score, fBetaScore, binaryIoU, r2Score, sparseTopKCategoricalAccuracy, mean, sum } = metrics;
    const made = [
      auc(),
      f1Score(),
      fBetaScore(),
      binaryIoU(),
      r2Score(),
      sparseTopKCategoricalAccuracy(),
      mean(),
      sum(),
    ];
    expect(made.map(({ name }) => name)).toEqual([
      "auc",
      "f1_score",
      "fbeta_score",
      "binary_io_u",
      "r2_score",
      "sparse_top_k_categorical_accuracy",
      "mean",
      "sum",
    ]);
    function worst() {
      return null as never;
    }
    expect(resolveMetric(worst, values).name).toBe("worst");
    const myHTTPMetric$2 = () => null as never;
    expect(resolveMetric(myHTTPMetric$2, values).name).toBe("my_http_metric2");
    expect(resolveMetric(() => null as never, values).name).toBe("lambda");
  });

  it("of means of numbers are refused in compile, and so are labels that are not the loss's", () => {
    expect(() => resolveMetric(metrics.sum as never, values)).toThrow(/^compile: sum is a mean or sum of numbers/);
    for (const metric of [metrics.mean({ name: "m" }), metrics.sum({ name: "m" })]) {
      expect(() => resolveMetric(metric as never, values)).toThrow(
        new OptionError(
          "compile: m is a mean or sum of numbers, not of labels and predictions; use it by hand, or give a function of your own, (yTrue, yPred) => Tensor.",
        ),
      );
    }
    expect(() => resolveMetric("mean", values)).toThrow(/^compile: unknown metric "mean"/);
    const classes = { outputShape: [null, 3], lossLabels: "classes" } as const;
    expect(() => resolveMetric("auc", classes)).toThrow(
      /^compile: the metric auc takes values like the predictions .* but the loss takes class numbers\. Use "accuracy", or a loss with the same labels\.$/,
    );
    expect(() => resolveMetric("topKCategoricalAccuracy", classes)).toThrow(/Use sparseTopKCategoricalAccuracy\.$/);
    const iou = metrics.meanIoU({ numClasses: 3, sparseYPred: false });
    expect(resolveMetric(iou, classes)).toBe(iou);
    expect(() => resolveMetric(iou, values)).toThrow(/takes class numbers as labels/);
  });
});

test("types", () => {
  expectTypeOf(metrics.auc().result()).toEqualTypeOf<number>();
  expectTypeOf(metrics.meanSquaredError().result()).toEqualTypeOf<number>();
  expectTypeOf(metrics.f1Score().result).returns.toEqualTypeOf<number | readonly number[]>();
  metrics.auc({ curve: "pr", summationMethod: "Majoring" });
  // @ts-expect-error Keras's spelling
  expect(() => metrics.auc({ num_thresholds: 3 })).toThrow(OptionError);
  // @ts-expect-error no curve
  expect(() => metrics.auc({ curve: "precision" })).toThrow(OptionError);
  // @ts-expect-error no way to sum up
  expect(() => metrics.auc({ summationMethod: "trapezoid" })).toThrow(OptionError);
  // @ts-expect-error scikit-learn's average
  expect(() => metrics.f1Score({ average: "samples" })).toThrow(OptionError);
  // @ts-expect-error the other score's option
  expect(() => metrics.f1Score({ beta: 2 })).toThrow(OptionError);
  // @ts-expect-error Keras's spelling of the value
  expect(() => metrics.r2Score({ classAggregation: "uniform_average" })).toThrow(OptionError);
  // @ts-expect-error a bound is needed
  expect(() => metrics.recallAtPrecision()).toThrow(OptionError);
  // @ts-expect-error another bound
  expect(() => metrics.recallAtPrecision({ recall: 0.5 })).toThrow(OptionError);
  // @ts-expect-error targets are a list
  expect(() => metrics.iou({ numClasses: 2, targetClassIds: 1 })).toThrow(OptionError);
  // @ts-expect-error no labels
  expect(() => metrics.meanMetricWrapper({ fn: losses.hinge().call, labels: "numbers" })).toThrow(OptionError);
});
