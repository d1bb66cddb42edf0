/** Lowerings of batch normalisation and of its gradients: a walk for sums over all pixels, and one that uses them. */

import { betaResult, gammaResult, meanResult, varianceResult } from "../../../graph/ops/batchNormalize.js";
import type { Builder } from "../builder.js";
import { sizeAt } from "../kernels/kernel.js";
import { channelActivations, chunkOf, partialBytes } from "../kernels.js";
import { elements, type Lowering, type Operand } from "../lowering.js";

/** The pixels of x, and how many numbers each has. */
function pixelsOf({ shape }: Operand) {
  return { n: elements(shape.slice(0, -1)), channels: shape.at(-1)! };
}

/** The words of a walk in chunks, with room for the numbers that they leave of each channel. */
function chunked(builder: Builder, x: Operand, numbers: 2 | 3) {
  const { n, channels } = pixelsOf(x);
  const partials = builder.scratch(partialBytes(sizeAt(n, builder.capacity), channels, numbers));
  return { partials, n, channels, chunk: chunkOf(channels) };
}

const batchNormalize: Lowering<"batchNormalize"> = ({
  builder,
  inputs: [x, gamma, beta],
  results,
  attributes: { epsilon, activation },
}) => {
  const { channels } = pixelsOf(x);
  const [y] = results;
  const mean = results[meanResult]?.place ?? builder.scratch(4 * channels);
  const variance = results[varianceResult]?.place ?? builder.scratch(4 * channels);
  const scale = builder.scratch(4 * channels);
  const chunks = chunked(builder, x, 3);
  builder.emit("batchMoments", { x: x.place, ...chunks });
  builder.emit("batchStatistics", { ...chunks, gamma: gamma.place, mean, variance, scale, epsilon });
  if (y === undefined) return;
  builder.emit("scaleChannels", {
    x: x.place,
    y: y.place,
    mean,
    scale,
    shift: beta.place,
    ...pixelsOf(x),
    activation: channelActivations[activation],
  });
};

const batchNormalizeGradients: Lowering<"batchNormalizeGradients"> = ({
  builder,
  inputs: [x, gamma, beta, mean, variance, dy],
  results,
  attributes: { epsilon, activation: name },
}) => {
  const activation = channelActivations[name];
  const chunks = chunked(builder, x, 2);
  const terms = builder.scratch(12 * chunks.channels);
  const both = { x: x.place, dy: dy.place, mean: mean.place, beta: beta.place, activation };
  const scale = { gamma: gamma.place, variance: variance.place, epsilon };
  builder.emit("batchGradientSums", { ...both, ...scale, ...chunks });
  const [dx] = results;
  const [dgamma, dbeta] = [gammaResult, betaResult].map((index) => results[index]?.place);
  builder.emit("batchGradientTerms", { ...chunks, ...scale, dgamma, dbeta, terms });
  if (dx !== undefined) builder.emit("batchInputGradient", { ...both, dx: dx.place, terms, ...pixelsOf(x) });
};

const scaleChannels: Lowering<"scaleChannels"> = ({
  builder,
  inputs: [x, scale, shift],
  output,
  attributes: { activation },
}) => {
  builder.emit("scaleChannels", {
    x: x.place,
    y: output.place,
    scale: scale.place,
    shift: shift.place,
    ...pixelsOf(x),
    activation: channelActivations[activation],
  });
};

export const normalizationLowerings = { batchNormalize, batchNormalizeGradients, scaleChannels };
