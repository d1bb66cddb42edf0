/**
 * 1 by 1 convolutions at stride 1 as products of all pixels with the filters, and their gradient by the input: what relu
 * made zero is left out (assembly/product.ts). The gradient by the filter is the direct one.
 */

import type { Builder } from "../builder.js";
import { parts, type Size } from "../kernels/kernel.js";
import { packingBlocks, type Window } from "../kernels.js";
import type { Place } from "../place.js";
import { packPanels } from "./matrix.js";

/** Whether a window is one pixel, and there is one for each. */
export function isPixelwise(g: Window): boolean {
  return g.kernelHeight === 1 && g.kernelWidth === 1 && g.outHeight === g.height && g.outWidth === g.width;
}

/** A product of pixels: each has `from` values, and gets `to`. */
interface PixelProduct {
  readonly a: Place;
  /** Values of a count where this is above 0. */
  readonly mask?: Place | undefined;
  readonly from: number;
  readonly to: number;
  readonly c: Place;
  readonly bias?: Place | undefined;
  readonly relu?: boolean;
}

function emitPixels(builder: Builder, g: Window, b: Place, { a, mask, from, to, c, bias, relu }: PixelProduct): void {
  const { perRow, fixed } = parts(g.n);
  const pixels = g.height * g.width;
  const m: Size = { perRow: perRow * pixels, fixed: fixed * pixels };
  const words = { m, n: to, k: from, aStride: from, cStride: to, packs: 1, relu: relu ? 1 : 0 };
  builder.emit("gemm", { a, mask, b, bias, c, ...words, ...packingBlocks(m, to, from, builder.capacity) });
}

/** y = x kernel + bias, cut at 0 with `relu`. */
export function emitPixelForward(
  builder: Builder,
  g: Window,
  filters: number,
  places: {
    readonly x: Place;
    readonly kernel: Place;
    readonly bias?: Place | undefined;
    readonly y: Place;
    readonly relu: boolean;
  },
): void {
  const { x, kernel, bias, y, relu } = places;
  const b = packPanels(builder, kernel, g.channels, filters, 0, filters);
  emitPixels(builder, g, b, { a: x, from: g.channels, to: filters, c: y, bias, relu });
}

/** dx from dy, which counts where y is above 0, if there is a y. */
export function emitPixelInputGradient(
  builder: Builder,
  g: Window,
  filters: number,
  places: { readonly dy: Place; readonly y?: Place | undefined; readonly kernel: Place; readonly dx: Place },
): void {
  const { dy, y, kernel, dx } = places;
  const b = packPanels(builder, kernel, filters, g.channels, 1, filters);
  emitPixels(builder, g, b, { a: dy, mask: y, from: filters, to: g.channels, c: dx });
}
