/** Activations as layers of their own, without weights. */

import { nonNegative, withDefault } from "../../core/options.js";
import { activationOption, activations } from "../activations/index.js";
import { reluOptions } from "../activations/rectified.js";
import { softmaxOver } from "../activations/softmax.js";
import { axesOption } from "../axes.js";
import { defineLayer } from "../define-layer.js";
import { examplesAxes } from "../examples-axes.js";
import { toFloat } from "../to-float.js";

/**
 * y = activation(x).
 * @example layers.activation({ activation: "relu" })
 */
export const activation = defineLayer({
  className: "Activation",
  call: "activation",
  options: { activation: activationOption() },
  build: (x, { options }) => options.activation.call(toFloat(x)),
});

/**
 * y = x above `threshold` (0 by default), but `maxValue` at most (null by default: no bound), and
 * `negativeSlope` (x - threshold), 0 by default, up to it.
 * @example layers.reLU({ maxValue: 6 })
 */
export const reLU = defineLayer({
  className: "ReLU",
  call: "reLU",
  options: reluOptions,
  build: (x, { options }) => activations.relu(toFloat(x), options),
});

/**
 * y = x above 0, else `negativeSlope` x, 0.3 by default. (The activation `leakyRelu` has 0.2, as in Keras.)
 * @example layers.leakyReLU({ negativeSlope: 0.1 })
 */
export const leakyReLU = defineLayer({
  className: "LeakyReLU",
  call: "leakyReLU",
  options: { negativeSlope: withDefault(nonNegative(), 0.3) },
  build: (x, { options }) => activations.leakyRelu(toFloat(x), options),
});

/**
 * y = x above 0, else `alpha` (e^x - 1), alpha 1 by default.
 * @example layers.eLU({ alpha: 0.5 })
 */
export const eLU = defineLayer({
  className: "ELU",
  call: "eLU",
  options: { alpha: withDefault(nonNegative(), 1) },
  build: (x, { options }) => activations.elu(toFloat(x), options),
});

/**
 * y = e^x / sum of e^x over `axis` (-1 by default), or over several axes together: positive, and adding up to 1.
 * @throws ShapeError for the batch axis, and for one that x does not have.
 * @example layers.softmax({ axis: [1, 2] })
 */
export const softmax = defineLayer({
  className: "Softmax",
  call: "softmax",
  options: { axis: withDefault(axesOption(), -1) },
  outputShape({ axis }, inputShape, name) {
    examplesAxes(axis, inputShape, name);
    return inputShape;
  },
  build: (x, { options: { axis }, name }) => softmaxOver(toFloat(x), examplesAxes(axis, x.shape, name), name),
});
