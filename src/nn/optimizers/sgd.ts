/** Gradient descent, with or without momentum. */

import { boolean, inRange, nonNegative, withDefault } from "../../core/options.js";
import { momentumUpdate } from "../../graph/ops/momentumUpdate.js";
import { sgdUpdate } from "../../graph/ops/sgdUpdate.js";
import { defineFactory } from "../factory.js";
import type { Optimizer } from "./optimizer.js";

/**
 * Without momentum: w ← w - r g, with learning rate r (0.01 by default) and gradient g. With `momentum` m (0 to 1, 0 by
 * default) and velocity v: v ← m v - r g, and w ← w + v, or with `nesterov` (false by default) w ← w + m v - r g.
 *
 * Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.
 * @example optimizers.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true })
 */
export const sgd = defineFactory({
  className: "SGD",
  call: "sgd",
  options: {
    learningRate: withDefault(nonNegative(), 0.01),
    momentum: withDefault(inRange(0, 1), 0),
    nesterov: withDefault(boolean(), false),
  },
  build: ({ learningRate, momentum, nesterov }, config): Optimizer => ({
    className: "SGD",
    name: "sgd",
    learningRate,
    config: config(),
    slots: ({ shape }) => (momentum === 0 ? [] : [{ name: "momentum", shape }]),
    update({ weight, gradient, slots: [velocity], learningRate: rate }) {
      if (momentum === 0) return sgdUpdate([weight, gradient, rate]);
      return momentumUpdate([weight, velocity!, gradient, rate], { momentum, nesterov });
    },
  }),
});
