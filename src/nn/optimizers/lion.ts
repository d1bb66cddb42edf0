/** Lion: steps of one size, by the sign of a running mean. */

import { inRange, withDefault } from "../../core/options.js";
import { multiply } from "../../graph/ops/multiply.js";
import { sign } from "../../graph/ops/sign.js";
import { defineOptimizer } from "./define.js";
import { mixed } from "./formulas.js";
import { slotsNamed } from "./rule.js";

/**
 * w ← w - r sign(β₁ m + (1 - β₁) g), then m ← β₂ m + (1 - β₂) g.
 *
 * Options: `learningRate` r 0.001 by default (a third to a tenth of Adam's is advised), `beta1` 0.9 (above 0, to 1),
 * `beta2` 0.99 (from 0 to 1); further ones are those of all `optimizers`.
 *
 * Chen et al., Symbolic discovery of optimization algorithms, arXiv:2302.06675. https://keras.io/api/optimizers/lion/
 * @example optimizers.lion({ learningRate: 1e-4, weightDecay: 0.01 })
 */
export const lion = defineOptimizer({
  className: "Lion",
  call: "lion",
  options: {
    beta1: withDefault(inRange(0, 1, { includeMin: false }), 0.9),
    beta2: withDefault(inRange(0, 1), 0.99),
  },
  rule: ({ beta1, beta2 }) => ({
    slots: slotsNamed("momentum"),
    step: ({ gradient, slots: [m], learningRate }) => ({
      decrease: multiply([learningRate, sign([mixed(m!, gradient, beta1)])]),
      slots: [mixed(m!, gradient, beta2)],
    }),
  }),
});
