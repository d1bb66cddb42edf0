/** Layers that bring their inputs to a common scale. */

import { boolean, inRange, integer, positiveNumber, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { batchNormalize, meanResult, varianceResult } from "../../graph/ops/batchNormalize.js";
import { divide } from "../../graph/ops/divide.js";
import { multiply } from "../../graph/ops/multiply.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { subtract } from "../../graph/ops/subtract.js";
import { transpose } from "../../graph/ops/transpose.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineLayer, featuresOf } from "../define-layer.js";
import { axisOf } from "../examples-axes.js";
import { initializerOption } from "../initializers/index.js";
import { toFloat } from "../to-float.js";
import { weightOf, weightOptions } from "../weight-options.js";

/** `make` of x with one axis last, and that axis back in its place. */
function withLast(x: Tensor, axis: number, make: (x: Tensor) => Tensor): Tensor {
  const axes = x.shape.map((_, i) => i);
  if (axis === axes.length - 1) return make(x);
  const there = [...axes.toSpliced(axis, 1), axis];
  const back = axes.map((i) => there.indexOf(i));
  return transpose([make(transpose([x], { permutation: there }))], { permutation: back });
}

/** What a statistic becomes by that of another batch. */
function moved(statistic: Tensor, momentum: number, batch: Tensor): Tensor {
  return add([multiply([statistic, constant(momentum)]), multiply([batch, constant(1 - momentum)])]);
}

/**
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta, for each channel: the index along `axis`, -1 by default.
 *
 * While training, mean and variance are those of the step's batch over all other axes, the variance not corrected for
 * bias; and the layer keeps moving ones: moving = momentum moving + (1 - momentum) of the batch. Elsewhere, and where the
 * layer's `trainable` is false, it takes the moving ones, and leaves them as they are.
 *
 * Options: `axis` -1; `momentum` 0.99, from 0 to 1; `epsilon` 0.001; `center` true: with beta; `scale` true: with gamma;
 * `betaInitializer` "zeros"; `gammaInitializer` "ones"; `movingMeanInitializer` "zeros"; `movingVarianceInitializer` "ones";
 * `betaRegularizer`, `gammaRegularizer`, `betaConstraint` and `gammaConstraint` null.
 * Weights: gamma, beta, moving_mean, moving_variance, each [channels]; training changes the last two, no optimizer does.
 *
 * Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing internal covariate shift, ICML 2015.
 * @throws ShapeError for the batch axis, and for one that x does not have.
 * @example layers.batchNormalization({ momentum: 0.9 })
 */
export const batchNormalization = defineLayer({
  className: "BatchNormalization",
  call: "batchNormalization",
  options: {
    axis: withDefault(integer(), -1),
    momentum: withDefault(inRange(0, 1), 0.99),
    epsilon: withDefault(positiveNumber(), 1e-3),
    center: withDefault(boolean(), true),
    scale: withDefault(boolean(), true),
    ...weightOptions("beta", "zeros"),
    ...weightOptions("gamma", "ones"),
    movingMeanInitializer: withDefault(initializerOption(), "zeros"),
    movingVarianceInitializer: withDefault(initializerOption(), "ones"),
  },
  outputShape({ axis }, inputShape, name) {
    featuresOf(name, inputShape);
    axisOf(axis, inputShape, name);
    return inputShape;
  },
  weights(options, inputShape) {
    const shape = [inputShape.at(options.axis) as number];
    return [
      ...(options.scale ? [weightOf("gamma", shape, options)] : []),
      ...(options.center ? [weightOf("beta", shape, options)] : []),
      { name: "moving_mean", shape, initializer: options.movingMeanInitializer, trainable: false },
      { name: "moving_variance", shape, initializer: options.movingVarianceInitializer, trainable: false },
    ];
  },
  build(input, { options: { axis, momentum, epsilon }, weights, context, name }) {
    const { moving_mean: movingMean, moving_variance: movingVariance } = weights as Readonly<
      Record<"moving_mean" | "moving_variance", Tensor>
    >;
    const { shape } = movingMean;
    const gamma = weights.gamma ?? constant(1, shape as number[]);
    const beta = weights.beta ?? constant(0, shape as number[]);
    return withLast(toFloat(input), axisOf(axis, input.shape, name), (x) => {
      if (!context.learns) {
        const factor = divide([gamma, sqrt([add([movingVariance, constant(epsilon)])])]);
        return add([multiply([x, factor]), subtract([beta, multiply([movingMean, factor])])]);
      }
      const y = batchNormalize([x, gamma, beta], { epsilon, activation: "linear" });
      context.update("moving_mean", moved(movingMean, momentum, batchNormalize.part(y, meanResult)));
      context.update("moving_variance", moved(movingVariance, momentum, batchNormalize.part(y, varianceResult)));
      return y;
    });
  },
});
