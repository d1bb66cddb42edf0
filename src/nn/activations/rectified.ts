/** Activations made of straight lines. */

import { nonNegative, nullable, withDefault } from "../../core/options.js";
import { activation } from "../../graph/ops/activation.js";
import { relu as reluOp } from "../../graph/ops/relu.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineActivation } from "./activation.js";

/** What `relu` and the layer of its name can be told. */
export const reluOptions = {
  negativeSlope: withDefault(nonNegative(), 0),
  maxValue: withDefault(nullable(nonNegative()), null),
  threshold: withDefault(nonNegative(), 0),
};

/** min(x, largest) above the threshold, slope (x - threshold) up to it. */
function rectify(x: Tensor, slope: number, threshold: number, largest: number): Tensor {
  if (slope === 0 && threshold === 0 && largest === Number.POSITIVE_INFINITY) return reluOp([x]);
  return activation([x], { formula: "rectify", parameters: [slope, threshold, largest] });
}

/**
 * y = x: no activation.
 * @example layers.dense({ units: 3, activation: "linear" })
 */
export const linear = defineActivation({ name: "linear", options: {}, apply: (x) => x });

/**
 * y = x above `threshold` (0 by default), but `maxValue` at most (null by default: no bound), and
 * `negativeSlope` (x - threshold), 0 by default, up to it: max(x, 0) as it is. Where two lines meet, the slope is the
 * left one's; at `maxValue` it is 0.
 * @example layers.dense({ units: 3, activation: (x) => activations.relu(x, { maxValue: 1 }) })
 */
export const relu = defineActivation({
  name: "relu",
  options: reluOptions,
  apply: (x, { negativeSlope, maxValue, threshold }) =>
    rectify(x, negativeSlope, threshold, maxValue ?? Number.POSITIVE_INFINITY),
});

/**
 * y = min(max(x, 0), 6).
 * @example layers.dense({ units: 3, activation: "relu6" })
 */
export const relu6 = defineActivation({ name: "relu6", options: {}, apply: (x) => rectify(x, 0, 0, 6) });

/**
 * y = x above 0, else `negativeSlope` x, 0.2 by default. (The layer `leakyReLU` has 0.3, as in Keras.)
 * @example layers.dense({ units: 3, activation: { className: "leakyRelu", config: { negativeSlope: 0.1 } } })
 */
export const leakyRelu = defineActivation({
  name: "leakyRelu",
  options: { negativeSlope: withDefault(nonNegative(), 0.2) },
  apply: (x, { negativeSlope }) => rectify(x, negativeSlope, 0, Number.POSITIVE_INFINITY),
});

/**
 * y = (x + 3) / 6, from 0 to 1: a sigmoid of three straight lines.
 * @example layers.dense({ units: 1, activation: "hardSigmoid" })
 */
export const hardSigmoid = defineActivation({
  name: "hardSigmoid",
  options: {},
  apply: (x) => activation([x], { formula: "hardSigmoid", parameters: [] }),
});

/**
 * y = x hardSigmoid(x), also called hardSwish.
 *
 * Howard et al., Searching for MobileNetV3, ICCV 2019.
 * @example layers.dense({ units: 3, activation: "hardSilu" })
 */
export const hardSilu = defineActivation({
  name: "hardSilu",
  options: {},
  apply: (x) => activation([x], { formula: "hardSilu", parameters: [] }),
});
