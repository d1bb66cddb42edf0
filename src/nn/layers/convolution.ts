/** The convolutional layer whose filters see all channels, or those of their group. Pictures are [batch, height, width, channels]. */

import { OptionError, ShapeError } from "../../core/errors.js";
import { positiveInteger, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { add } from "../../graph/ops/add.js";
import { conv2d as conv2dOp } from "../../graph/ops/conv2d.js";
import { picture } from "../../graph/ops/window.js";
import { defineLayer } from "../define-layer.js";
import { toFloat } from "../to-float.js";
import { weightOf, weightOptions } from "../weight-options.js";
import { biasOf, convolvedShape, refuseStridesWithDilations, windowAttributes, windowOptions } from "./windows.js";

/**
 * y[h, w, f] = activation(bias[f] + sum over i, j, c of x[h s + i d, w s + j d, c] kernel[i, j, c, f]), s the stride, d the
 * dilation.
 *
 * Options: `filters`; `kernelSize`, one number or [height, width]; `strides` 1 by default; `padding` "valid", or "same":
 * zeros around the picture, so that stride 1 keeps its size; `dilationRate` 1: how far apart the pixels lie that a window
 * looks at; `groups` 1: channels and filters are cut into that many equal parts, and each filter sees its own part's
 * channels; `activation` "linear"; `useBias` true; `kernelInitializer` "glorotUniform"; `biasInitializer` "zeros";
 * `kernelRegularizer`, `biasRegularizer`, `activityRegularizer`, `kernelConstraint` and `biasConstraint` null.
 * Weights: kernel [height, width, channels / groups, filters], bias [filters].
 * @throws OptionError for filters that groups do not divide, and strides above 1 together with dilations; ShapeError for
 * an input that is not of pictures, channels that groups do not divide, or pictures smaller than the kernel.
 * @example layers.conv2d({ filters: 64, kernelSize: [3, 3], activation: "relu" })
 */
export const conv2d = defineLayer({
  className: "Conv2D",
  call: "conv2d",
  options: {
    filters: positiveInteger(),
    ...windowOptions,
    groups: withDefault(positiveInteger(), 1),
    ...weightOptions("kernel", "glorotUniform"),
  },
  check(options, call) {
    const { filters, groups } = options;
    refuseStridesWithDilations(call, options);
    if (filters % groups !== 0) {
      throw new OptionError(`${call}: groups must divide filters, received ${groups} groups and ${filters} filters.`);
    }
  },
  outputShape(options, inputShape, name) {
    const { filters, groups } = options;
    const { channels } = picture(name, inputShape);
    if (channels % groups !== 0) {
      throw new ShapeError(
        `${name}: channels that ${groups} groups divide expected, received ${channels} (input ${formatShape(inputShape)}).`,
      );
    }
    return convolvedShape(name, inputShape, options, filters);
  },
  weights: (options, inputShape) => [
    weightOf("kernel", [...options.kernelSize, inputShape[3]! / options.groups, options.filters], options),
    ...biasOf(options, options.filters),
  ],
  build(x, { options, weights }) {
    const { groups, activation, useBias } = options;
    const attributes = { ...windowAttributes(options), ...(groups > 1 && { groups }) };
    const y = conv2dOp([toFloat(x), weights.kernel!], attributes);
    return activation.call(useBias ? add([y, weights.bias!]) : y);
  },
});
