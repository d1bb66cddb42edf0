/** The sizes of the terms of batch normalisation and its gradients: what rounding errors are measured by (terms.ts). */

import type { Value } from "../../src/graph/op.js";
import {
  type BatchNormalizeAttributes,
  gammaResult,
  meanResult,
  varianceResult,
} from "../../src/graph/ops/batchNormalize.js";
import type { Attributes } from "../../src/graph/tensor.js";
import type { Evaluation } from "./terms.js";

/** The mean over its pixels of f of every number of a channel. */
function means({ shape, data }: Value, f: (v: number, channel: number) => number): Float64Array {
  const channels = shape.at(-1)!;
  const result = new Float64Array(channels);
  data.forEach((v, i) => {
    result[i % channels]! += (f(v, i % channels) * channels) / data.length;
  });
  return result;
}

/** Of a mean its terms; of a variance squared distances from the mean; of y the difference's terms, scaled. */
export function normalizeSizes(
  [x, gamma, beta]: readonly Value[],
  attributes: Attributes,
  result: number,
): Float64Array {
  const size = means(x!, Math.abs);
  if (result === meanResult) return size;
  const mean = means(x!, (v) => v);
  const variance = means(x!, (v, c) => (v - mean[c]!) ** 2);
  if (result === varianceResult) return variance;
  const { epsilon } = attributes as BatchNormalizeAttributes;
  return x!.data.map((v, i) => {
    const c = i % mean.length;
    const scale = Math.abs(gamma!.data[c]!) / Math.sqrt(variance[c]! + epsilon);
    return (Math.abs(v) + size[c]!) * scale + Math.abs(beta!.data[c]!);
  });
}

/** The sums of the sizes of what is added up, with dy as the activation lets it through. */
export function normalizeGradientSizes({ inputs, attributes, result }: Evaluation): Float64Array {
  const [x, gamma, beta, mean, variance, dy] = inputs as [Value, Value, Value, Value, Value, Value];
  const { epsilon, activation } = attributes as BatchNormalizeAttributes;
  const channels = mean.data.length;
  const root = variance.data.map((v) => Math.sqrt(v + epsilon));
  const lets = (v: number): boolean => activation === "linear" || (v > 0 && (activation === "relu" || v < 6));
  const size = dy.data.map((v, i) => {
    const c = i % channels;
    const z = ((x.data[i]! - mean.data[c]!) * gamma.data[c]!) / root[c]! + beta.data[c]!;
    return lets(z) ? Math.abs(v) : 0;
  });
  const from = x.data.map((v, i) => Math.abs(v - mean.data[i % channels]!));
  const plain = means({ shape: x.shape, data: size }, (v) => v);
  const centred = means({ shape: x.shape, data: size.map((v, i) => v * from[i]!) }, (v) => v);
  const count = x.data.length / channels;
  if (result === undefined) {
    return size.map((v, i) => {
      const c = i % channels;
      const rest = plain[c]! + (from[i]! * centred[c]!) / root[c]! ** 2;
      return (Math.abs(gamma.data[c]!) / root[c]!) * (v + rest);
    });
  }
  return result === gammaResult ? centred.map((v, c) => (v * count) / root[c]!) : plain.map((v) => v * count);
}
