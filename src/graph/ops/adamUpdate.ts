/** A step of Adam: an effect. */

import { defineOp, type Op } from "../op.js";
import { checkShape, updateType } from "./effect.js";
import { checkDType } from "./unary.js";

/** Decay of the two moments, and what is added to the denominator. */
export type AdamAttributes = { readonly beta1: number; readonly beta2: number; readonly epsilon: number };

/**
 * With t = iterations + 1 and rate = lr sqrt(1 - beta2^t) / (1 - beta1^t): m += (g - m) (1 - beta1),
 * v += (g² - v) (1 - beta2), w -= rate m / (sqrt(v) + epsilon), as in Keras (Kingma and Ba 2015, the form before
 * section 2.1). Inputs w, m, v, g, lr, iterations (int32 scalar). A gradient or weight that is not finite ends the job.
 */
export const adamUpdate: Op<"adamUpdate", 6, AdamAttributes> = defineOp({
  name: "adamUpdate",
  inputs: 6,
  writes: [0, 1, 2],
  infer: ([w, m, v, g, lr, iterations]) => {
    checkShape("adamUpdate", "iterations", iterations, []);
    checkDType("adamUpdate", iterations, ["int32"], "iterations");
    return updateType(
      "adamUpdate",
      [
        ["the weights", w],
        ["the first moment", m],
        ["the second moment", v],
      ],
      g,
      lr,
    );
  },
  reference: ({ inputs: [w, m, v, g, lr, iterations], attributes: { beta1, beta2, epsilon } }) => {
    const t = iterations.data[0]! + 1;
    const rate = (lr.data[0]! * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
    for (let i = 0; i < w.data.length; i++) {
      const gradient = g.data[i]!;
      m.data[i]! += (gradient - m.data[i]!) * (1 - beta1);
      v.data[i]! += (gradient * gradient - v.data[i]!) * (1 - beta2);
      w.data[i]! -= (rate * m.data[i]!) / (Math.sqrt(v.data[i]!) + epsilon);
    }
    return undefined;
  },
});
