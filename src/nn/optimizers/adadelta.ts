/** Adadelta: steps in the units of the weights themselves. */

import { inRange, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { multiply } from "../../graph/ops/multiply.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { square } from "../../graph/ops/square.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineOptimizer, epsilon } from "./define.js";
import { mixed } from "./formulas.js";
import { slotsNamed } from "./rule.js";

/**
 * a ← ρ a + (1 - ρ) g², δ = g √(d + ε) / √(a + ε), d ← ρ d + (1 - ρ) δ², w ← w - r δ.
 *
 * Options: `learningRate` r 0.001 by default (the paper's is 1), `rho` ρ 0.95 (from 0 to 1), `epsilon` ε 1e-7; further ones
 * are those of all `optimizers`.
 *
 * Zeiler, Adadelta: an adaptive learning rate method, arXiv:1212.5701. https://keras.io/api/optimizers/adadelta/
 * @example optimizers.adadelta({ learningRate: 1 })
 */
export const adadelta = defineOptimizer({
  className: "Adadelta",
  call: "adadelta",
  options: { rho: withDefault(inRange(0, 1), 0.95), epsilon: epsilon() },
  rule: ({ rho, epsilon }) => ({
    slots: slotsNamed("accumulated_grad", "accumulated_delta_var"),
    step({ gradient, slots: [squares, steps], learningRate }) {
      const size = (x: Tensor) => sqrt([add([x, constant(epsilon)])]);
      const next = mixed(squares!, square([gradient]), rho);
      const delta = divide([multiply([size(steps!), gradient]), size(next)]);
      return { decrease: multiply([learningRate, delta]), slots: [next, mixed(steps!, square([delta]), rho)] };
    },
  }),
});
