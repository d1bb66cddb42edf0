/** Crossentropy of probabilities against labels, and its gradient. */

import { defineOp } from "../op.js";
import { epsilon, rowGradientType, rowLossType } from "./crossentropy.js";
import { vectors } from "./lastAxis.js";

/** y = -ln(clip(p_label / sum_j p_j, 1e-7, 1 - 1e-7)) for each row of probabilities p, as Keras has it. */
export const sparseCategoricalCrossentropy = defineOp({
  name: "sparseCategoricalCrossentropy",
  inputs: 2,
  infer: ([p, labels]) => rowLossType("sparseCategoricalCrossentropy", p, labels),
  gradient: ({ inputs: [p, labels], gradient }) => [sparseCategoricalCrossentropyGradient([p, labels, gradient]), null],
  reference: ({ inputs: [p, labels] }) =>
    Float64Array.from(vectors(p), (row, i) => {
      const q = row[labels.data[i]!]! / row.reduce((sum, v) => sum + v, 0);
      return -Math.log(Math.min(Math.max(q, epsilon), 1 - epsilon));
    }),
});

/** dp_j = g (1 / sum_k p_k - [j = label] / p_label) where the clip let the probability through, else 0. Inputs p, labels, g. */
export const sparseCategoricalCrossentropyGradient = defineOp({
  name: "sparseCategoricalCrossentropyGradient",
  inputs: 3,
  infer: ([p, labels, g]) => rowGradientType("sparseCategoricalCrossentropyGradient", p, labels, g),
  reference: ({ inputs: [p, labels, g] }) => {
    const result = new Float64Array(p.data.length);
    const targets = vectors({ shape: p.shape, data: result });
    vectors(p).forEach((row, i) => {
      const label = labels.data[i]!;
      const sum = row.reduce((total, v) => total + v, 0);
      const q = row[label]! / sum;
      // Outside the bounds the loss is flat; NaN goes through, so that it is noticed.
      if (q < epsilon || q > 1 - epsilon) return;
      row.forEach((_, j) => {
        targets[i]![j] = g.data[i]! * (1 / sum - (j === label ? 1 / row[label]! : 0));
      });
    });
    return result;
  },
});
