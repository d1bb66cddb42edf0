/** The convolutional layer that makes pictures larger: the adjoint of a convolution. */

import { OptionError, ShapeError } from "../../core/errors.js";
import { nullable, pair, positiveInteger, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { add } from "../../graph/ops/add.js";
import { conv2dInputGradient } from "../../graph/ops/conv2d.js";
import { dilatedLength, picture, windowAxis } from "../../graph/ops/window.js";
import { defineLayer } from "../define-layer.js";
import { toFloat } from "../to-float.js";
import { weightOf, weightOptions } from "../weight-options.js";
import { biasOf, refuseStridesWithDilations, type WindowOptions, windowAttributes, windowOptions } from "./windows.js";

interface TransposedOptions extends WindowOptions {
  readonly outputPadding: readonly [number, number] | null;
}

/** The length of an axis as Keras has it. */
function transposedLength(
  length: number,
  kernel: number,
  stride: number,
  padding: "valid" | "same",
  more: number | undefined,
): number {
  if (padding === "valid") return (length - 1) * stride + kernel + (more ?? Math.max(stride - kernel, 0));
  return more === undefined ? length * stride : (length - 1) * stride + (kernel % 2) + more;
}

/**
 * Height and width of the result: those whose convolution has the size of x.
 * @throws ShapeError where there are none.
 */
function transposedSize(name: string, inputShape: Dimensions, options: TransposedOptions): readonly [number, number] {
  const { height, width } = picture(name, inputShape);
  const { kernelSize, strides, padding, dilationRate, outputPadding } = options;
  const axis = (length: number, at: 0 | 1): number => {
    const kernel = dilatedLength(kernelSize[at], dilationRate[at]);
    const result = transposedLength(length, kernel, strides[at], padding, outputPadding?.[at]);
    const back = windowAxis(result, kernel, strides[at], padding).output;
    if (back === length) return result;
    throw new ShapeError(
      `${name}: no length makes ${length} by a kernel of ${kernel} with padding "${padding}", strides ${strides[at]} and outputPadding ${outputPadding?.[at]}: ${result} makes ${back} (input ${formatShape(inputShape)}). Use a larger outputPadding, or none.`,
    );
  };
  return [axis(height, 0), axis(width, 1)];
}

/**
 * y[h, w, f] = activation(bias[f] + sum over c and all o, p, i, j with o s + i d - before = h and p s + j d - before = w
 * of x[o, p, c] kernel[i, j, f, c]): what conv2d's gradient by its input is, s the stride, d the dilation.
 *
 * Options: `filters`; `kernelSize`, one number or [height, width]; `strides` 1 by default; `padding` "valid" or "same";
 * `outputPadding` null; `dilationRate` 1; `activation` "linear"; `useBias` true; `kernelInitializer` "glorotUniform";
 * `biasInitializer` "zeros"; regularizers and constraints of both null. With k what the kernel covers, (kernelSize - 1) dilationRate + 1, an axis of length n becomes
 * (n - 1) strides + max(k, strides) with "valid" and n strides with "same", or with an outputPadding
 * (n - 1) strides + k + outputPadding and (n - 1) strides + k % 2 + outputPadding. Weights: kernel [height, width, filters,
 * channels], bias [filters].
 *
 * Keras's page: https://keras.io/api/layers/convolution_layers/convolution2d_transpose/
 * @throws OptionError for an outputPadding that is not less than the strides, and strides above 1 together with
 * dilations; ShapeError for an input that is not of pictures, or an outputPadding that fits no convolution.
 * @example layers.conv2dTranspose({ filters: 32, kernelSize: 3, strides: 2, padding: "same", activation: "relu" })
 */
export const conv2dTranspose = defineLayer({
  className: "Conv2DTranspose",
  call: "conv2dTranspose",
  options: {
    filters: positiveInteger(),
    ...windowOptions,
    outputPadding: withDefault(nullable(pair({ min: 0 })), null),
    ...weightOptions("kernel", "glorotUniform"),
  },
  check(options, call) {
    const { strides, outputPadding } = options;
    refuseStridesWithDilations(call, options);
    if (outputPadding?.some((more, axis) => more >= strides[axis]!)) {
      throw new OptionError(
        `${call}: outputPadding must be less than strides, received [${outputPadding.join(", ")}] and strides [${strides.join(", ")}].`,
      );
    }
  },
  outputShape: (options, inputShape, name) => [
    inputShape[0]!,
    ...transposedSize(name, inputShape, options),
    options.filters,
  ],
  weights: (options, inputShape) => [
    weightOf("kernel", [...options.kernelSize, options.filters, inputShape[3]!], options),
    ...biasOf(options, options.filters),
  ],
  build(x, { options, weights, name }) {
    const [height, width] = transposedSize(name, x.shape, options);
    const y = conv2dInputGradient([toFloat(x), weights.kernel!], { ...windowAttributes(options), height, width });
    return options.activation.call(options.useBias ? add([y, weights.bias!]) : y);
  },
});
