/** Window geometry for tests of picture kernels: cases, their words, and every pair of pixels that meet. */

import type { Window } from "../../src/backends/wasm/kernels.js";

/** A convolution or pooling; `filters` is of convolutions alone. */
export interface WindowCase {
  readonly size: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly same?: boolean;
  readonly rows?: number;
}

/** The geometry of a case, with Keras's rule for "same". */
export function windowOf({ size, channels, kernel, strides = [1, 1], same = false }: WindowCase): Window {
  const axis = (i: 0 | 1) => {
    const [length, k, stride] = [size[i], kernel[i], strides[i]];
    if (!same) return { out: Math.floor((length - k) / stride) + 1, before: 0 };
    const out = Math.ceil(length / stride);
    return { out, before: Math.floor(Math.max((out - 1) * stride + k - length, 0) / 2) };
  };
  const [down, across] = [axis(0), axis(1)];
  return {
    n: { perRow: 1 },
    height: size[0],
    width: size[1],
    channels,
    outHeight: down.out,
    outWidth: across.out,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideHeight: strides[0],
    strideWidth: strides[1],
    padTop: down.before,
    padLeft: across.before,
  };
}

/** Calls back for every pair of an output pixel and an input pixel it sees: indices of pixels and of the tap. */
export function forEachPair(g: Window, rows: number, visit: (x: number, tap: number, y: number) => void): void {
  for (let n = 0; n < rows; n++) {
    for (let o = 0; o < g.outHeight; o++) {
      for (let p = 0; p < g.outWidth; p++) {
        for (let i = 0; i < g.kernelHeight; i++) {
          for (let j = 0; j < g.kernelWidth; j++) {
            const [h, w] = [o * g.strideHeight + i - g.padTop, p * g.strideWidth + j - g.padLeft];
            if (h < 0 || h >= g.height || w < 0 || w >= g.width) continue;
            visit((n * g.height + h) * g.width + w, i * g.kernelWidth + j, (n * g.outHeight + o) * g.outWidth + p);
          }
        }
      }
    }
  }
}
