/** Adagrad: steps that shrink with the sum of squared gradients. */

import { nonNegative, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { multiply } from "../../graph/ops/multiply.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { square } from "../../graph/ops/square.js";
import { defineOptimizer, epsilon } from "./define.js";

/**
 * a ← a + g², w ← w - r g / √(a + ε).
 *
 * Options: `learningRate` r 0.001 by default, `initialAccumulatorValue` (0 or more) what a begins with, 0.1, `epsilon`
 * 1e-7; further ones are those of all `optimizers`.
 *
 * Duchi et al., Adaptive subgradient methods for online learning and stochastic optimization, JMLR 12 (2011).
 * https://keras.io/api/optimizers/adagrad/
 * @example optimizers.adagrad({ learningRate: 0.1, initialAccumulatorValue: 0 })
 */
export const adagrad = defineOptimizer({
  className: "Adagrad",
  call: "adagrad",
  options: { initialAccumulatorValue: withDefault(nonNegative(), 0.1), epsilon: epsilon() },
  rule: ({ initialAccumulatorValue, epsilon }) => ({
    slots: ({ shape }) => [{ name: "accumulator", shape, initial: initialAccumulatorValue }],
    step({ gradient, slots: [accumulator], learningRate }) {
      const sum = add([accumulator!, square([gradient])]);
      const size = sqrt([add([sum, constant(epsilon)])]);
      return { decrease: divide([multiply([learningRate, gradient]), size]), slots: [sum] };
    },
  }),
});
