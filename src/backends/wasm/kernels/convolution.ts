/**
 * Convolution and its gradients, directly: any size, stride and padding, on the geometry of picture.ts. Left sides of the
 * products are windows, read where they lie or copied for a block of pixels; pixels are numbered through all pictures.
 * Not here: 3 by 3 at stride 1 by fewer multiplications (winograd.ts).
 */

import { blocks, equalPart, kernel, type Size, sizeAt, times, up } from "./kernel.js";
import { type Window, window } from "./picture.js";

const outputs = (g: Window): Size => times(g.n, g.outHeight * g.outWidth);

/** Scratch of the products by table: a row of results nobody reads, two tables and rows for the last columns, windows. */
function tableBytes(columns: number, block: number, rowBytes: number): number {
  return 64 + up(columns, 8) * 4 + block * 48 + 32 + block * rowBytes;
}

/** Pixels of dy that one pixel of dx sees along an axis. */
function reach(size: number, pad: number, stride: number): number {
  return Math.floor((size - 1 - pad) / stride) - Math.floor(-pad / stride) + 1;
}

/** Places of dx: pixels that are a stride apart are of one place. */
function places(g: Window): Size {
  return times(g.n, Math.ceil(g.height / g.strideHeight) * Math.ceil(g.width / g.strideWidth));
}

/** Rows and columns that windows cover, and the picture if it is larger. */
function coverPixels(g: Window): number {
  const tall = Math.max((g.outHeight - 1) * g.strideHeight + g.kernelHeight, g.padTop + g.height);
  const wide = Math.max((g.outWidth - 1) * g.strideWidth + g.kernelWidth, g.padLeft + g.width);
  return tall * wide;
}

/** Scratch of conv2dInputGradientRuns: four pictures. */
function runsBytes(g: Window): number {
  return 128 + coverPixels(g) * g.channels * 16;
}

/** The most of it where channels are many: it is there for every thread. */
const mostRuns = 2 * 1024 * 1024;

/** The words of both gradients by the filter. */
const filterGradient = {
  x: "address",
  dy: "address",
  y: "address?",
  partials: "address",
  filters: "int32",
  ...window,
  chunk: "int32",
  block: "int32",
} as const;

export const convolutionKernels = {
  /**
   * y = floor(x * filter + bias), [n, outHeight, outWidth, filters]; the filter is [kernelHeight kernelWidth channels,
   * filters] packed by packB. `relu` cuts at 0. A tile is `block` output pixels; `copied`: their windows are copied first,
   * which windows that look outside a picture must be; `runsBlock` rows of the kernel are summed at a time.
   */
  conv2dForward: kernel(
    {
      x: "address",
      filter: "address",
      bias: "address?",
      y: "address",
      relu: "int32?",
      filters: "int32",
      ...window,
      block: "int32",
      runsBlock: "int32",
      copied: "int32?",
    },
    (g) => blocks(outputs(g), g.block),
    (g) => tableBytes(g.filters, g.block, g.copied ? g.runsBlock * g.kernelWidth * g.channels * 4 : 0),
  ),
  /** y = the kernel [kernelHeight, kernelWidth, channels, filters] as conv2dInputGradient wants it; of the same size, packed. */
  packFilterPhases: kernel(
    {
      x: "address",
      y: "address",
      filters: "int32",
      channels: "int32",
      kernelHeight: "int32",
      kernelWidth: "int32",
      strideHeight: "int32",
      strideWidth: "int32",
      padTop: "int32",
      padLeft: "int32",
    },
    ({ kernelHeight, kernelWidth }) => blocks(kernelHeight * kernelWidth, 1),
  ),
  /** dx from dy; the filter as packFilterPhases leaves it. A tile is `block` places; `runsBlock` rows of dy at a time. */
  conv2dInputGradient: kernel(
    {
      dy: "address",
      filter: "address",
      dx: "address",
      filters: "int32",
      ...window,
      block: "int32",
      runsBlock: "int32",
    },
    (g) => blocks(places(g), g.block),
    (g) =>
      tableBytes(g.channels, g.block, g.runsBlock * reach(g.kernelWidth, g.padLeft, g.strideWidth) * g.filters * 4),
  ),
  /**
   * The same for few channels or small dy. The filter is packed for each row of the kernel: packB with transposed, k = filters, n =
   * kernelWidth channels, stride = filters, count = kernelHeight, xStep = n filters. A tile is four pictures.
   */
  conv2dInputGradientRuns: kernel(
    { dy: "address", filter: "address", dx: "address", filters: "int32", ...window },
    ({ n }) => blocks(n, 4),
    runsBytes,
  ),
  /**
   * For each `chunk` output pixels the filter's gradient [kernelHeight kernelWidth channels, filters] and behind it the
   * bias's [filters], in partials[chunk index * (that many floats)]; reducePartials adds them up. `block` pixels are summed
   * at a time. With `y`, dy counts only where y is above 0.
   */
  conv2dFilterGradient: kernel(
    filterGradient,
    (g) => blocks(outputs(g), g.chunk),
    (g) => 128 + (up(g.filters, 8) + up(g.channels, 4)) * g.block * 4 + Math.ceil(g.channels / 4) * 64,
  ),
  /** The same for few channels. */
  conv2dFilterGradientWindows: kernel(
    filterGradient,
    (g) => blocks(outputs(g), g.chunk),
    (g) => 128 + (up(g.filters, 8) + up(g.kernelHeight * g.kernelWidth * g.channels, 4)) * g.block * 4,
  ),
};

