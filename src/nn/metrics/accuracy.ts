/** How often predictions are right. */

import { custom, type RequiredCheck, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { argmax } from "../../graph/ops/argmax.js";
import { cast } from "../../graph/ops/cast.js";
import { equal } from "../../graph/ops/equal.js";
import { greater } from "../../graph/ops/greater.js";
import { alike, classesOf, type Labels } from "../losses/loss.js";
import { defineMetric, type MeanMetric, shareOfRows } from "./metric.js";

/** A number between 0 and 1, neither of them: what Keras takes as a threshold. */
function threshold(): RequiredCheck<number> {
  return custom(
    "a number above 0 and below 1",
    (value) => (typeof value === "number" && value > 0 && value < 1 ? value : undefined),
    { refuses: [0, 1, -0.5, 1.5, Number.NaN, "0.5", null] },
  );
}

/**
 * The share of outputs on the right side: yTrue = (yPred > threshold), threshold 0.5 by default; labels 0 and 1.
 * @example metrics.binaryAccuracy({ threshold: 0.5 })
 */
export const binaryAccuracy = defineMetric({
  className: "BinaryAccuracy",
  call: "binaryAccuracy",
  options: { threshold: withDefault(threshold(), 0.5) },
  labels: "values",
  rows(yTrue, yPred, options, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    const positive = cast([greater([predictions, constant(Math.fround(options.threshold))])], { dtype: "float32" });
    return shareOfRows(equal([labels, positive]));
  },
});

/**
 * How often the greatest prediction is where the greatest label is: for one-hot labels.
 * @example metrics.categoricalAccuracy()
 */
export const categoricalAccuracy = defineMetric({
  className: "CategoricalAccuracy",
  call: "categoricalAccuracy",
  options: {},
  labels: "values",
  rows(yTrue, yPred, _, name) {
    const [labels, predictions] = alike(yTrue, yPred, name);
    return shareOfRows(equal([argmax([labels]), argmax([predictions])]));
  },
});

/**
 * How often the greatest prediction is at the label: for class numbers, [batch] or [batch, 1].
 * @example metrics.sparseCategoricalAccuracy({ name: "acc" })
 */
export const sparseCategoricalAccuracy = defineMetric({
  className: "SparseCategoricalAccuracy",
  call: "sparseCategoricalAccuracy",
  options: {},
  labels: "classes",
  rows(yTrue, yPred, _, name) {
    const [labels, predictions] = classesOf(yTrue, yPred, name);
    return equal([cast([labels], { dtype: "int32" }), argmax([predictions])]);
  },
});

/**
 * The accuracy that fits labels and outputs, as Keras's "accuracy": binaryAccuracy for one output,
 * sparseCategoricalAccuracy for class numbers, else categoricalAccuracy. (Keras's class Accuracy, which asks for equal
 * numbers, is a different thing and seldom meant.)
 * @example metrics.accuracy()
 */
export const accuracy = defineMetric({
  className: "Accuracy",
  call: "accuracy",
  options: {},
  labels: "either",
  rows(yTrue, yPred, _, name) {
    const classes = yTrue.shape.length < yPred.shape.length || yTrue.shape.at(-1) === 1;
    return fittingAccuracy(classes ? "classes" : "values", yPred.shape.at(-1), name).values(yTrue, yPred);
  },
});

/** The accuracy for these labels and a last axis of this length. */
export function fittingAccuracy(labels: Labels, outputs: number | null | undefined, name: string): MeanMetric {
  if (outputs === 1) return binaryAccuracy({ name });
  return labels === "classes" ? sparseCategoricalAccuracy({ name }) : categoricalAccuracy({ name });
}
