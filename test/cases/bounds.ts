/** By how much float32 may miss sums of products: the `c` of c 2^-24 sum |terms|, by op and shape. */

import { partedConvolution, type TiledWay, tiledWay } from "../../src/backends/wasm/kernels.js";
import { type Padding, windowGeometry } from "../../src/graph/ops/window.js";
import { sparseFilterBound, winogradBound } from "../support/winograd-bound.js";
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
  readonly padding: Padding;
  readonly dilationRate?: Pair | undefined;
  readonly groups?: number | undefined;
  readonly capacity: number;
  /** Whether x or dy is mostly zeros. Default false. */
  readonly sparse?: boolean;
  /** The most pictures that are summed over in a filter's gradient. */
  readonly batch: number;
}

/**
 * The bound of a convolution's result, fused or not, of one of its gradients, or of its bias's. One with strides that goes
 * by way of folded pictures adds up the terms that it has, in the folded one's tiles, and zeros: its errors are those of the
 * folded one, beside the largest terms of any place, as phases are places of a picture or of a filter.
 */
export function convolutionBound(
  result: "y" | "dx" | "dw" | "db",
  convolution: BoundedConvolution,
): Pick<Case, "c" | "spreads"> {
  const { output, channels, filters, kernel, groups = 1, batch, sparse = false } = convolution;
  const taps = kernel[0] * kernel[1];
  const pixels = output[0] * output[1] * batch;
  if (result === "db") return { c: growing(pixels) };
  // Forward the cases' filters are variables that nothing writes, and kept as points.
  const tiling = wayOfConvolution(convolution, result === "y")?.tiling;
  if (tiling !== undefined) {
    const most = winogradBound[tiling.taps][tiling.points];
    if (result === "y") return { c: most, spreads: "over the picture" };
    // Where filters are few, a tile's rounding stands beside few terms.
    const c = result === "dw" && sparse ? sparseFilterBound(tiling) : 1.5 * most;
    return { c, spreads: result === "dw" ? "over the filter" : "over the picture" };
  }
  return { c: growing({ y: (taps * channels) / groups, dx: (taps * filters) / groups, dw: pixels }[result]) };
}

/** How the engine goes by tiles, by those of a group's phases too; undefined where it convolves directly. `kept`: tiledWay. */
export function wayOfConvolution(convolution: Omit<BoundedConvolution, "batch">, kept: boolean): TiledWay | undefined {
  const { size, output, channels, filters, kernel, strides, padding, capacity } = convolution;
  const { dilationRate = [1, 1], groups = 1 } = convolution;
  const { height, width } = windowGeometry("case", size[0], size[1], kernel, { strides, padding, dilationRate });
  const window = {
    n: capacity,
    height: size[0],
    width: size[1],
    channels,
    outHeight: output[0],
    outWidth: output[1],
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideHeight: strides[0],
    strideWidth: strides[1],
    padTop: height.before,
    padLeft: width.before,
  };
  if (groups === 1 && Math.max(...dilationRate) === 1) return tiledWay(window, filters, capacity, kept);
  if (groups === channels && groups > 1) return undefined;
  const parted = partedConvolution({ ...window, n: { perRow: 1 } }, filters, { dilation: dilationRate, groups });
  return tiledWay(parted.window, parted.filters, capacity, kept);
}
