/**
 * Every loss: some values and gradients of Keras 3.15.1 (JAX), finite differences, and shapes that are refused. What
 * Keras makes of many shapes and options is in test/goldens-losses.test.ts.
 */

import { describe, expect, it } from "vitest";
import { scattered } from "../../../test/support/checkLayer.js";
import { evaluate, numbers } from "../../../test/support/evaluate.js";
import type { DType } from "../../core/dtype.js";
import { ShapeError } from "../../core/errors.js";
import { sizeOf } from "../../core/shape.js";
import { mean } from "../../graph/compose.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { gradient } from "../../graph/gradient.js";
import { input } from "../../graph/leaves.js";
import { type Loss, losses } from "./index.js";

interface Data {
  readonly shape: Dimensions;
  readonly values: ArrayLike<number>;
  readonly dtype?: DType;
}

interface Case {
  readonly loss: Loss;
  readonly labels: Data;
  readonly predictions: Data;
  /** Keras's loss of each row, where the goldens have no such case. */
  readonly rows?: readonly number[];
  /** Keras's derivative of the mean over rows. */
  readonly gradient?: readonly number[];
  /** Predictions on a bound or a kink, where differences say nothing. */
  readonly kinks?: true;
}

const scores: Data = { shape: [null, 4], values: scattered(12, 1) };
const others: Data = { shape: [null, 4], values: scattered(12, 2) };
const probabilities: Data = { shape: [null, 4], values: [0.1, 0.2, 0.3, 0.4, 0, 1, 0, 0, 2, 1, 1, 4] };
const inside: Data = { shape: [null, 4], values: [0.1, 0.2, 0.3, 0.4, 0.6, 0.1, 0.2, 0.1, 0.25, 0.4, 0.15, 0.2] };
const oneHot: Data = { shape: [null, 4], values: [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1] };
const signs: Data = { shape: [null, 4], values: Array.from(oneHot.values, (v) => 2 * v - 1) };
const soft: Data = { shape: [null, 4], values: [0.1, 0.2, 0.3, 0.4, 1, 0, 0, 0, 0.25, 0.25, 0.25, 0.25] };
const classes: Data = { shape: [null], values: [2, 0, 3], dtype: "int32" };
const yesNo: Data = { shape: [null, 2], values: [0, 1, 1, 1, 1, 0] };
const chances: Data = { shape: [null, 2], values: [0.1, 0.9, 0, 1, 0.5, 0.25] };
const logits: Data = { shape: [null, 2], values: [0, -2, 30, 3, -30, 0.5] };
const logitsGradient = [0.08333334, -0.1467995, 0, -0.007904313, -0.1666667, 0.1037432];

