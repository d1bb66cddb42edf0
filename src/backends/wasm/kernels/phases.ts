/**
 * A convolution with strides as one without: pictures and filters are folded, so that what lies in the same place of a
 * stride by stride block (its phase) becomes channels of a smaller picture, [h, w, (p, q, c)] from [h strideHeight + p -
 * padTop, w strideWidth + q - padLeft, c]. A window of ceil(kernel / stride) taps at stride 1 on it then sees what the
 * window with strides saw; the taps that the kernel doesn't have are zeros. Not here: how the folded one is computed.
 */

import { blocks, kernel, type Size, times } from "./kernel.js";
import type { Window } from "./picture.js";

const geometry = {
  n: "size",
  height: "int32",
  width: "int32",
  channels: "int32",
  foldedHeight: "int32",
  foldedWidth: "int32",
  strideHeight: "int32",
  strideWidth: "int32",
  padTop: "int32",
  padLeft: "int32",
  coveredHeight: "int32",
  coveredWidth: "int32",
} as const;

const filterGeometry = {
  kernelHeight: "int32",
  kernelWidth: "int32",
  strideHeight: "int32",
  strideWidth: "int32",
  tapsDown: "int32",
  tapsAcross: "int32",
  channels: "int32",
  filters: "int32",
} as const;

/** Floats that a tile moves, about: enough to be worth claiming. */
const tileSize = 8192;

interface Folding {
  readonly n: Size;
  readonly channels: number;
  readonly foldedHeight: number;
  readonly foldedWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
}

/** Tiles of some folded rows, counted through all pictures. */
function rowTiles({ n, channels, foldedHeight, foldedWidth, strideHeight, strideWidth }: Folding) {
  const row = foldedWidth * strideHeight * strideWidth * channels;
  return blocks(times(n, foldedHeight), Math.max(1, Math.round(tileSize / row)));
}

export const phaseKernels = {
  /**
   * y = x folded, [n, foldedHeight, foldedWidth, strideHeight strideWidth channels]. coveredHeight and coveredWidth: the
   * rows and columns of x that windows look at; what lies outside of them is zero in y.
   */
  foldPictures: kernel({ x: "address", y: "address", ...geometry }, rowTiles),
  /** dx = what foldPictures has taken from each pixel's place, from dy; zero where no window looks. */
  unfoldPictures: kernel({ dy: "address", dx: "address", ...geometry }, rowTiles),
  /**
   * y = the filter w [kernelHeight, kernelWidth, channels, filters] folded, [tapsDown, tapsAcross, strideHeight strideWidth
   * channels, filters]. A tile is a phase of a tap.
   */
  foldFilter: kernel(
    { w: "address", y: "address", ...filterGeometry },
    ({ strideHeight, strideWidth, tapsDown, tapsAcross }) =>
      blocks(tapsDown * tapsAcross * strideHeight * strideWidth, 1),
  ),
  /** dw = what foldFilter has taken from each place of the kernel, from dy. A tile is a place. */
  unfoldFilter: kernel({ dy: "address", dw: "address", ...filterGeometry }, ({ kernelHeight, kernelWidth }) =>
    blocks(kernelHeight * kernelWidth, 1),
  ),
};

/** The window at stride 1 on folded pictures that gives what `g` gives. */
export function foldedWindow(g: Window): Window {
  const kernelHeight = Math.ceil(g.kernelHeight / g.strideHeight);
  const kernelWidth = Math.ceil(g.kernelWidth / g.strideWidth);
  return {
    n: g.n,
    height: g.outHeight + kernelHeight - 1,
    width: g.outWidth + kernelWidth - 1,
    channels: g.strideHeight * g.strideWidth * g.channels,
    outHeight: g.outHeight,
    outWidth: g.outWidth,
    kernelHeight,
    kernelWidth,
    strideHeight: 1,
    strideWidth: 1,
    padTop: 0,
    padLeft: 0,
  };
}

/** The words of foldPictures and unfoldPictures. */
export function foldingWords(g: Window) {
  const { n, height, width, channels, strideHeight, strideWidth, padTop, padLeft } = g;
  const folded = foldedWindow(g);
  const covered = (outputs: number, stride: number, size: number, before: number, length: number): number =>
    Math.min(length, (outputs - 1) * stride + size - before);
  return {
    ...{ n, height, width, channels, strideHeight, strideWidth, padTop, padLeft },
    foldedHeight: folded.height,
    foldedWidth: folded.width,
    coveredHeight: covered(g.outHeight, strideHeight, g.kernelHeight, padTop, height),
    coveredWidth: covered(g.outWidth, strideWidth, g.kernelWidth, padLeft, width),
  };
}

/** The words of foldFilter and unfoldFilter. */
export function filterFoldingWords(g: Window, filters: number) {
  const { kernelHeight, kernelWidth, strideHeight, strideWidth, channels } = g;
  const folded = foldedWindow(g);
  return {
    ...{ kernelHeight, kernelWidth, strideHeight, strideWidth, channels, filters },
    tapsDown: folded.kernelHeight,
    tapsAcross: folded.kernelWidth,
  };
}
