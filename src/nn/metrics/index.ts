/** All metrics by name, and the metric that a name, a config or a metric means for a model's output and loss. */

import { OptionError } from "../../core/errors.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { find, type Identifier, type Room } from "../factory.js";
import { logName, shortNames } from "../losses/index.js";
import type { Labels } from "../losses/loss.js";
import {
  accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  fittingAccuracy,
  sparseCategoricalAccuracy,
} from "./accuracy.js";
import * as ofLosses from "./losses.js";
import type { Metric } from "./metric.js";

export type { Metric } from "./metric.js";

/** Makes metrics. */
export const metrics = {
  accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  ...ofLosses,
} as const;

const room: Room<Metric> = {
  what: "metric",
  factories: metrics,
  aliases: {
    acc: "accuracy",
    log_cosh: "logCoshError",
    logCosh: "logCoshError",
    logcosh: "logCoshError",
    ...shortNames,
  },
  is: (value): value is Metric =>
    typeof value === "object" && value !== null && "labels" in value && "values" in value && "config" in value,
};

/** What the meaning of a metric depends on. */
export interface MetricContext {
  /** The model's output, batch axis and all. */
  readonly outputShape: Dimensions;
  /** The labels its loss takes: the metric gets the same. */
  readonly lossLabels: Labels;
}

/**
 * The metric that `identifier` names ("accuracy", "acc", "sparse_categorical_accuracy", "mse"), describes
 * ({ className, config }) or is; an accuracy becomes the one that fits. One given by name is logged by it, as in Keras.
 * @throws OptionError for an unknown name, with the nearest known one, and for a metric that takes other labels than the
 * loss.
 */
export function resolveMetric(identifier: Identifier<Metric>, { outputShape, lossLabels }: MetricContext): Metric {
  const found = find(room, identifier, "compile");
  const name = typeof identifier === "string" ? logName(identifier) : found.name;
  if (found.labels === "either") return fittingAccuracy(lossLabels, outputShape.at(-1), name);
  if (found.labels !== lossLabels) {
    throw new OptionError(
      `compile: the metric ${found.name} takes ${spoken[found.labels]} as labels, but the loss takes ${spoken[lossLabels]}. ${advice(found, lossLabels)}`,
    );
  }
  return { ...found, name };
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
