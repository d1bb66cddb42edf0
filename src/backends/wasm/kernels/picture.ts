/**
 * Kernels on pictures [n, height, width, channels]: convolution with its two gradients, and pooling. One window geometry
 * serves all: output (o, p) looks at rows o strideHeight - padTop and on, columns p strideWidth - padLeft and on, and at
 * zeros (convolution) or nothing (pooling) outside the picture. `n`, the pictures, is a size.
 */

import { blocks, kernel, type Size, sizeAt } from "./kernel.js";

const window = {
  n: "size",
  height: "int32",
  width: "int32",
  channels: "int32",
  outHeight: "int32",
  outWidth: "int32",
  kernelHeight: "int32",
  kernelWidth: "int32",
  strideHeight: "int32",
  strideWidth: "int32",
  padTop: "int32",
  padLeft: "int32",
} as const;

/** The geometry words of a picture kernel. For pooling the kernel is the pool. */
export interface Window {
  readonly n: Size;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** Rows or columns that `outputs` windows in a row cover. */
function covered(outputs: number, stride: number, size: number): number {
  return (outputs - 1) * stride + size;
}

/** Whether some window looks outside the picture: then the kernels work on a copy with zeros around it. */
function isPadded(g: Window): boolean {
  const bottom = covered(g.outHeight, g.strideHeight, g.kernelHeight) - g.padTop > g.height;
  const right = covered(g.outWidth, g.strideWidth, g.kernelWidth) - g.padLeft > g.width;
  return g.padTop > 0 || g.padLeft > 0 || bottom || right;
}

/** Bytes of a padded copy of the rows that `rows` rows of output look at. */
function paddedBytes(g: Window, rows: number): number {
  if (!isPadded(g)) return 0;
  const [h, w] = [covered(rows, g.strideHeight, g.kernelHeight), covered(g.outWidth, g.strideWidth, g.kernelWidth)];
  return h * w * g.channels * 4 + 16;
}

export const pictureKernels = {
  /**
   * y = floor(x * filter + bias), [n, outHeight, outWidth, filters]; the filter is [kernelHeight kernelWidth channels,
   * filters] packed by packB. `relu` cuts at 0. A tile is `block` output pixels of a picture.
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
    },
    ({ n, outHeight, outWidth, block }) => blocks(n, 1, Math.ceil((outHeight * outWidth) / block)),
    (g) => 256 + g.block * 4 + 16 + paddedBytes(g, Math.min(g.outHeight, Math.ceil((g.block - 1) / g.outWidth) + 1)),
  ),
  /**
   * dx from dy. The filter is packed for each of its pixels: packB with transposed, k = filters, n = channels,
   * stride = filters, count = kernelHeight kernelWidth, xStep = channels filters. A tile is a picture.
   */
  conv2dInputGradient: kernel(
    { dy: "address", filter: "address", dx: "address", filters: "int32", ...window },
    ({ n }) => blocks(n, 1),
    (g) => 256 + g.outHeight * g.outWidth * 4 + 16 + paddedBytes(g, g.outHeight),
  ),
  /**
   * For each `chunk` pictures the filter's gradient [kernelHeight kernelWidth channels, filters] and behind it the bias's
   * [filters], in partials[chunk index * (that many floats)]; reducePartials adds them up. rowsBlock: output rows summed
   * at a time.
   */
  conv2dFilterGradient: kernel(
    {
      x: "address",
      dy: "address",
      partials: "address",
      filters: "int32",
      ...window,
      chunk: "int32",
      rowsBlock: "int32",
    },
    ({ n, chunk }) => blocks(n, chunk),
    (g) => {
      const pixels = g.outHeight * g.outWidth;
      const height = covered(g.outHeight, g.strideHeight, g.kernelHeight);
      const width = covered(g.outWidth, g.strideWidth, g.kernelWidth);
      const quads = g.channels % 4 === 0 && g.channels >= 8;
      return (
        256 +
        Math.ceil(g.filters / 8) * pixels * 32 +
        (quads ? height * width * g.channels * 4 : paddedBytes(g, g.outHeight))
      );
    },
  ),
  /** y = the maximum of each window. A tile is a picture. */
  maxPool2d: kernel({ x: "address", y: "address", ...window }, ({ n }) => blocks(n, 1)),
  /** dx: each window's dy goes to the first x (row by row) that equals its y. */
  maxPool2dGradient: kernel({ x: "address", y: "address", dy: "address", dx: "address", ...window }, ({ n }) =>
    blocks(n, 1),
  ),
  /**
   * y as maxPool2d's, and for each y the place of its maximum in the window, row by row; 255 where y is NaN, or with
   * `relu` not above 0. A tile is a picture.
   */
  maxPool2dRoute: kernel({ x: "address", y: "address", route: "address", relu: "int32?", ...window }, ({ n }) =>
    blocks(n, 1),
  ),
  /** dx: each window's dy goes where its route says. */
  maxPool2dRouteGradient: kernel({ route: "address", dy: "address", dx: "address", ...window }, ({ n }) =>
    blocks(n, 1),
  ),
  /** y = the mean of what lies inside the picture of each window. */
  averagePool2d: kernel({ x: "address", y: "address", ...window }, ({ n }) => blocks(n, 1)),
  /** dx of averagePool2d. */
  averagePool2dGradient: kernel({ dy: "address", dx: "address", ...window }, ({ n }) => blocks(n, 1)),
};

/** Floats of one chunk's partial sums in conv2dFilterGradient. */
export function partialStride(g: Window, filters: number): number {
  return (g.kernelHeight * g.kernelWidth * g.channels + 1) * filters;
}

/** The block words of the convolutions, from shapes alone. */
export function convolutionBlocks(
  g: Window,
  capacity: number,
): { readonly block: number; readonly runsBlock: number; readonly chunk: number; readonly rowsBlock: number } {
  const pixels = g.outHeight * g.outWidth;
  const run = g.kernelWidth * g.channels;
  // Equal blocks of at most 256 pixels; smaller where few pictures would leave threads idle.
  const pictures = Math.max(1, sizeAt(g.n, capacity));
  const most = pictures >= 16 ? 256 : 64;
  return {
    block: Math.ceil(pixels / Math.ceil(pixels / most) / 4) * 4,
    runsBlock: Math.min(g.kernelHeight, Math.max(1, Math.floor(512 / run))),
    chunk: Math.ceil(pictures / 16),
    rowsBlock: Math.min(g.outHeight, Math.max(1, Math.round(256 / g.outWidth))),
  };
}
