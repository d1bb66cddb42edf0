/** Convolutional layers. Pictures are [batch, height, width, channels]. */

import { boolean, oneOf, pair, positiveInteger, withDefault } from "../../core/options.js";
import { add } from "../../graph/ops/add.js";
import { conv2d as conv2dOp } from "../../graph/ops/conv2d.js";
import { picture, windowGeometry } from "../../graph/ops/window.js";
import { activationOption } from "../activations/index.js";
import { defineLayer } from "../define-layer.js";
import { toFloat } from "../to-float.js";
import { weightOf, weightOptions } from "../weight-options.js";

/**
 * y[h, w, f] = activation(bias[f] + sum over i, j, c of x[h s + i, w s + j, c] kernel[i, j, c, f]).
 *
 * Options: `filters`; `kernelSize`, one number or [height, width]; `strides` 1 by default; `padding` "valid", or "same":
 * zeros around the picture, so that stride 1 keeps its size; `activation` "linear"; `useBias` true; `kernelInitializer`
 * "glorotUniform"; `biasInitializer` "zeros"; `kernelRegularizer`, `biasRegularizer`, `activityRegularizer`,
 * `kernelConstraint` and `biasConstraint` null. Weights: kernel [height, width, channels, filters], bias [filters].
 * @throws ShapeError for an input that is not of pictures, or pictures smaller than the kernel.
 * @example layers.conv2d({ filters: 64, kernelSize: [3, 3], activation: "relu" })
 */
export const conv2d = defineLayer({
  className: "Conv2D",
  call: "conv2d",
  options: {
    filters: positiveInteger(),
    kernelSize: pair(),
    strides: withDefault(pair(), 1),
    padding: withDefault(oneOf(["valid", "same"]), "valid"),
    activation: withDefault(activationOption(), "linear"),
    useBias: withDefault(boolean(), true),
    ...weightOptions("kernel", "glorotUniform"),
    ...weightOptions("bias", "zeros"),
  },
  outputShape({ filters, kernelSize, strides, padding }, inputShape, name) {
    const { batch, height, width } = picture(name, inputShape);
    const windows = windowGeometry(name, height, width, kernelSize, { strides, padding });
    return [batch, windows.height.output, windows.width.output, filters];
  },
  weights: (options, inputShape) => [
    weightOf("kernel", [...options.kernelSize, inputShape[3]!, options.filters], options),
    ...(options.useBias ? [weightOf("bias", [options.filters], options)] : []),
  ],
  build(x, { options: { strides, padding, activation, useBias }, weights }) {
    const y = conv2dOp([toFloat(x), weights.kernel!], { strides, padding });
    return activation.call(useBias ? add([y, weights.bias!]) : y);
  },
});