const cases: Readonly<Record<string, Case>> = {
  meanSquaredError: {
    loss: losses.meanSquaredError(),
    labels: others,
    predictions: scores,
    rows: [1.05579, 0.8195904, 1.055791],
  },
  "meanSquaredError of three axes": {
    loss: losses.meanSquaredError(),
    labels: { shape: [null, 2, 3], values: scattered(12, 2) },
    predictions: { shape: [null, 2, 3], values: scattered(12, 1) },
    rows: [0.8983238, 1.05579],
  },
  meanAbsoluteError: {
    loss: losses.meanAbsoluteError(),
    labels: others,
    predictions: scores,
    rows: [1, 0.8819001, 1],
  },
  "hinge, labels 0 and 1": {
    loss: losses.hinge(),
    labels: oneHot,
    predictions: scores,
    rows: [1.617968, 0.8261719, 0.9442059],
    gradient: [1, 1, -1, 1, -1, 1, 1, 1, 1, 1, 1, -1].map((sign) => sign / 12),
  },
  "hinge, labels -1 and 1": {
    loss: losses.hinge(),
    labels: signs,
    predictions: scores,
    rows: [1.617968, 0.8261719, 0.9442059],
  },
  binaryCrossentropy: {
    loss: losses.binaryCrossentropy(),
    labels: yesNo,
    predictions: chances,
    rows: [0.1053605, 8.059048, 0.4904146],
    gradient: [0.1851852, -0.1851852, 0, 0, -0.3333333, 0.2222222],
    kinks: true,
  },
  "binaryCrossentropy of logits": {
    loss: losses.binaryCrossentropy({ fromLogits: true }),
    labels: yesNo,
    predictions: logits,
    rows: [1.410038, 0.02429368, 15.48704],
    gradient: logitsGradient,
  },
  "binaryCrossentropy of logits, soft labels": {
    loss: losses.binaryCrossentropy({ fromLogits: true }),
    labels: { shape: [null, 2], values: [0.5, 0.5, 0.1, 0.2, 1, 1] },
    predictions: logits,
    rows: [0.9100376, 14.72429, 15.23704],
  },
  "categoricalCrossentropy, one-hot": {
    loss: losses.categoricalCrossentropy(),
    labels: oneHot,
    predictions: probabilities,
    rows: [1.203973, 16.1181, Math.LN2],
    kinks: true,
  },
  "categoricalCrossentropy, soft labels": {
    loss: losses.categoricalCrossentropy(),
    labels: soft,
    predictions: probabilities,
    rows: [1.279854, 16.1181, 1.559581],
    gradient: [0, 0, 0, 0, 0, 0, 0, 0, 0, -0.04166667, -0.04166667, 0.02083333],
    kinks: true,
  },
  "categoricalCrossentropy of logits": {
    loss: losses.categoricalCrossentropy({ fromLogits: true }),
    labels: soft,
    predictions: scores,
    rows: [1.615653, 1.339247, 1.533687],
  },
  sparseCategoricalCrossentropy: {
    loss: losses.sparseCategoricalCrossentropy(),
    labels: classes,
    predictions: probabilities,
    rows: [1.203973, 16.1181, Math.LN2],
    gradient: [1 / 3, 1 / 3, -0.7777777, 1 / 3, 0, 0, 0, 0, 0.04166667, 0.04166667, 0.04166667, -0.04166667],
    kinks: true,
  },
  "sparseCategoricalCrossentropy of logits, uint8 labels in a column": {
    loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }),
    labels: { shape: [null, 1], values: [2, 0, 3], dtype: "uint8" },
    predictions: scores,
    rows: [2.415653, 1.339247, 1.179585],
  },
  "sparseCategoricalCrossentropy without some": {
    loss: losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: -1 }),
    labels: { shape: [null], values: [2, -1, 3], dtype: "int32" },
    predictions: scores,
    rows: [2.415653 * 1.5, 0, 1.179585 * 1.5],
  },
  meanAbsolutePercentageError: {
    loss: losses.meanAbsolutePercentageError(),
    labels: { shape: [null, 2], values: [1, -2, 4, 0.5] },
    predictions: { shape: [null, 2], values: [2, -1, 5, 0.25] },
  },
  meanSquaredLogarithmicError: {
    loss: losses.meanSquaredLogarithmicError(),
    labels: { shape: [null, 2], values: [1, 2, -1, 0.5] },
    predictions: { shape: [null, 2], values: [2, -1, 5, 0.25] },
  },
  huber: { loss: losses.huber({ delta: 0.5 }), labels: others, predictions: scores },
  logCosh: { loss: losses.logCosh(), labels: others, predictions: scores },
  squaredHinge: { loss: losses.squaredHinge(), labels: oneHot, predictions: scores },
  categoricalHinge: { loss: losses.categoricalHinge(), labels: oneHot, predictions: scores },
  klDivergence: { loss: losses.klDivergence(), labels: soft, predictions: inside },
  poisson: { loss: losses.poisson(), labels: oneHot, predictions: inside },
  cosineSimilarity: { loss: losses.cosineSimilarity(), labels: others, predictions: scores },
  "binaryCrossentropy, smoothed labels": {
    loss: losses.binaryCrossentropy({ labelSmoothing: 0.1 }),
    labels: oneHot,
    predictions: inside,
  },
  binaryFocalCrossentropy: {
    loss: losses.binaryFocalCrossentropy({ applyClassBalancing: true, gamma: 1.5 }),
    labels: oneHot,
    predictions: inside,
  },
  "binaryFocalCrossentropy of logits": {
    loss: losses.binaryFocalCrossentropy({ fromLogits: true, labelSmoothing: 0.2 }),
    labels: oneHot,
    predictions: scores,
  },
  categoricalFocalCrossentropy: {
    loss: losses.categoricalFocalCrossentropy({ gamma: 1.5 }),
    labels: soft,
    predictions: inside,
  },
  "categoricalFocalCrossentropy of logits": {
    loss: losses.categoricalFocalCrossentropy({ fromLogits: true }),
    labels: oneHot,
    predictions: scores,
  },
};

