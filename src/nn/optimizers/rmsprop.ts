/** RMSprop: steps scaled by the running mean square of the gradient. */

import { boolean, inRange, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { maximum } from "../../graph/ops/maximum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { square } from "../../graph/ops/square.js";
import { subtract } from "../../graph/ops/subtract.js";
import { defineOptimizer, epsilon } from "./define.js";
import { mixed } from "./formulas.js";
import { slotsNamed } from "./rule.js";

/**
 * v ← ρ v + (1 - ρ) g², w ← w - r g / √(v + ε). With `centered` (false by default) also a ← ρ a + (1 - ρ) g, and v - a²,
 * the variance, takes v's place in w's (0 where rounding makes it less). With `momentum` m (0 to 1, 0 by default) the step
 * s = r g / √(v + ε) moves p ← m p + s, and w ← w - p.
 *
 * Options: `learningRate` r 0.001 by default, `rho` ρ 0.9 (from 0 to 1), `epsilon` ε 1e-7; further ones are those of
 * all `optimizers`.
 *
 * Hinton, Neural networks for machine learning, lecture 6e (2012). https://keras.io/api/optimizers/rmsprop/
 * @example optimizers.rmsprop({ rho: 0.95, momentum: 0.9, centered: true })
 */
export const rmsprop = defineOptimizer({
  className: "RMSprop",
  call: "rmsprop",
  options: {
    rho: withDefault(inRange(0, 1), 0.9),
    momentum: withDefault(inRange(0, 1), 0),
    epsilon: epsilon(),
    centered: withDefault(boolean(), false),
  },
  rule: ({ rho, momentum, epsilon, centered }) => ({
    slots: slotsNamed("velocity", ...(momentum > 0 ? ["momentum"] : []), ...(centered ? ["average_gradient"] : [])),
    step({ gradient, slots, learningRate }) {
      const velocity = mixed(slots[0]!, square([gradient]), rho);
      const next = [velocity];
      let spread = velocity;
      const average = centered ? mixed(slots.at(-1)!, gradient, rho) : undefined;
      if (average !== undefined) spread = maximum([subtract([velocity, square([average])]), constant(0)]);
      let decrease = divide([multiply([learningRate, gradient]), sqrt([add([spread, constant(epsilon)])])]);
      if (momentum > 0) {
        decrease = add([multiply([constant(momentum), slots[1]!]), decrease]);
        next.push(decrease);
      }
      return { decrease, slots: average === undefined ? next : [...next, average] };
    },
  }),
});
