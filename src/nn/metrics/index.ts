/** All metrics by name, and the metric that a name, a config or a metric means for a model's output and loss. */

import { OptionError } from "../../core/errors.js";
import type { Dimensions } from "../../graph/dimensions.js";
import {
  type AnyFactory,
  type Description,
  factoryAmong,
  find,
  type Identifier,
  isDescription,
  logNameOf,
  type NameIn,
  type Room,
  snakeCase,
} from "../factory.js";
import { type Loss, logName, madeLoss, resolveLoss, shortNames } from "../losses/index.js";
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
import { MeanMetric, Metric } from "./metric.js";
import { type MetricFunction, mean, meanMetricWrapper, sum, ValueMetric } from "./reduction.js";
import { concordanceCorrelation, pearsonCorrelation, r2Score, rootMeanSquaredError } from "./regression.js";
import { sparseTopKCategoricalAccuracy, topKCategoricalAccuracy } from "./topK.js";

export { type Accumulator, MeanMetric, Metric, type MetricResult } from "./metric.js";
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

const aliases = {
  acc: "accuracy",
  fbeta_score: "fBetaScore",
  log_cosh: "logCoshError",
  logCosh: "logCoshError",
  logcosh: "logCoshError",
  ...shortNames,
} as const;

const room: Room<Metric> = {
  what: "metric",
  factories: ofPredictions,
  aliases,
  is: (value): value is Metric => value instanceof Metric,
};

/** The names of metrics: in code, in Keras's snake_case, their classes', and short ones. */
export type MetricName = NameIn<typeof ofPredictions> | keyof typeof aliases | "AUC";

/**
 * What `compile` takes as a metric: one by name, described, made, or to be made with its defaults (one of `metrics`,
 * uncalled); a loss of `losses`, or a function of tensors, of which the mean is taken.
 */
export type MetricLike = Identifier<Metric, MetricName> | AnyFactory<Metric> | Loss | AnyFactory<Loss> | MetricFunction;

/** What the meaning of a metric depends on. */
interface MetricContext {
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
export function resolveMetric(identifier: MetricLike | string, { outputShape, lossLabels }: MetricContext): Metric {
  if (isOfNumbers(identifier)) {
    throw new OptionError(
      `compile: ${identifier instanceof ValueMetric ? identifier.name : snakeCase(identifier.className)} is a mean or sum of numbers, not of labels and predictions; use it by hand, or give a function of your own, (yTrue, yPred) => Tensor.`,
    );
  }
  const found = metricOf(identifier);
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

/** Whether it is a mean or sum of numbers, made or not. */
function isOfNumbers(value: unknown): value is ValueMetric | typeof mean {
  return value instanceof ValueMetric || value === mean || value === sum;
}

/** The metric that is meant, whatever the labels. A loss and a function have in logs the names that Keras gives them. */
function metricOf(identifier: MetricLike | string): Metric {
  const loss = madeLoss(identifier) ?? (isDescribedLoss(identifier) ? resolveLoss(identifier) : undefined);
  if (loss !== undefined) return ofLoss(loss);
  const factory = factoryAmong(room, identifier);
  if (factory !== undefined) return factory.read({});
  if (typeof identifier !== "function") return find(room, identifier, "compile");
  const fn = identifier as MetricFunction;
  return meanMetricWrapper({ fn, name: logNameOf(fn) });
}

/** Whether it is a loss written down: metrics have the same names, but no reduction. */
function isDescribedLoss(value: unknown): value is Description {
  return isDescription(value) && "reduction" in value.config;
}

/** The mean of a loss's rows. */
function ofLoss({ className, name, labels, config, call }: Loss): Metric {
  return new MeanMetric({ className, name, labels, config }, { values: call });
}

/** The name of a class stands as it is, as in Keras. */
function nameOf(identifier: string, { className }: Metric): string {
  return identifier === className ? identifier : logName(identifier);
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
