/** Adam: steps scaled by running moments of the gradient. */

import { inRange, nonNegative, positiveNumber, withDefault } from "../../core/options.js";
import { adamUpdate } from "../../graph/ops/adamUpdate.js";
import { defineFactory } from "../factory.js";
import type { Optimizer } from "./optimizer.js";

/**
 * m ← m + (1 - β₁)(g - m), v ← v + (1 - β₂)(g² - v), w ← w - r √(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (√v + ε), at update t
 * counted from 1.
 *
 * Options: `learningRate` r 0.001 by default, `beta1` 0.9, `beta2` 0.999 (both from 0 up to, not including, 1),
 * `epsilon` 1e-7. Keras's form: ε is added to the uncorrected √v, Kingma & Ba's ε-hat.
 *
 * Kingma & Ba, Adam: a method for stochastic optimization, arXiv:1412.6980, end of section 2.
 * @example optimizers.adam({ learningRate: 1e-3 })
 */
export const adam = defineFactory({
  className: "Adam",
  call: "adam",
  options: {
    learningRate: withDefault(nonNegative(), 0.001),
    beta1: withDefault(inRange(0, 1, { includeMax: false }), 0.9),
    beta2: withDefault(inRange(0, 1, { includeMax: false }), 0.999),
    epsilon: withDefault(positiveNumber(), 1e-7),
  },
  build: ({ learningRate, beta1, beta2, epsilon }, config): Optimizer => ({
    className: "Adam",
    name: "adam",
    learningRate,
    config: config(),
    slots: ({ shape }) => [
      { name: "momentum", shape },
      { name: "velocity", shape },
    ],
    update: ({ weight, gradient, slots: [m, v], learningRate: rate, iterations }) =>
      adamUpdate([weight, m!, v!, gradient, rate, iterations], { beta1, beta2, epsilon }),
  }),
});