/** Floats of one chunk's partial sums in conv2dFilterGradient. */
export function partialStride(g: Window, filters: number): number {
  return (g.kernelHeight * g.kernelWidth * g.channels + 1) * filters;
}

/** Equal blocks of `size` of at most `most`, a multiple of four. */
export function equalBlock(size: number, most: number): number {
  return up(equalPart(size, most), 4);
}

/** At most `most` where that makes enough blocks for all threads, else fewer. */
function blockFor(size: number, most: number): number {
  return equalBlock(Math.max(1, size), Math.max(16, Math.min(most, Math.ceil(size / 32))));
}

/** Rows of `row` floats summed at a time, so that a panel of the other side stays in the first-level cache. */
function rowsAtOnce(rows: number, row: number): number {
  const most = Math.max(1, Math.floor(768 / row));
  return equalPart(rows, most);
}

/** Whether some window looks outside the picture. */
function isPadded(g: Window): boolean {
  const bottom = (g.outHeight - 1) * g.strideHeight + g.kernelHeight - g.padTop > g.height;
  const right = (g.outWidth - 1) * g.strideWidth + g.kernelWidth - g.padLeft > g.width;
  return g.padTop > 0 || g.padLeft > 0 || bottom || right;
}

/** How conv2dForward cuts its work. */
export function forwardBlocks(
  g: Window,
  filters: number,
  capacity: number,
): { readonly block: number; readonly runsBlock: number; readonly copied: number } {
  const run = g.kernelWidth * g.channels;
  const runsBlock = rowsAtOnce(g.kernelHeight, run);
  // A copy costs as much as each run's end does in a few panels.
  const copied = isPadded(g) || (g.kernelHeight > 1 && run <= up(filters, 8));
  const most = copied ? Math.max(16, Math.min(256, Math.floor(49152 / (runsBlock * run)))) : 256;
  return { block: blockFor(sizeAt(outputs(g), capacity), most), runsBlock, copied: copied ? 1 : 0 };
}

/**
 * Whether conv2dInputGradientRuns is quicker where channels are not few. It multiplies no padding, of which valid windows
 * put a margin around dy, and a picture in one go; but its tiles are four pictures, which are shared out among up to four
 * threads. (Measured: 0.04 of the time where 25 places share an output, 0.3 where 2.8, 0.5 to 0.7 where 1.4 to 2.)
 */
function runsAreQuicker(g: Window, capacity: number): boolean {
  if (runsBytes(g) > mostRuns) return false;
  const tiles = Math.ceil(sizeAt(g.n, capacity) / 4);
  const pictures = Math.max(4, tiles) * 4;
  return sizeAt(places(g), 1) > 1.1 * (pictures / sizeAt(g.n, capacity)) * sizeAt(outputs(g), 1);
}

/** How conv2dInputGradient cuts its work; undefined: conv2dInputGradientRuns is the better one. */
export function inputGradientBlocks(
  g: Window,
  filters: number,
  capacity: number,
): { readonly block: number; readonly runsBlock: number } | undefined {
  if (g.channels < 8 || runsAreQuicker(g, capacity)) return undefined;
  const row = reach(g.kernelWidth, g.padLeft, g.strideWidth) * filters;
  const runsBlock = rowsAtOnce(reach(g.kernelHeight, g.padTop, g.strideHeight), row);
  const most = Math.max(16, Math.min(256, Math.floor(49152 / (runsBlock * row))));
  return { block: blockFor(sizeAt(places(g), capacity), most), runsBlock };
}

/** Pixels of a chunk: at most sixteen chunks, for each has sums of its own, which are written and read again. */
export function filterGradientShare(pixels: number): number {
  return Math.max(32, Math.ceil(pixels / 16));
}

/** How the gradient by the filter cuts its work, and whether by whole windows. */
export function filterGradientBlocks(
  g: Window,
  filters: number,
  capacity: number,
): { readonly chunk: number; readonly block: number; readonly windows: boolean } {
  const pixels = Math.max(1, sizeAt(outputs(g), capacity));
  const windows = g.channels < 8;
  const share = filterGradientShare(pixels);
  const depth = g.kernelHeight * g.kernelWidth * g.channels;
  const most = windows ? Math.max(32, Math.min(128, Math.floor(32768 / (depth + filters)))) : 256;
  const block = equalBlock(Math.min(share, pixels), most);
  return { chunk: up(share, block), block, windows };
}
