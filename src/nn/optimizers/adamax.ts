/** Adamax: Adam by the largest gradient instead of the mean square. */

import { constant } from "../../graph/leaves.js";
import { absolute } from "../../graph/ops/absolute.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { maximum } from "../../graph/ops/maximum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { beta, defineOptimizer, epsilon } from "./define.js";
import { moved, oneMinusPower } from "./formulas.js";
import { slotsNamed } from "./rule.js";

/**
 * m ← m + (1 - β₁)(g - m), u ← max(β₂ u, |g|), w ← w - r m / ((1 - β₁ᵗ)(u + ε)), at update t counted from 1.
 *
 * Options: `learningRate` r 0.001 by default, `beta1` 0.9, `beta2` 0.999 (both from 0 up to, not including, 1),
 * `epsilon` 1e-7; further ones are those of all `optimizers`.
 *
 * Kingma & Ba, Adam: a method for stochastic optimization, arXiv:1412.6980, section 7.1.
 * https://keras.io/api/optimizers/adamax/
 * @example optimizers.adamax({ learningRate: 0.002 })
 */
export const adamax = defineOptimizer({
  className: "Adamax",
  call: "adamax",
  options: { beta1: beta(0.9), beta2: beta(0.999), epsilon: epsilon() },
  rule: ({ beta1, beta2, epsilon }) => ({
    slots: slotsNamed("momentum", "norm"),
    step({ gradient, slots: [m, u], learningRate, t }) {
      const mean = moved(m!, gradient, beta1);
      const norm = maximum([multiply([constant(beta2), u!]), absolute([gradient])]);
      const size = multiply([oneMinusPower(beta1, t), add([norm, constant(epsilon)])]);
      return { decrease: divide([multiply([learningRate, mean]), size]), slots: [mean, norm] };
    },
  }),
});
