/**
 * Normalisation by the statistics of the batch, and its gradients. Statistics are those of each channel, the last axis,
 * over all others; the variance is not corrected for bias. A backend reads x once for them, and once to normalise it.
 */

import { sizeOf } from "../../core/shape.js";
import { defineOp, type Op, type ReferenceContext, type ResultDefinition, type Tuple, type Value } from "../op.js";
import type { TensorType } from "../tensor.js";
import type { FusedActivation } from "./dense.js";
import { checkShape } from "./effect.js";
import { lastAxis } from "./lastAxis.js";
import { floatType } from "./unary.js";

/** What may be applied to what is normalised, in the same walk: relu6 is relu, 6 at most. */
export type ChannelActivation = FusedActivation | "relu6";

/** Attributes of batchNormalize and its gradients. */
export type BatchNormalizeAttributes = { readonly epsilon: number; readonly activation: ChannelActivation };

/** Number of the mean among the results of batchNormalize. */
export const meanResult = 1;
/** Number of the variance among the results of batchNormalize. */
export const varianceResult = 2;
/** Number of dgamma among the results of the gradients. */
export const gammaResult = 1;
/** Number of dbeta among the results of the gradients. */
export const betaResult = 2;

/**
 * Refuses anything but one float32 number for each channel of x.
 * @throws ShapeError or DataError naming the op.
 */
export function checkChannels(name: string, x: TensorType, given: Readonly<Record<string, TensorType>>): TensorType {
  const type = floatType(name, x);
  const channels = lastAxis(name, x);
  for (const [what, one] of Object.entries(given)) {
    checkShape(name, what, one, [channels]);
    floatType(name, one);
  }
  return type;
}

/** activation(v). */
export function activate(v: number, activation: ChannelActivation): number {
  if (activation === "linear") return v;
  return activation === "relu" ? Math.max(v, 0) : Math.min(Math.max(v, 0), 6);
}

/** Whether a gradient passes the activation of v: at its kinks it does not, as in Keras. */
function passes(v: number, activation: ChannelActivation): boolean {
  return activation === "linear" || (v > 0 && !(activation === "relu6" && v >= 6));
}

/** The mean and the variance of each channel. */
function statistics({ shape, data }: Value): { readonly mean: Float64Array; readonly variance: Float64Array } {
  const channels = shape.at(-1)!;
  const count = data.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  data.forEach((v, i) => {
    mean[i % channels]! += v / count;
  });
  data.forEach((v, i) => {
    variance[i % channels]! += (v - mean[i % channels]!) ** 2 / count;
  });
  return { mean, variance };
}

type Inputs = Tuple<TensorType, 3>;

function forwardType([x, gamma, beta]: Inputs): TensorType {
  return checkChannels("batchNormalize", x, { "a gamma": gamma, "a beta": beta });
}

function statisticsResult(which: "mean" | "variance"): ResultDefinition<3, BatchNormalizeAttributes> {
  return {
    infer: (inputs) => ({ shape: [forwardType(inputs).shape.at(-1)!], dtype: "float32" }),
    reference: ({ inputs: [x] }) => statistics(x)[which],
  };
}

/**
 * y = activation((x - mean) gamma / sqrt(variance + epsilon) + beta), mean and variance those of x. Inputs x, gamma, beta.
 * Results beside y: the mean and the variance, of which nothing is differentiated.
 *
 * Ioffe and Szegedy, Batch normalization, ICML 2015.
 */
export const batchNormalize: Op<"batchNormalize", 3, BatchNormalizeAttributes> = defineOp({
  name: "batchNormalize",
  inputs: 3,
  others: [statisticsResult("mean"), statisticsResult("variance")],
  infer: forwardType,
  gradient: ({ inputs: [x, gamma, beta], output, gradient, attributes }) => {
    const mean = batchNormalize.part(output, meanResult);
    const variance = batchNormalize.part(output, varianceResult);
    const dx = batchNormalizeGradients([x, gamma, beta, mean, variance, gradient], attributes);
    const part = (index: number) => batchNormalizeGradients.part(dx, index);
    return [dx, part(gammaResult), part(betaResult)];
  },
  reference: ({ inputs: [x, gamma, beta], attributes: { epsilon, activation } }) => {
    const { mean, variance } = statistics(x);
    const channels = mean.length;
    return x.data.map((v, i) => {
      const c = i % channels;
      const scale = gamma.data[c]! / Math.sqrt(variance[c]! + epsilon);
      return activate((v - mean[c]!) * scale + beta.data[c]!, activation);
    });
  },
});

type GradientContext = ReferenceContext<6, BatchNormalizeAttributes>;

/** What the gradients are made of: for each channel the sums of dy, as far as the activation lets it through, and of dy (x - mean). */
function gradientSums({ inputs: [x, gamma, beta, mean, variance, dy], attributes }: GradientContext) {
  const channels = mean.data.length;
  const scale = gamma.data.map((v, c) => v / Math.sqrt(variance.data[c]! + attributes.epsilon));
  const [plain, centred] = [new Float64Array(channels), new Float64Array(channels)];
  const passed = dy.data.map((v, i) => {
    const c = i % channels;
    const from = x.data[i]! - mean.data[c]!;
    const own = passes(from * scale[c]! + beta.data[c]!, attributes.activation) ? v : 0;
    plain[c]! += own;
    centred[c]! += own * from;
    return own;
  });
  return { channels, scale, plain, centred, passed };
}

function gradientsType([x, gamma, beta, mean, variance, dy]: Tuple<TensorType, 6>): TensorType {
  const name = "batchNormalizeGradients";
  checkShape(name, "dy", dy, x.shape);
  floatType(name, dy);
  return checkChannels(name, x, { "a gamma": gamma, "a beta": beta, "a mean": mean, "a variance": variance });
}

function gradientsResult(
  of: (sums: ReturnType<typeof gradientSums>, context: GradientContext) => Float64Array,
): ResultDefinition<6, BatchNormalizeAttributes> {
  return {
    infer: (inputs) => ({ shape: [gradientsType(inputs).shape.at(-1)!], dtype: "float32" }),
    reference: (context) => of(gradientSums(context), context),
  };
}

/**
 * dx, dgamma and dbeta of batchNormalize. Inputs x, gamma, beta, the mean and the variance of x, dy. With dz = dy where the
 * activation lets it through, s = gamma / sqrt(variance + epsilon), and n numbers in a channel: dbeta = sum dz, dgamma =
 * sum dz (x - mean) / sqrt(variance + epsilon), dx = s (dz - dbeta / n - (x - mean) sum(dz (x - mean)) / (n (variance +
 * epsilon))).
 */
export const batchNormalizeGradients: Op<"batchNormalizeGradients", 6, BatchNormalizeAttributes> = defineOp({
  name: "batchNormalizeGradients",
  inputs: 6,
  others: [
    gradientsResult(({ centred }, { inputs: [, , , , variance], attributes: { epsilon } }) =>
      centred.map((sum, c) => sum / Math.sqrt(variance.data[c]! + epsilon)),
    ),
    gradientsResult(({ plain }) => plain),
  ],
  infer: gradientsType,
  reference: (context) => {
    const { channels, scale, plain, centred, passed } = gradientSums(context);
    const [x, , , mean, variance] = context.inputs;
    const count = sizeOf(x.shape) / channels;
    return passed.map((v, i) => {
      const c = i % channels;
      const slope = centred[c]! / (count * (variance.data[c]! + context.attributes.epsilon));
      return scale[c]! * (v - plain[c]! / count - (x.data[i]! - mean.data[c]!) * slope);
    });
  },
});
