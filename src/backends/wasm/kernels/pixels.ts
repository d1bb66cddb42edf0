/** All gradients of a 1 by 1 convolution by its pixels (assembly/pixels.ts), and how their work is cut. */

import { equalBlock, filterGradientShare } from "./convolution.js";
import { blocks, kernel, type Size, sizeAt, up } from "./kernel.js";
import { cornerBytes, pairBytes, partOfDepth } from "./matrix.js";

export const pixelKernels = {
  /**
   * For each `chunk` of the pixels x [pixels, channels] and dy [pixels, filters] the filter's gradient [channels, filters] and behind
   * it the bias's [filters], in partials[chunk index * (that many floats)], which reducePartials adds up; `block` pixels
   * are summed at a time. With `dx` also dx = dy filter^T, `filter` being its panels (packPanels, transposed), rowsAtOnce
   * pixels at a time, in parts of kBlock. dy counts only where y is above 0, if there is a y.
   */
  pixelGradients: kernel(
    {
      x: "address",
      dy: "address",
      y: "address?",
      filter: "address?",
      partials: "address",
      dx: "address?",
      pixels: "size",
      channels: "int32",
      filters: "int32",
      chunk: "int32",
      block: "int32",
      rowsAtOnce: "int32",
      kBlock: "int32",
    },
    ({ pixels, chunk }) => blocks(pixels, chunk),
    ({ channels, filters, block, rowsAtOnce, kBlock, dx }) => {
      const left = pairBytes(channels, block, block);
      const ofInput = dx === undefined ? 0 : pairBytes(rowsAtOnce, filters, kBlock);
      return up(filters, 16) * 4 + cornerBytes + Math.max(up(filters, 16) * block * 4 + left, ofInput);
    },
  ),
};

/** Bytes of a block on both sides of the filter's gradient, which leave room in a second-level cache. */
const blockSize = 384 * 1024;

/** The block words, from shapes alone. */
export function pixelBlocks(
  pixels: Size,
  channels: number,
  filters: number,
  capacity: number,
): { readonly chunk: number; readonly block: number; readonly rowsAtOnce: number; readonly kBlock: number } {
  const share = filterGradientShare(Math.max(1, sizeAt(pixels, capacity)));
  const most = Math.max(32, Math.min(256, Math.floor(blockSize / (6 * channels + 4 * filters))));
  const block = equalBlock(share, most);
  return { chunk: up(share, block), block, rowsAtOnce: 32, kBlock: partOfDepth(filters) };
}