function build({ loss, labels, predictions }: Case) {
  const yTrue = input("labels", labels.shape, labels.dtype ?? "float32");
  const yPred = input("predictions", predictions.shape, "float32");
  const values = Float64Array.from(predictions.values);
  const inputs = new Map<typeof yTrue, ArrayLike<number>>([
    [yTrue, labels.values],
    [yPred, values],
  ]);
  const rows = values.length / sizeOf(predictions.shape.slice(1) as number[]);
  return { yTrue, yPred, values, bindings: { rows, inputs }, loss: loss.call(yTrue, yPred) };
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-6 * Math.max(1, Math.abs(expected[i]!)));
  });
}

describe("losses", () => {
  it.each(Object.entries(cases))("%s", (_, given) => {
    const { loss, bindings, yPred, values } = build(given);
    expect(loss.shape).toEqual([null]);
    expect(loss.dtype).toBe("float32");
    if (given.rows !== undefined) expectClose(numbers(loss, bindings), given.rows);

    const total = mean(loss);
    const [derivative] = evaluate(gradient(total, [yPred]), bindings);
    if (given.gradient !== undefined) expectClose([...derivative!.data], given.gradient);
    if (given.kinks) return;
    values.forEach((value, i) => {
      const [above, below] = [1e-5, -1e-5].map((h) => {
        values[i] = value + h;
        return numbers(total, bindings)[0]!;
      });
      values[i] = value;
      expect(Math.abs(derivative!.data[i]! - (above! - below!) / 2e-5)).toBeLessThan(1e-6);
    });
  });

  it("every loss is among the cases", () => {
    const covered = new Set(Object.values(cases).map(({ loss }) => loss.className));
    expect(covered.size).toBe(Object.keys(losses).length);
  });

  it("the derivative of a logit of 0 is sigmoid(0) - label, not one side's", () => {
    const { loss, yPred, bindings } = build({
      loss: losses.binaryCrossentropy({ fromLogits: true }),
      labels: { shape: [null], values: [0, 1, 0.25] },
      predictions: { shape: [null], values: [0, 0, 0] },
    });
    const [derivative] = evaluate(gradient(mean(loss), [yPred]), bindings);
    expectClose([...derivative!.data], [0.5 / 3, -0.5 / 3, 0.25 / 3]);
  });

  it("labels [batch] go with predictions [batch, 1], and integers with floats", () => {
    const flat = build({
      loss: losses.meanSquaredError(),
      labels: { shape: [null], values: [1, 0], dtype: "uint8" },
      predictions: { shape: [null, 1], values: [0.5, 0.25] },
    });
    expect(numbers(flat.loss, flat.bindings)).toEqual([0.25, 0.0625]);
  });
});

describe("labels and predictions that do not go together", () => {
  const call = (loss: Loss, labels: Dimensions, predictions: Dimensions) => () =>
    loss.call(input("y", labels, "int32"), input("p", predictions, "float32"));

  it.each<[string, () => unknown, string]>([
    [
      "other widths",
      call(losses.meanSquaredError(), [null, 3], [null, 10]),
      "mean_squared_error: labels and predictions must have one shape, received labels [null, 3] and predictions [null, 10].",
    ],
    [
      "class numbers for categoricalCrossentropy",
      call(losses.categoricalCrossentropy({ name: "ce" }), [null], [null, 10]),
      "ce: labels and predictions must have one shape, received labels [null] and predictions [null, 10].",
    ],
    [
      "one-hot labels for the sparse loss",
      call(losses.sparseCategoricalCrossentropy(), [null, 10], [null, 10]),
      "sparse_categorical_crossentropy: labels [batch] (class numbers) and predictions [batch, classes] expected, received labels [null, 10] and predictions [null, 10]. For one-hot labels use categorical_crossentropy.",
    ],
    [
      "pictures as predictions",
      call(losses.sparseCategoricalCrossentropy(), [null], [null, 4, 4, 10]),
      "sparse_categorical_crossentropy: labels [batch] (class numbers) and predictions [batch, classes] expected, received labels [null] and predictions [null, 4, 4, 10].",
    ],
    [
      "a single class",
      call(losses.sparseCategoricalCrossentropy(), [null], [null, 1]),
      "sparse_categorical_crossentropy: at least 2 classes expected, received predictions [null, 1]. For one output use binary_crossentropy.",
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(new ShapeError(message));
    expect(make).toThrow(ShapeError);
  });
});
