/** Adam: steps scaled by running moments of the gradient; with weights that decay, AdamW. */

import { boolean, nonNegative, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { adamUpdate } from "../../graph/ops/adamUpdate.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { maximum } from "../../graph/ops/maximum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { square } from "../../graph/ops/square.js";
import { beta, defineOptimizer, epsilon } from "./define.js";
import { moved, oneMinusPower } from "./formulas.js";
import { type Change, type Rule, type StepContext, slotsNamed } from "./rule.js";

/** The numbers of Adam's formula. */
interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

const options = { beta1: beta(0.9), beta2: beta(0.999), epsilon: epsilon(), amsgrad: withDefault(boolean(), false) };

/** A step of Adam. Slots m and v, and the largest v so far where there are three. */
export function adamStep(
  { gradient, slots: [m, v, largest], learningRate, t }: StepContext,
  { beta1, beta2, epsilon }: AdamOptions,
): Change {
  const rate = divide([multiply([learningRate, sqrt([oneMinusPower(beta2, t)])]), oneMinusPower(beta1, t)]);
  const first = moved(m!, gradient, beta1);
  const second = moved(v!, square([gradient]), beta2);
  const next = largest === undefined ? [first, second] : [first, second, maximum([largest, second])];
  const decrease = divide([multiply([first, rate]), add([sqrt([next.at(-1)!]), constant(epsilon)])]);
  return { decrease, slots: next };
}

function adamRule({ amsgrad, ...numbers }: AdamOptions & { readonly amsgrad: boolean }): Rule {
  const step = (context: StepContext) => adamStep(context, numbers);
  if (amsgrad) return { slots: slotsNamed("momentum", "velocity", "velocity_hat"), step };
  return {
    slots: slotsNamed("momentum", "velocity"),
    step,
    plain: ({ weight, gradient, slots: [m, v], learningRate, iterations }) =>
      adamUpdate([weight, m!, v!, gradient, learningRate, iterations], numbers),
  };
}

/**
 * m ← m + (1 - β₁)(g - m), v ← v + (1 - β₂)(g² - v), w ← w - r √(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (√v + ε), at update t
 * counted from 1; with `amsgrad` (false by default) the largest v so far is in the place of v in w's.
 *
 * Options: `learningRate` r 0.001 by default, `beta1` 0.9, `beta2` 0.999 (both from 0 up to, not including, 1),
 * `epsilon` 1e-7. Keras's form: ε is added to the uncorrected √v, Kingma & Ba's ε-hat. Further options are those of
 * all `optimizers`.
 *
 * Kingma & Ba, Adam: a method for stochastic optimization, arXiv:1412.6980, end of section 2; Reddi et al., On the
 * convergence of Adam and beyond, arXiv:1904.09237. https://keras.io/api/optimizers/adam/
 * @example optimizers.adam({ learningRate: 1e-3 })
 */
export const adam = defineOptimizer({ className: "Adam", call: "adam", options, rule: adamRule });

/**
 * Adam with weights that decay: before each step w ← w - r d w, with `weightDecay` d 0.004 by default. All else as `adam`.
 *
 * Loshchilov & Hutter, Decoupled weight decay regularization, arXiv:1711.05101. https://keras.io/api/optimizers/adamw/
 * @example optimizers.adamW({ weightDecay: 0.01, excludeFromWeightDecay: ["bias"] })
 */
export const adamW = defineOptimizer({
  className: "AdamW",
  call: "adamW",
  options: { ...options, weightDecay: withDefault(nonNegative(), 0.004) },
  rule: adamRule,
});
