/** Nadam: Adam that looks ahead, as Nesterov's momentum does. */

import { powerOf } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { multiply } from "../../graph/ops/multiply.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { square } from "../../graph/ops/square.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { beta, defineOptimizer, epsilon } from "./define.js";
import { moved, oneMinusPower } from "./formulas.js";
import { slotsNamed } from "./rule.js";

const one = constant(1);

/** u of update t: β₁ (1 - 0.96ᵗ / 2). */
function weightOf(beta1: number, t: Tensor): Tensor {
  return multiply([constant(beta1), subtract([one, multiply([constant(0.5), powerOf(0.96, t)])])]);
}

/**
 * m and v as in `adam`; with uₜ = β₁ (1 - 0.96ᵗ / 2) and Uₜ = u₁ u₂ … uₜ:
 * w ← w - r (uₜ₊₁ m / (1 - Uₜ₊₁) + (1 - uₜ) g / (1 - Uₜ)) / (√(v / (1 - β₂ᵗ)) + ε).
 *
 * Options: `learningRate` r 0.001 by default, `beta1` 0.9, `beta2` 0.999 (both from 0 up to, not including, 1),
 * `epsilon` 1e-7; further ones are those of all `optimizers`.
 *
 * Dozat, Incorporating Nesterov momentum into Adam, ICLR 2016 workshop. https://keras.io/api/optimizers/Nadam/
 * @example optimizers.nadam({ learningRate: 0.002 })
 */
export const nadam = defineOptimizer({
  className: "Nadam",
  call: "nadam",
  options: { beta1: beta(0.9), beta2: beta(0.999), epsilon: epsilon() },
  rule: ({ beta1, beta2, epsilon }) => ({
    slots: slotsNamed("momentum", "velocity"),
    shared: {
      slots: [{ name: "u_product", shape: [], initial: 1 }],
      next: ([product], t) => [multiply([product!, weightOf(beta1, t)])],
    },
    step({ gradient, slots: [m, v], shared: [product], learningRate, t }) {
      const ahead = weightOf(beta1, add([t, one]));
      const first = moved(m!, gradient, beta1);
      const second = moved(v!, square([gradient]), beta2);
      const ofMean = divide([ahead, subtract([one, multiply([product!, ahead])])]);
      const ofGradient = divide([subtract([one, weightOf(beta1, t)]), subtract([one, product!])]);
      const mean = add([multiply([ofMean, first]), multiply([ofGradient, gradient])]);
      const size = add([sqrt([divide([second, oneMinusPower(beta2, t)])]), constant(epsilon)]);
      return { decrease: divide([multiply([learningRate, mean]), size]), slots: [first, second] };
    },
  }),
});
