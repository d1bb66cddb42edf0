/** The backward pass of 2x2 and 3x3 convolutions of stride 1 by Winograd, and how its work is cut. */

import { blocks, kernel } from "./kernel.js";
import { leftWidth, pointBytes, rightWidth, type Tiling, tileBytes, tilingWords } from "./winograd.js";
import { isMixed, leastPadded, mostMixed } from "./winograd-blocks.js";

/** The pooling words of winogradGradient: the windows that dy was pooled by, all 0 where it was not. */
export interface Pooling {
  readonly pooledHeight: number;
  readonly pooledWidth: number;
  readonly poolHeight: number;
  readonly poolWidth: number;
  readonly poolStrideHeight: number;
  readonly poolStrideWidth: number;
  readonly poolTop: number;
  readonly poolLeft: number;
}

/** Bytes rounded up to a line. */
function lines(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

export const winogradGradientKernels = {
  /**
   * From dy, of what is wanted: dx (with `filter`, the packed transform of the filter), and for each `chunk` pictures
   * the filter's gradient [taps taps channels, filters] and behind it the bias's [filters], in partials[chunk index * (that
   * many floats)], which reducePartials adds up. dy counts where y > 0, if there is a y. With `route`, dy is the gradient
   * of what was pooled. Tiles are the forward's (winogradForward); `block`, a multiple of 4, are worked on at a time.
   */
  winogradGradient: kernel(
    {
      x: "address?",
      y: "address?",
      dy: "address",
      route: "address?",
      filter: "address?",
      partials: "address?",
      dx: "address?",
      n: "size",
      height: "int32",
      width: "int32",
      channels: "int32",
      outHeight: "int32",
      outWidth: "int32",
      padTop: "int32",
      padLeft: "int32",
      filters: "int32",
      ...tilingWords,
      block: "int32",
      chunk: "int32",
      pooledHeight: "int32?",
      pooledWidth: "int32?",
      poolHeight: "int32?",
      poolWidth: "int32?",
      poolStrideHeight: "int32?",
      poolStrideWidth: "int32?",
      poolTop: "int32?",
      poolLeft: "int32?",
    },
    ({ n, chunk }) => blocks(n, chunk),
    ({ channels, filters, points, taps, block, outWidth, route, partials }) => {
      const [c, k] = [rightWidth(channels), rightWidth(filters)];
      const sums = partials ? leftWidth(channels) * k * 4 + 64 : 0;
      const strip = route ? lines((points - taps + 1) * outWidth * filters * 4) : 0;
      const all = points ** 2 * (pointBytes(block, c) + pointBytes(block, k) + sums);
      return tileBytes + 4096 + lines(k * 4) + strip + all;
    },
  ),
};

/** Bytes of a block's points, of x and of dy: a little more than a second-level cache, for a larger block reads dU less often. */
const blockSize = 1.25 * 1024 * 1024;

/**
 * The block words, from shapes alone. To turn dU of a chunk back takes as long as the products of 4 to 6 tiles: chunks of at
 * least 64 tiles, of half as many where that gives the threads something to share, and of fewer so that there are two.
 */
export function gradientBlocks(
  tiling: Tiling,
  channels: number,
  filters: number,
  pictures: number,
): { readonly block: number; readonly chunk: number } {
  const { points, down, across } = tiling;
  const each = down * across;
  const all = pictures * each;
  const chunks = Math.max(Math.min(16, Math.floor(all / 64)), Math.min(4, Math.floor(all / 32)), 2);
  const chunk = Math.max(1, Math.ceil(pictures / chunks));
  let most = isMixed(tiling) ? mostMixed : 32;
  const bytes = (tiles: number) => points ** 2 * (rightWidth(channels) + rightWidth(filters)) * tiles * 4;
  while (most > 16 && bytes(most) > blockSize) most -= 4;
  const tiles = chunk * each;
  if (isMixed(tiling)) return { chunk, block: leastPadded(tiling, Math.min(most, Math.ceil(tiles / 4) * 4)) };
  return { chunk, block: Math.ceil(tiles / Math.ceil(tiles / most) / 4) * 4 };
}
