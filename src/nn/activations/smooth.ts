/** Activations made of exponentials, one element at a time. */

import { boolean, nonNegative, positiveNumber, withDefault } from "../../core/options.js";
import { activation, type FormulaName } from "../../graph/ops/activation.js";
import { exp } from "../../graph/ops/exp.js";
import { sigmoid as sigmoidOp } from "../../graph/ops/sigmoid.js";
import { tanh as tanhOp } from "../../graph/ops/tanh.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineActivation, type NamedActivation } from "./activation.js";

/** An activation that is a formula without parameters. */
function plain(name: FormulaName): NamedActivation<Record<never, never>> {
  return defineActivation({
    name,
    options: {},
    apply: (x) => activation([x], { formula: name, parameters: [] }),
  });
}

/** scale x above 0, else amplitude (e^(rate x) - 1). */
function exponentialBelow(x: Tensor, scale: number, amplitude: number, rate: number): Tensor {
  return activation([x], { formula: "elu", parameters: [scale, amplitude, rate] });
}

/**
 * y = x above 0, else `alpha` (e^x - 1), alpha 1 by default.
 *
 * Clevert et al., Fast and accurate deep network learning by exponential linear units, ICLR 2016.
 * @example layers.dense({ units: 3, activation: "elu" })
 */
export const elu = defineActivation({
  name: "elu",
  options: { alpha: withDefault(nonNegative(), 1) },
  apply: (x, { alpha }) => exponentialBelow(x, 1, alpha, 1),
});

/** The fixed point of mean 0 and variance 1. */
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/**
 * y = 1.0507 x above 0, else 1.0507 · 1.6733 (e^x - 1): keeps mean 0 and variance 1, with the initializer lecunNormal.
 *
 * Klambauer et al., Self-normalizing neural networks, NeurIPS 2017.
 * @example layers.dense({ units: 3, activation: "selu", kernelInitializer: "lecunNormal" })
 */
export const selu = defineActivation({
  name: "selu",
  options: {},
  apply: (x) => exponentialBelow(x, SELU_SCALE, SELU_SCALE * SELU_ALPHA, 1),
});

/**
 * y = x above 0, else `alpha` (e^(x / alpha) - 1), alpha above 0, 1 by default: elu with slope 1 on both sides of 0.
 *
 * Barron, Continuously differentiable exponential linear units, arXiv 1704.07483 (2017).
 * @example layers.dense({ units: 3, activation: { className: "celu", config: { alpha: 0.5 } } })
 */
export const celu = defineActivation({
  name: "celu",
  options: { alpha: withDefault(positiveNumber(), 1) },
  apply: (x, { alpha }) => exponentialBelow(x, 1, alpha, 1 / alpha),
});

/**
 * y = x P(X <= x), X of the standard normal distribution; `approximate` (false by default) takes
 * x (1 + tanh(sqrt(2/π) (x + 0.044715 x³))) / 2 instead.
 *
 * Hendrycks and Gimpel, Gaussian error linear units, arXiv 1606.08415 (2016).
 * @example layers.dense({ units: 3, activation: (x) => activations.gelu(x, { approximate: true }) })
 */
export const gelu = defineActivation({
  name: "gelu",
  options: { approximate: withDefault(boolean(), false) },
  apply: (x, { approximate }) => activation([x], { formula: approximate ? "geluTanh" : "gelu", parameters: [] }),
});

/**
 * y = x / (1 + e^-x), also called swish.
 *
 * Ramachandran et al., Searching for activation functions, arXiv 1710.05941 (2017).
 * @example layers.dense({ units: 3, activation: "swish" })
 */
export const silu = plain("silu");

/**
 * y = x tanh(ln(1 + e^x)).
 *
 * Misra, Mish: a self regularized non-monotonic activation function, BMVC 2020.
 * @example layers.dense({ units: 3, activation: "mish" })
 */
export const mish = plain("mish");

/**
 * y = ln(1 + e^x), x far to the right: nothing overflows.
 * @example layers.dense({ units: 3, activation: "softplus" })
 */
export const softplus = plain("softplus");

/**
 * y = x / (1 + |x|), between -1 and 1.
 * @example layers.dense({ units: 3, activation: "softsign" })
 */
export const softsign = plain("softsign");

/**
 * y = 1 / (1 + e^-x), between 0 and 1.
 * @example layers.dense({ units: 1, activation: "sigmoid" })
 */
export const sigmoid = defineActivation({ name: "sigmoid", options: {}, apply: (x) => sigmoidOp([x]) });

/**
 * y = tanh(x), between -1 and 1.
 * @example layers.dense({ units: 3, activation: "tanh" })
 */
export const tanh = defineActivation({ name: "tanh", options: {}, apply: (x) => tanhOp([x]) });

/**
 * y = e^x.
 * @example layers.dense({ units: 3, activation: "exponential" })
 */
export const exponential = defineActivation({ name: "exponential", options: {}, apply: (x) => exp([x]) });
