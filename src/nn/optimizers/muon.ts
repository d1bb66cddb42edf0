/** Muon: momentum made orthogonal, for matrices; AdamW for all other weights. */

import { boolean, finite, inRange, integer, nonNegative, nullable, withDefault } from "../../core/options.js";
import { sum } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { matmul } from "../../graph/ops/matmul.js";
import { multiply } from "../../graph/ops/multiply.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { square } from "../../graph/ops/square.js";
import type { Tensor } from "../../graph/tensor.js";
import { adamStep } from "./adam.js";
import { beta, defineOptimizer, epsilon, patterns } from "./define.js";
import type { WeightShape } from "./optimizer.js";
import { slotsNamed } from "./rule.js";
import { searchFor } from "./search-pattern.js";

/** Every iteration is three products more in the graph of a step; from 10 on nothing changes. */
const mostIterations = 100;

const plain = { transposeA: false, transposeB: false };

/**
 * About the orthogonal matrix nearest to x, by Newton and Schulz's iteration: x is divided by its norm, then
 * x ← a x + (b A + c A²) x with A = x xᵀ so many times; of a matrix of more rows than columns its transpose.
 */
function orthogonal(x: Tensor, steps: number, [a, b, c]: readonly [number, number, number]): Tensor {
  const tall = x.shape[0]! > x.shape[1]!;
  let y = divide([x, add([sqrt([sum(square([x]))]), constant(1e-7)])]);
  for (let i = 0; i < steps; i++) {
    const product = matmul([y, y], { transposeA: tall, transposeB: !tall });
    const squared = matmul([multiply([constant(c), product]), product], plain);
    // Symmetric, so that from the right it does to a tall matrix what it does to its transpose from the left.
    const turn = add([multiply([constant(b), product]), squared]);
    y = add([multiply([constant(a), y]), matmul(tall ? [y, turn] : [turn, y], plain)]);
  }
  return y;
}

/**
 * For a weight of two axes, unless it is excluded: m ← μ m + g, and w ← w - r s O(g + μ m), or without `nesterov` (true by
 * default) O(m): O makes its matrix about orthogonal by `nsSteps` 5 (at most 100) steps with the coefficients `muonA` 3.4445,
 * `muonB` -4.775 and `muonC` 2.0315; s = `rmsRate` √(the longer side), with rmsRate 0.2, or 1 where it is null.
 * All other weights take a step of Adam with `adamBeta1` 0.9, `adamBeta2` 0.999, `epsilon` 1e-7, and `adamLrRatio` 1 times
 * the learning rate.
 *
 * Options: `learningRate` r 0.001 by default, `momentum` μ 0.95 (from 0 to 1), `weightDecay` 0.004 and for Adam's weights
 * `adamWeightDecay` 0.004 (null: none). Excluded are weights in whose path (`dense/kernel`) one of the regular expressions
 * `excludeLayers` (none) is found, and with `excludeEmbeddings` (true) those with "embedding" in it; the last layer should
 * be. Further options are those of all `optimizers`.
 *
 * Jordan et al., Muon: an optimizer for hidden layers in neural networks (2024); Liu et al., Muon is scalable for LLM
 * training, arXiv:2502.16982. https://keras.io/api/optimizers/muon/
 * @example optimizers.muon({ learningRate: 0.01, excludeLayers: ["classes"] })
 */
export const muon = defineOptimizer({
  className: "Muon",
  call: "muon",
  options: {
    adamBeta1: beta(0.9),
    adamBeta2: beta(0.999),
    adamWeightDecay: withDefault(nullable(nonNegative()), 0.004),
    epsilon: epsilon(),
    weightDecay: withDefault(nullable(nonNegative()), 0.004),
    excludeLayers: withDefault(patterns(), []),
    excludeEmbeddings: withDefault(boolean(), true),
    muonA: withDefault(finite(), 3.4445),
    muonB: withDefault(finite(), -4.775),
    muonC: withDefault(finite(), 2.0315),
    adamLrRatio: withDefault(nonNegative(), 1),
    momentum: withDefault(inRange(0, 1), 0.95),
    nsSteps: withDefault(integer({ min: 0, max: mostIterations }), 5),
    nesterov: withDefault(boolean(), true),
    rmsRate: withDefault(nullable(nonNegative()), 0.2),
  },
  rule(options) {
    const { momentum, nesterov, rmsRate } = options;
    const isExcluded = searchFor(options.excludeLayers);
    const byAdam = ({ name, shape }: WeightShape): boolean =>
      shape.length !== 2 || (options.excludeEmbeddings && name.toLowerCase().includes("embedding")) || isExcluded(name);
    const adam = { beta1: options.adamBeta1, beta2: options.adamBeta2, epsilon: options.epsilon };
    const adamSlots = slotsNamed("momentum", "velocity");
    const muonSlots = slotsNamed("momentum");
    return {
      slots: (weight) => (byAdam(weight) ? adamSlots(weight) : muonSlots(weight)),
      weightDecay: (weight) => (byAdam(weight) ? options.adamWeightDecay : options.weightDecay),
      step(context) {
        const {
          gradient,
          shape,
          slots: [m],
          learningRate,
        } = context;
        if (byAdam(context)) {
          const rate = multiply([learningRate, constant(options.adamLrRatio)]);
          return adamStep({ ...context, learningRate: rate }, adam);
        }
        const next = add([m!, add([gradient, multiply([m!, constant(momentum - 1)])])]);
        const direction = nesterov ? add([gradient, multiply([constant(momentum), next])]) : next;
        const matrix = orthogonal(direction, options.nsSteps, [options.muonA, options.muonB, options.muonC]);
        const scale = rmsRate === null ? 1 : Math.sqrt(Math.max(...shape)) * rmsRate;
        return { decrease: multiply([multiply([learningRate, constant(scale)]), matrix]), slots: [next] };
      },
    };
  },
});
