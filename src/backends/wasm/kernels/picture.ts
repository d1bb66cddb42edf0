/**
 * Kernels on pictures [n, height, width, channels]: pooling; and the window geometry that convolution (convolution.ts)
 * shares with it: output (o, p) looks at rows o strideHeight - padTop and on, columns p strideWidth - padLeft and on, and at
 * zeros (convolution) or nothing (pooling) outside the picture. `n`, the pictures, is a size.
 */

import { blocks, kernel, type Size } from "./kernel.js";

/** The geometry words. */
export const window = {
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

export const pictureKernels = {
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
