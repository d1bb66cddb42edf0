/** All metrics by name, and the metric that a name, a config or a metric means for a model's output and loss. */

import { OptionError } from "../../core/errors.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { type AnyFactory, find, type Identifier, type Room } from "../factory.js";
import { logName, shortNames } from "../losses/index.js";
import type { Labels } from "../losses/loss.js";
import {
  accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  fittingAccuracy,
  sparseCategoricalAccuracy,
} from "./accuracy.js";
import { auc } from "./auc.js";
import * as ofConfusion from "./confusion.js";
import { f1Score, fBetaScore } from "./fScore.js";
import { binaryIoU, iou, meanIoU, oneHotIoU, oneHotMeanIoU } from "./iou.js";
import * as ofLosses from "./losses.js";
import { Metric } from "./metric.js";
import { type MetricFunction, mean, meanMetricWrapper, sum, ValueMetric } from "./reduction.js";
import { concordanceCorrelation, pearsonCorrelation, r2Score, rootMeanSquaredError } from "./regression.js";
import { sparseTopKCategoricalAccuracy, topKCategoricalAccuracy } from "./topK.js";

export { type Accumulator, MeanMetric, Metric, type MetricResult, PairMetric } from "./metric.js";
export type { PairShapes } from "./pairs.js";
export type { MetricFunction, ValueMetric } from "./reduction.js";

/** Those of labels and predictions. */
const ofPredictions = {
  accuracy,
  auc,
  binaryAccuracy,
  binaryIoU,
  categoricalAccuracy,
  concordanceCorrelation,
  f1Score,
  fBetaScore,
  iou,
  meanIoU,
  meanMetricWrapper,
  oneHotIoU,
  oneHotMeanIoU,
  pearsonCorrelation,
  r2Score,
  rootMeanSquaredError,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
  ...ofConfusion,
  ...ofLosses,
} as const;

/** Makes metrics. */
export const metrics = { ...ofPredictions, mean, sum } as const;

const room: Room<Metric> = {
  what: "metric",
  factories: ofPredictions,
  aliases: {
    acc: "accuracy",
    fbeta_score: "fBetaScore",
    log_cosh: "logCoshError",
    logCosh: "logCoshError",
    logcosh: "logCoshError",
    ...shortNames,
  },
  is: (value): value is Metric => value instanceof Metric,
};

/** What `compile` takes as a metric: one by name, described or made, or a function of tensors of which the mean is taken. */
export type MetricLike = Identifier<Metric> | MetricFunction;

/** What the meaning of a metric depends on. */
export interface MetricContext {
  /** The model's output, batch axis and all. */
  readonly outputShape: Dimensions;
  /** The labels its loss takes: the metric gets the same. */
  readonly lossLabels: Labels;
}

/**
 * The metric that `identifier` names ("accuracy", "acc", "sparse_categorical_accuracy", "mse", "AUC"), describes
 * ({ className, config }) or is, or that a function of the user's own makes; an accuracy becomes the one that fits. One
 * given by name is logged by it, as in Keras.
 * @throws OptionError for an unknown name, with the nearest known one, and for a metric that takes other labels than the
 * loss.
 */
export function resolveMetric(identifier: MetricLike, { outputShape, lossLabels }: MetricContext): Metric {
  if (identifier instanceof ValueMetric) {
    throw new OptionError(
      `compile: ${identifier.name} is a mean or sum of numbers, not of labels and predictions; use it by hand, or give a function of your own, (yTrue, yPred) => Tensor.`,
    );
  }
  const found = isOwn(identifier) ? meanMetricWrapper({ fn: identifier }) : find(room, identifier, "compile");
  const name = typeof identifier === "string" ? nameOf(identifier, found) : found.name;
  if (found.labels === "either" && found.className === "Accuracy") {
    return fittingAccuracy(lossLabels, outputShape.at(-1), name);
  }
  if (found.labels !== "either" && found.labels !== lossLabels) {
    throw new OptionError(
      `compile: the metric ${found.name} takes ${spoken[found.labels]} as labels, but the loss takes ${spoken[lossLabels]}. ${advice(found, lossLabels)}`,
    );
  }
  return name === found.name ? found : found.named(name);
}

/** The name of a class stands as it is, as in Keras. */
function nameOf(identifier: string, { className }: Metric): string {
  return identifier === className ? identifier : logName(identifier);
}

/** A function that is not one of those which make metrics. */
function isOwn(value: unknown): value is MetricFunction {
  return (
    typeof value === "function" && !(Object.values(metrics) as readonly AnyFactory<unknown>[]).includes(value as never)
  );
}

const spoken: Readonly<Record<Labels, string>> = {
  classes: "class numbers",
  values: "values like the predictions (one-hot rows, for classes)",
};

/** The metric of the other kind of labels, where there is one. */
function advice({ className }: Metric, labels: Labels): string {
  const wanted = labels === "classes" ? `Sparse${className}` : className.replace("Sparse", "");
  const other = Object.entries(metrics).find(([, factory]) => factory.className === wanted && wanted !== className);
  return other === undefined ? 'Use "accuracy", or a loss with the same labels.' : `Use ${other[0]}.`;
}
