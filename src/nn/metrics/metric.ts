/** What a metric is and how one is defined. The metrics are beside, their names in index.ts. */

import type { OptionTable, OutputOf } from "../../core/options.js";
import { cast } from "../../graph/ops/cast.js";
import { reshape } from "../../graph/ops/reshape.js";
import type { Tensor } from "../../graph/tensor.js";
import { type Config, defineFactory, type Factory, snakeCase } from "../factory.js";
import { type Labels, type NameOption, nameOption } from "../losses/loss.js";
import { meanOfRows } from "../losses/reduction.js";

/** A number that says how good predictions are: the mean of its values over all rows. */
export interface Metric {
  /** Keras's name of the class: "SparseCategoricalAccuracy". */
  readonly className: string;
  /** The name in logs. */
  readonly name: string;
  /** What labels it takes; "either": what `resolveMetric` makes of it depends on them. */
  readonly labels: Labels | "either";
  /** Its options as plain values. */
  readonly config: Config;
  /**
   * The value of each row, [batch], float32 or bool.
   * @throws ShapeError where labels and predictions do not go together.
   */
  values(yTrue: Tensor, yPred: Tensor): Tensor;
}

/** Defines a metric. `rows` is the formula: one value a row. */
export function defineMetric<const T extends OptionTable>(definition: {
  readonly className: string;
  readonly call: string;
  readonly options: T;
  readonly labels: Labels | "either";
  rows(yTrue: Tensor, yPred: Tensor, options: OutputOf<T>, name: string): Tensor;
}): Factory<T & NameOption, Metric> {
  const { className, call, labels } = definition;
  return defineFactory<T & NameOption, Metric>({
    className,
    call,
    options: { ...definition.options, ...nameOption },
    build: (all, config) => {
      const name = (all as { name?: string }).name ?? snakeCase(className);
      return {
        className,
        name,
        labels,
        config: config(),
        values: (yTrue, yPred) => definition.rows(yTrue, yPred, all as OutputOf<T>, name),
      };
    },
  });
}

/** The share of true elements of each row; rows of one element stay bool, which is cheaper to count. */
export function shareOfRows(hits: Tensor): Tensor {
  if (hits.shape.slice(1).every((length) => length === 1)) return reshape([hits], { shape: hits.shape.slice(0, 1) });
  return meanOfRows(cast([hits], { dtype: "float32" }));
}
