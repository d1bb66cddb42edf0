/** Layers that add to examples, or multiply them with, random numbers while training, but for dropout (dropout.ts). */

import { inRange, nonNegativeInteger, optional } from "../../core/options.js";
import { add } from "../../graph/ops/add.js";
import { multiply } from "../../graph/ops/multiply.js";
import { randomNormal } from "../../graph/ops/randomNormal.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineLayer } from "../define-layer.js";
import type { CallContext } from "../layer-parts.js";
import { randomOf } from "../random-state.js";
import { toFloat } from "../to-float.js";

/** What a layer's random numbers depend on. */
interface Use {
  readonly options: { readonly seed?: number };
  readonly context: CallContext;
  readonly name: string;
}

/** A normal number for each element of x. */
function normals(x: Tensor, mean: number, stddev: number, purpose: string, use: Use): Tensor {
  const { state, stream } = randomOf(use.context, use.name, purpose, use.options.seed);
  return randomNormal([state], { shape: x.shape, mean, stddev, stream });
}

/**
 * While training, y = x + noise of mean 0 and standard deviation `stddev`, from 0 to 1; elsewhere y = x. The numbers: a
 * function of fit's seed, the layer's name, epoch, step and place; `seed` gives this layer numbers of its own beyond its name.
 * @example layers.gaussianNoise({ stddev: 0.1 })
 */
export const gaussianNoise = defineLayer({
  className: "GaussianNoise",
  call: "gaussianNoise",
  options: { stddev: inRange(0, 1), seed: optional(nonNegativeInteger()) },
  build(input, use) {
    const x = toFloat(input);
    const { stddev } = use.options;
    if (!use.context.training || stddev === 0) return x;
    return add([x, normals(x, 0, stddev, "gaussianNoise", use)]);
  },
});

/**
 * While training, y = x times noise of mean 1 and standard deviation sqrt(rate / (1 - rate)), as much as dropout of this
 * rate has; elsewhere y = x. `rate` is from 0 up to, not including, 1. `seed` as gaussianNoise's.
 *
 * Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, JMLR 15 (2014), section 10.
 * @example layers.gaussianDropout({ rate: 0.3 })
 */
export const gaussianDropout = defineLayer({
  className: "GaussianDropout",
  call: "gaussianDropout",
  options: { rate: inRange(0, 1, { includeMax: false }), seed: optional(nonNegativeInteger()) },
  build(input, use) {
    const x = toFloat(input);
    const { rate } = use.options;
    if (!use.context.training || rate === 0) return x;
    return multiply([x, normals(x, 1, Math.sqrt(rate / (1 - rate)), "gaussianDropout", use)]);
  },
});
