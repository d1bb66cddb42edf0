/** Crossentropy of scores (logits) against labels, through the softmax, and its gradient. */

import { defineOp } from "../op.js";
import { rowGradientType, rowLossType } from "./crossentropy.js";
import { vectors } from "./lastAxis.js";
import { logSoftmax } from "./logSoftmax.js";
import { softmax } from "./softmax.js";

/** y = ln sum_j e^(x_j) - x_label for each row of logits x, with the row's maximum taken out. */
export const sparseSoftmaxCrossentropy = defineOp({
  name: "sparseSoftmaxCrossentropy",
  inputs: 2,
  infer: ([logits, labels]) => rowLossType("sparseSoftmaxCrossentropy", logits, labels),
  gradient: ({ inputs: [logits, labels], gradient }) => [
    sparseSoftmaxCrossentropyGradient([logits, labels, gradient]),
    null,
  ],
  reference: ({ inputs: [logits, labels], rows }) => {
    const { shape } = logits;
    const data = logSoftmax.definition.reference({ inputs: [logits], attributes: {}, shape, rows })!;
    return Float64Array.from(vectors({ shape, data }), (row, i) => -row[labels.data[i]!]!);
  },
});

/** dx_j = g (softmax(x)_j - [j = label]). Inputs logits, labels, g. */
export const sparseSoftmaxCrossentropyGradient = defineOp({
  name: "sparseSoftmaxCrossentropyGradient",
  inputs: 3,
  infer: ([logits, labels, g]) => rowGradientType("sparseSoftmaxCrossentropyGradient", logits, labels, g),
  reference: ({ inputs: [logits, labels, g], shape, rows }) => {
    const data = softmax.definition.reference({ inputs: [logits], attributes: {}, shape, rows })!;
    vectors({ shape, data }).forEach((row, i) => {
      row[labels.data[i]!]! -= 1;
      for (let j = 0; j < row.length; j++) row[j]! *= g.data[i]!;
    });
    return data;
  },
});
