/** The gradient of softmax and sparse crossentropy in one. Made by fusion only. */

import { defineOp } from "../op.js";
import { rowGradientType } from "./crossentropy.js";
import { softmaxGradient } from "./softmax.js";
import { sparseCategoricalCrossentropyGradient } from "./sparseCategoricalCrossentropy.js";

/**
 * dx = softmaxGradient(p, sparseCategoricalCrossentropyGradient(p, labels, g)) for p = softmax(x): dx_j =
 * g (p_j / sum_k p_k - [j = label]) where the clip let the label's probability through, else 0. Inputs p, labels, g.
 */
export const softmaxCrossentropyGradient = defineOp({
  name: "softmaxCrossentropyGradient",
  inputs: 3,
  infer: ([p, labels, g]) => rowGradientType("softmaxCrossentropyGradient", p, labels, g),
  reference: ({ inputs: [p, labels, g], shape, rows }) => {
    const data = sparseCategoricalCrossentropyGradient.definition.reference({
      inputs: [p, labels, g],
      attributes: {},
      shape,
      rows,
    })!;
    return softmaxGradient.definition.reference({ inputs: [p, { shape, data }], attributes: {}, shape, rows });
  },
});
