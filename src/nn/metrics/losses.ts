/** Every loss as a metric: the mean of its rows, without regularisation. */

import type { OptionTable } from "../../core/options.js";
import { negate } from "../../graph/ops/negate.js";
import { defineFactory, type Factory } from "../factory.js";
import { type Loss, losses } from "../losses/index.js";
import { MeanMetric } from "./metric.js";

/** Options of losses that metrics do not have: a metric is the mean over all rows. */
type LossesOwn = "reduction" | "ignoreClass";

/** What of a metric is not as it is in the loss. */
interface Differences {
  readonly className?: string;
  /** The name in logs. */
  readonly name?: string;
  /** The metric is the more, the better. */
  readonly negated?: true;
}

/** The metric of a loss's formula and options. `call` is its name. */
function metricOf<T extends OptionTable>(
  call: string,
  loss: Factory<T, Loss>,
  { className = loss.className, name, negated }: Differences = {},
): Factory<Omit<T, LossesOwn>, MeanMetric> {
  const { reduction: _, ignoreClass: __, ...options } = loss.table as OptionTable;
  return defineFactory<Omit<T, LossesOwn>, MeanMetric>({
    className,
    call,
    options: options as Omit<T, LossesOwn>,
    build(given, config) {
      const { name: own, labels, call: values } = loss.read(name === undefined ? given : { name, ...given });
      return new MeanMetric(
        { className, name: own, labels, config: config() },
        { values: negated ? (yTrue, yPred) => negate([values(yTrue, yPred)]) : values },
      );
    },
  });
}

export const binaryCrossentropy = metricOf("binaryCrossentropy", losses.binaryCrossentropy);
export const binaryFocalCrossentropy = metricOf("binaryFocalCrossentropy", losses.binaryFocalCrossentropy);
export const categoricalCrossentropy = metricOf("categoricalCrossentropy", losses.categoricalCrossentropy);
export const categoricalFocalCrossentropy = metricOf(
  "categoricalFocalCrossentropy",
  losses.categoricalFocalCrossentropy,
);
export const categoricalHinge = metricOf("categoricalHinge", losses.categoricalHinge);
/**
 * The cosine of the angle between labels and predictions: as a metric it is the greater, the better.
 * @example metrics.cosineSimilarity()
 */
export const cosineSimilarity = metricOf("cosineSimilarity", losses.cosineSimilarity, { negated: true });
export const hinge = metricOf("hinge", losses.hinge);
export const huber = metricOf("huber", losses.huber, { name: "huber" });
export const klDivergence = metricOf("klDivergence", losses.klDivergence);
/**
 * The loss logCosh under Keras's name of the metric, logged as "logcosh".
 * @example metrics.logCoshError()
 */
export const logCoshError = metricOf("logCoshError", losses.logCosh, { className: "LogCoshError", name: "logcosh" });
export const meanAbsoluteError = metricOf("meanAbsoluteError", losses.meanAbsoluteError);
export const meanAbsolutePercentageError = metricOf("meanAbsolutePercentageError", losses.meanAbsolutePercentageError);
export const meanSquaredError = metricOf("meanSquaredError", losses.meanSquaredError);
export const meanSquaredLogarithmicError = metricOf("meanSquaredLogarithmicError", losses.meanSquaredLogarithmicError);
export const poisson = metricOf("poisson", losses.poisson);
export const sparseCategoricalCrossentropy = metricOf(
  "sparseCategoricalCrossentropy",
  losses.sparseCategoricalCrossentropy,
);
export const squaredHinge = metricOf("squaredHinge", losses.squaredHinge);
