/** Every loss as a metric: the mean of its rows, without regularisation. */

import type { OptionTable } from "../../core/options.js";
import { defineFactory, type Factory } from "../factory.js";
import { type Loss, losses } from "../losses/index.js";
import type { Metric } from "./metric.js";

/** The metric of a loss's formula and options. `call` is its name. */
function metricOf<T extends OptionTable>(call: string, loss: Factory<T, Loss>): Factory<T, Metric> {
  return defineFactory<T, Metric>({
    className: loss.className,
    call,
    options: loss.table,
    build(options) {
      const { className, name, labels, config, call: values } = loss.read(options);
      return { className, name, labels, config, values };
    },
  });
}

export const binaryCrossentropy = metricOf("binaryCrossentropy", losses.binaryCrossentropy);
export const categoricalCrossentropy = metricOf("categoricalCrossentropy", losses.categoricalCrossentropy);
export const hinge = metricOf("hinge", losses.hinge);
export const meanAbsoluteError = metricOf("meanAbsoluteError", losses.meanAbsoluteError);
export const meanSquaredError = metricOf("meanSquaredError", losses.meanSquaredError);
export const sparseCategoricalCrossentropy = metricOf(
  "sparseCategoricalCrossentropy",
  losses.sparseCategoricalCrossentropy,
);
