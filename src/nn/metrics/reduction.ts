/** Means and sums of numbers by hand, and a metric that is a function of the user's own. */

import { ShapeError } from "../../core/errors.js";
import { custom, formatReceived, oneOf, optional, string, withDefault } from "../../core/options.js";
import { formatShape, sizeOf } from "../../core/shape.js";
import { broadcastTo } from "../../graph/ops/broadcastTo.js";
import { Tensor } from "../../graph/tensor.js";
import { defineFactory, type Factory } from "../factory.js";
import { type NameOption, nameOption } from "../losses/loss.js";
import { meanOfRows } from "../losses/reduction.js";
import { toFloat } from "../to-float.js";
import { MeanMetric, ratio } from "./metric.js";
import { asRows, partOf, type Values, weightAt, weightsOf } from "./pairs.js";

/** The mean or the sum of numbers, added by hand: it looks at no labels, so `compile` cannot use it. */
export class ValueMetric {
  #total = 0;
  #count = 0;

  constructor(
    /** Keras's name of the class: "Mean" or "Sum". */
    readonly className: "Mean" | "Sum",
    readonly name: string,
  ) {}

  /**
   * Adds values, a number or [rows, ...].
   * @param sampleWeight What they count: one for each row, or of the shape of the values; one number is the weight of the
   * mean of these rows. Default 1 for each row.
   * @throws ShapeError, DataError for what is no array or does not go together.
   */
  updateState(values: number | Values, sampleWeight?: number | Values): void {
    const given = asRows(typeof values === "number" ? [values] : values, `${this.name}: values`);
    const weights = sampleWeight === undefined ? undefined : weightsOf(this.name, sampleWeight, given.shape);
    const size = sizeOf(given.shape.slice(1));
    // Means are of rows: each counts the mean of its elements' weights.
    const part = this.className === "Mean" ? partOf(weights, given.shape[0]!) / size : 1;
    given.data.forEach((value, i) => {
      const weight = part * weightAt(weights, Math.floor(i / size), i % size);
      this.#total += weight * value;
      this.#count += weight;
    });
  }

  /** The mean of all so far (0 of none), or their sum. */
  result(): number {
    return this.className === "Mean" ? ratio(this.#total, this.#count) : this.#total;
  }

  /** Forgets them. */
  resetState(): void {
    this.#total = 0;
    this.#count = 0;
  }
}

function valueMetric(className: "Mean" | "Sum"): Factory<NameOption, ValueMetric> {
  const call = className.toLowerCase();
  return defineFactory({
    className,
    call,
    options: nameOption,
    build: ({ name = call }) => new ValueMetric(className, name),
  });
}

/**
 * The mean of numbers, each weighted by its sampleWeight: Σ w · v / Σ w.
 * @example
 * const metric = metrics.mean();
 * metric.updateState([1, 3, 5, 7]);
 * metric.updateState(9);
 * metric.result(); // 5
 */
export const mean = valueMetric("Mean");

/**
 * The sum of numbers, each weighted by its sampleWeight: Σ w · v.
 * @example
 * const metric = metrics.sum();
 * metric.updateState([1, 3], [1, 0.5]);
 * metric.result(); // 2.5
 */
export const sum = valueMetric("Sum");

/** Numbers for each row, [batch, ...], of which the mean is taken; or one for all of them. Made of tensors (`ops`). */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/**
 * The mean of a function of one's own, `fn`: (yTrue, yPred) => Tensor, made of `ops`. `labels`: "values" or "classes",
 * where it does not take what the loss takes. `compile` takes the function itself too, and logs it by its name:
 * `myMetric` as "my_metric", and one without a name as "lambda".
 * @example
 * const metric = metrics.meanMetricWrapper({ fn: losses.huber({ delta: 2 }).call, name: "huber_2" });
 * metric.updateState([[0], [4]], [[1], [1]]);
 * metric.result(); // 2.25
 */
export const meanMetricWrapper = defineFactory({
  className: "MeanMetricWrapper",
  call: "meanMetricWrapper",
  options: {
    fn: custom<MetricFunction>(
      "a function of tensors, (yTrue, yPred) => Tensor",
      (value) => (typeof value === "function" ? (value as MetricFunction) : undefined),
      { refuses: [null, "mse", 3, {}] },
    ),
    labels: withDefault(oneOf(["values", "classes", "either"]), "either"),
    name: optional(string()),
  },
  build: ({ fn, labels, name = "mean_metric_wrapper" }) =>
    new MeanMetric({ className: "MeanMetricWrapper", name, labels, config: null }, { values: valuesBy(fn, name) }),
});

function valuesBy(fn: MetricFunction, name: string): MetricFunction {
  return (yTrue, yPred) => {
    const values: unknown = fn(yTrue, yPred);
    if (!(values instanceof Tensor) || (values.shape.length > 0 && values.shape[0] !== null)) {
      const made = values instanceof Tensor ? formatShape(values.shape) : formatReceived(values);
      throw new ShapeError(
        `${name}: a metric of your own must make a tensor of [null, ...] (numbers for each row of the batch) or [] (one for all), received ${made}.`,
      );
    }
    const numbers = values.dtype === "bool" && values.shape.length === 1 ? values : toFloat(values);
    return numbers.shape.length === 0 ? broadcastTo([numbers], { shape: [null] }) : meanOfRows(numbers);
  };
}
