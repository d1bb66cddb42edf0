/** Convolutional layers that look at each channel by itself, with and without mixing them afterwards. */

import { positiveInteger, withDefault } from "../../core/options.js";
import { add } from "../../graph/ops/add.js";
import { conv2d as conv2dOp } from "../../graph/ops/conv2d.js";
import { reshape } from "../../graph/ops/reshape.js";
import { picture } from "../../graph/ops/window.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineLayer } from "../define-layer.js";
import { toFloat } from "../to-float.js";
import { weightOf, weightOptions } from "../weight-options.js";
import { biasOf, convolvedShape, type WindowOptions, windowAttributes, windowOptions } from "./windows.js";

/**
 * Each channel by its own `multiplier` filters: a convolution in as many groups as channels. The kernel's [channels,
 * multiplier] lie as a grouped kernel's [1, channels multiplier].
 */
function byChannel(x: Tensor, kernel: Tensor, options: WindowOptions): Tensor {
  const [height, width, channels, multiplier] = kernel.shape as readonly [number, number, number, number];
  const filters = reshape([kernel], { shape: [height, width, 1, channels * multiplier] });
  return conv2dOp([x, filters], { ...windowAttributes(options), ...(channels > 1 && { groups: channels }) });
}

/**
 * y[h, w, c m + q] = activation(bias[c m + q] + sum over i, j of x[h s + i d, w s + j d, c] kernel[i, j, c, q]), m the
 * depth multiplier, s the stride, d the dilation.
 *
 * Options: `kernelSize`, one number or [height, width]; `strides` 1 by default; `padding` "valid", or "same": zeros around
 * the picture, so that stride 1 keeps its size; `depthMultiplier` 1: filters of each channel; `dilationRate` 1: how far
 * apart the pixels lie that a window looks at; `activation` "linear"; `useBias` true; `depthwiseInitializer`
 * "glorotUniform"; `biasInitializer` "zeros"; regularizers and constraints of both null. Weights: kernel [height, width,
 * channels, multiplier], bias [channels multiplier].
 * @throws ShapeError for an input that is not of pictures, or pictures smaller than the kernel.
 * @example layers.depthwiseConv2d({ kernelSize: 3, padding: "same", useBias: false })
 */
export const depthwiseConv2d = defineLayer({
  className: "DepthwiseConv2D",
  call: "depthwiseConv2d",
  options: {
    ...windowOptions,
    depthMultiplier: withDefault(positiveInteger(), 1),
    ...weightOptions("depthwise", "glorotUniform"),
  },
  outputShape(options, inputShape, name) {
    const { channels } = picture(name, inputShape);
    return convolvedShape(name, inputShape, options, channels * options.depthMultiplier);
  },
  weights(options, inputShape) {
    const { kernelSize, depthMultiplier } = options;
    const channels = inputShape[3]!;
    const depthwise = weightOf("depthwise", [...kernelSize, channels, depthMultiplier], options);
    return [{ ...depthwise, name: "kernel" }, ...biasOf(options, channels * depthMultiplier)];
  },
  build(x, { options, weights }) {
    const y = byChannel(toFloat(x), weights.kernel!, options);
    return options.activation.call(options.useBias ? add([y, weights.bias!]) : y);
  },
});

/**
 * y = activation(bias + z * pointwise), z the depthwise convolution of x (see depthwiseConv2d, without bias and
 * activation), and * a 1 by 1 convolution with all of its channels.
 *
 * Options: `filters`; `kernelSize`, one number or [height, width]; `strides` 1 by default; `padding` "valid" or "same";
 * `depthMultiplier` 1; `dilationRate` 1; `activation` "linear"; `useBias` true; `depthwiseInitializer` and
 * `pointwiseInitializer` "glorotUniform"; `biasInitializer` "zeros"; regularizers and constraints of all null. Weights:
 * depthwise_kernel [height, width, channels, multiplier], pointwise_kernel [1, 1, channels multiplier, filters], bias [filters].
 * @throws ShapeError for an input that is not of pictures, or pictures smaller than the kernel.
 * @example layers.separableConv2d({ filters: 64, kernelSize: 3, padding: "same", activation: "relu" })
 */
export const separableConv2d = defineLayer({
  className: "SeparableConv2D",
  call: "separableConv2d",
  options: {
    filters: positiveInteger(),
    ...windowOptions,
    depthMultiplier: withDefault(positiveInteger(), 1),
    ...weightOptions("depthwise", "glorotUniform"),
    ...weightOptions("pointwise", "glorotUniform"),
  },
  outputShape: (options, inputShape, name) => convolvedShape(name, inputShape, options, options.filters),
  weights(options, inputShape) {
    const { filters, kernelSize, depthMultiplier } = options;
    const channels = inputShape[3]!;
    const depthwise = weightOf("depthwise", [...kernelSize, channels, depthMultiplier], options);
    const pointwise = weightOf("pointwise", [1, 1, channels * depthMultiplier, filters], options);
    return [
      { ...depthwise, name: "depthwise_kernel" },
      { ...pointwise, name: "pointwise_kernel" },
      ...biasOf(options, filters),
    ];
  },
  build(x, { options, weights }) {
    const z = byChannel(toFloat(x), weights.depthwise_kernel!, options);
    const y = conv2dOp([z, weights.pointwise_kernel!], { strides: [1, 1], padding: "valid" });
    return options.activation.call(options.useBias ? add([y, weights.bias!]) : y);
  },
});
