/** By how much float32 may miss sums of products: the `c` of c 2^-24 sum |terms|, by op and shape. */

import type { CaseOptions } from "./case.js";

/** Errors of n rounded additions grow like sqrt(n), seldom beyond that; an upper bound would be n. */
export function growing(terms: number): number {
  return 2 + 2 * Math.sqrt(terms);
}

type Pair = readonly [number, number];

/** What the bound of a convolution depends on. */
export interface BoundedConvolution {
  readonly size: Pair;
  readonly output: Pair;
  readonly channels: number;
  readonly filters: number;
  readonly kernel: Pair;
  readonly strides: Pair;
  /** The most pictures that are summed over in a filter's gradient. */
  readonly batch: number;
}

/** The bound of a convolution, of one of its gradients, or of its fused forms. */
export function convolutionBound(
  op: "conv2d" | "conv2dBias" | "conv2dInputGradient" | "conv2dFilterGradient",
  { output, channels, filters, kernel, batch }: BoundedConvolution,
): Pick<CaseOptions, "c" | "spreads"> {
  const taps = kernel[0] * kernel[1];
  if (op === "conv2dFilterGradient") return { c: growing(output[0] * output[1] * batch) };
  if (op === "conv2dInputGradient") return { c: growing(taps * filters) };
  return { c: growing(taps * channels) };
}
