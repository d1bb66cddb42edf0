/**
 * Depthwise convolution and its gradients: each channel by `multiplier` filters of its own, so y has channels multiplier
 * channels, and so has each tap of the kernel. On the geometry of picture.ts, with taps `dilation` pixels apart. Rows are
 * numbered through all pictures. Not here: other groups (parts.ts).
 */

import { blocks, kernel, type Size, sizeAt, times } from "./kernel.js";
import { type Window, window } from "./picture.js";

const geometry = { multiplier: "int32", ...window, dilationHeight: "int32", dilationWidth: "int32" } as const;

/** A depthwise convolution. */
export interface DepthwiseWindow extends Window {
  readonly multiplier: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
}

const rowsOf = ({ n, outHeight }: Window): Size => times(n, outHeight);
/** Bytes of a row of pictures that have as many channels as y. */
const rowBytes = (g: DepthwiseWindow, width: number): number => width * g.channels * g.multiplier * 4;
const coveredHeight = (g: DepthwiseWindow): number => (g.kernelHeight - 1) * g.dilationHeight + 1;

/** Scratch for rows of x as `outputs` rows of y see them, each channel as often as it has filters. */
function spreadBytes(g: DepthwiseWindow, outputs: number): number {
  if (g.multiplier === 1) return 0;
  const rows = Math.min(g.height, (outputs - 1) * g.strideHeight + coveredHeight(g));
  return rows * rowBytes(g, g.width);
}

/** Scratch for the least result, zeros, and what is only read to be near. */
const floorBytes = 48;

/** Rows of dy that `outputs` rows of it and the rows of dx beside them need. */
function neededRows(g: DepthwiseWindow, outputs: number): number {
  return Math.min(g.outHeight, outputs + Math.ceil((coveredHeight(g) - 1) / g.strideHeight) + 2);
}

export const depthwiseKernels = {
  /** y = x * kernel + bias, cut at 0 with `relu`. A tile is `block` rows of y. */
  depthwiseForward: kernel(
    { x: "address", kernel: "address", bias: "address?", y: "address", relu: "int32?", ...geometry, block: "int32" },
    (g) => blocks(rowsOf(g), g.block),
    (g) => floorBytes + spreadBytes(g, Math.min(g.block, g.outHeight)),
  ),
  /**
   * dx, where it is given, from dy and the kernel; and where `partials` is given, for each `chunk` rows of dy the kernel's
   * gradient [kernelHeight, kernelWidth, channels multiplier] and behind it the bias's, which reducePartials adds up, from
   * x and dy. With `y`, dy counts only where y is above 0. `band` rows of a picture at a time.
   */
  depthwiseGradients: kernel(
    {
      x: "address?",
      kernel: "address?",
      dy: "address",
      y: "address?",
      partials: "address?",
      dx: "address?",
      ...geometry,
      chunk: "int32",
      band: "int32",
    },
    (g) => blocks(rowsOf(g), g.chunk),
    (g) => floorBytes + neededRows(g, g.band) * rowBytes(g, g.outWidth) + spreadBytes(g, g.band) + rowBytes(g, g.width),
  ),
};

/** Floats of one chunk's partial sums in depthwiseGradients. */
export function depthwisePartialStride(g: DepthwiseWindow): number {
  return (g.kernelHeight * g.kernelWidth + 1) * g.channels * g.multiplier;
}

/** Up to whole pictures where it is more than one. */
function wholePictures(rows: number, height: number): number {
  return rows > height ? Math.ceil(rows / height) * height : rows;
}

/** How depthwiseForward cuts its work: into enough tiles for all threads, not smaller than worth it, nor than the cache. */
export function depthwiseBlock(g: DepthwiseWindow, capacity: number): number {
  const rows = Math.max(1, sizeAt(rowsOf(g), capacity));
  const least = Math.ceil(16384 / rowBytes(g, g.outWidth));
  const most = Math.max(least, Math.ceil(rows / 64));
  return Math.min(g.outHeight, most);
}

/** How depthwiseGradients cuts its work: at most sixteen chunks, for each has sums of its own. */
export function depthwiseChunks(
  g: DepthwiseWindow,
  capacity: number,
): { readonly chunk: number; readonly band: number } {
  const rows = Math.max(1, sizeAt(rowsOf(g), capacity));
  const chunk = wholePictures(Math.max(Math.ceil(64 / g.outWidth), Math.ceil(rows / 16)), g.outHeight);
  const most = Math.max(1, Math.floor(131072 / rowBytes(g, g.outWidth)));
  return { chunk, band: Math.min(most, chunk, g.outHeight) };
}
