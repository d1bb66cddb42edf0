/** By how much float32 may miss sums of products: the `c` of c 2^-24 sum |terms|, by op and shape. */

import type { Case } from "./case.js";

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

/** The bound of a convolution's result, fused or not, of one of its gradients, or of its bias's. */
export function convolutionBound(
  result: "y" | "dx" | "dw" | "db",
  { output, channels, filters, kernel, batch }: BoundedConvolution,
): Pick<Case, "c" | "spreads"> {
  const taps = kernel[0] * kernel[1];
  if (result === "dw" || result === "db") return { c: growing(output[0] * output[1] * batch) };
  if (result === "dx") return { c: growing(taps * filters) };
  return { c: growing(taps * channels) };
}
