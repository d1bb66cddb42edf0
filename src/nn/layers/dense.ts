/** The fully connected layer. */

import { ShapeError } from "../../core/errors.js";
import { boolean, positiveInteger, withDefault } from "../../core/options.js";
import { formatShape, sizeOf } from "../../core/shape.js";
import { add } from "../../graph/ops/add.js";
import { conv2d } from "../../graph/ops/conv2d.js";
import { matmul } from "../../graph/ops/matmul.js";
import { reshape } from "../../graph/ops/reshape.js";
import type { Tensor } from "../../graph/tensor.js";
import { activationOption } from "../activations/index.js";
import { defineLayer, featuresOf } from "../define-layer.js";
import { toFloat } from "../to-float.js";
import { weightOf, weightOptions } from "../weight-options.js";

/**
 * y = activation(x · kernel + bias), over the last axis: [batch, ..., n] becomes [batch, ..., units].
 *
 * Options: `units`; `activation` "linear" by default; `useBias` true; `kernelInitializer` "glorotUniform";
 * `biasInitializer` "zeros"; `kernelRegularizer`, `biasRegularizer`, `activityRegularizer`, `kernelConstraint` and
 * `biasConstraint` null. Weights: kernel [n, units], bias [units].
 * @throws ShapeError for an input without a feature axis.
 * @example layers.dense({ units: 10, activation: "softmax" })
 */
export const dense = defineLayer({
  className: "Dense",
  call: "dense",
  options: {
    units: positiveInteger(),
    activation: withDefault(activationOption(), "linear"),
    useBias: withDefault(boolean(), true),
    ...weightOptions("kernel", "glorotUniform"),
    ...weightOptions("bias", "zeros"),
  },
  outputShape({ units }, inputShape, name) {
    if (featuresOf(name, inputShape).length < 1) {
      throw new ShapeError(
        `${name}: an input of [batch, features] expected, received ${formatShape(inputShape)}. Add an axis to it.`,
      );
    }
    return [...inputShape.slice(0, -1), units];
  },
  weights: (options, inputShape) => [
    weightOf("kernel", [inputShape.at(-1)!, options.units], options),
    ...(options.useBias ? [weightOf("bias", [options.units], options)] : []),
  ],
  build(x, { options: { activation, useBias }, weights }) {
    const product = timesKernel(toFloat(x), weights.kernel!);
    return activation.call(useBias ? add([product, weights.bias!]) : product);
  },
});

function timesKernel(x: Tensor, kernel: Tensor): Tensor {
  if (x.shape.length === 2) return matmul([x, kernel], { transposeA: false, transposeB: false });
  // The batch axis cannot be merged with others, so the rest become the pixels of a convolution by a 1x1 kernel.
  const [n, units] = kernel.shape as readonly number[];
  const between = x.shape.slice(1, -1) as number[];
  const pixels = reshape([x], { shape: [null, sizeOf(between), 1, n!] });
  const pointwise = conv2d([pixels, reshape([kernel], { shape: [1, 1, n!, units!] })], {
    strides: [1, 1],
    padding: "valid",
  });
  return reshape([pointwise], { shape: [null, ...between, units!] });
}
