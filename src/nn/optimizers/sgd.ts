/** Gradient descent, with or without momentum. */

import { boolean, inRange, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { momentumUpdate } from "../../graph/ops/momentumUpdate.js";
import { multiply } from "../../graph/ops/multiply.js";
import { negate } from "../../graph/ops/negate.js";
import { sgdUpdate } from "../../graph/ops/sgdUpdate.js";
import { subtract } from "../../graph/ops/subtract.js";
import { defineOptimizer } from "./define.js";
import { slotsNamed } from "./rule.js";

/**
 * Without momentum: w ← w - r g, with learning rate r (0.01 by default) and gradient g. With `momentum` m (0 to 1, 0 by
 * default) and velocity v: v ← m v - r g, and w ← w + v, or with `nesterov` (false by default) w ← w + m v - r g.
 * Further options are those of all `optimizers`.
 *
 * Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.
 * https://keras.io/api/optimizers/sgd/
 * @example optimizers.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true })
 */
export const sgd = defineOptimizer({
  className: "SGD",
  call: "sgd",
  learningRate: 0.01,
  options: {
    momentum: withDefault(inRange(0, 1), 0),
    nesterov: withDefault(boolean(), false),
  },
  rule: ({ momentum, nesterov }) => ({
    slots: momentum === 0 ? slotsNamed() : slotsNamed("momentum"),
    step({ gradient, slots: [velocity], learningRate }) {
      const step = multiply([learningRate, gradient]);
      if (momentum === 0) return { decrease: step, slots: [] };
      const part = constant(momentum);
      const next = subtract([multiply([part, velocity!]), step]);
      const decrease = nesterov ? subtract([step, multiply([part, next])]) : negate([next]);
      return { decrease, slots: [next] };
    },
    plain({ weight, gradient, slots: [velocity], learningRate }) {
      if (momentum === 0) return sgdUpdate([weight, gradient, learningRate]);
      return momentumUpdate([weight, velocity!, gradient, learningRate], { momentum, nesterov });
    },
  }),
});
