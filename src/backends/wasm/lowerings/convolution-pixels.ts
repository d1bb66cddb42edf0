/**
 * 1 by 1 convolutions at stride 1 as products of all pixels with the filters, and their gradients: what relu made zero is
 * left out (assembly/product.ts).
 */

import type { Builder } from "../builder.js";
import { type Size, sizeAt, times } from "../kernels/kernel.js";
import { packingBlocks, partialStride, pixelBlocks, type Window } from "../kernels.js";
import type { Place } from "../place.js";
import { emitDirectFilterGradient, emitPartials } from "./convolution-direct.js";
import { packPanels } from "./matrix.js";

/** Whether a window is one pixel, and there is one for each. */
export function isPixelwise(g: Window): boolean {
  return g.kernelHeight === 1 && g.kernelWidth === 1 && g.outHeight === g.height && g.outWidth === g.width;
}

/** The pixels of all pictures. */
function pixelsOf({ n, height, width }: Window): Size {
  return times(n, height * width);
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
  const m = pixelsOf(g);
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

/** What the gradients read, and the results that are wanted. */
interface PixelGradients {
  /** Wanted for dw and db. */
  readonly x?: Place | undefined;
  readonly dy: Place;
  /** dy counts only where this is above 0. */
  readonly y?: Place | undefined;
  /** Wanted for dx. */
  readonly kernel?: Place | undefined;
  readonly dx?: Place | undefined;
  readonly dw?: Place | undefined;
  readonly db?: Place | undefined;
}

/**
 * Filters from which packing x in pairs pays. (Measured on dense operands: the filter's gradient takes 0.95 to 1.05 of the
 * direct one's time from 64 filters on, 1.15 to 1.7 with 16 to 32; with relu's zeros, and dy read once, 0.6 with 96 and 192.)
 */
const PAIRS_FROM = 48;

/** dx, dw and db, where they are given. */
export function emitPixelGradients(builder: Builder, g: Window, filters: number, gradients: PixelGradients): void {
  const { x, dy, y, kernel, dx, dw, db } = gradients;
  const { channels } = g;
  const forFilter = dw !== undefined || db !== undefined;
  const b = dx && packPanels(builder, kernel!, filters, channels, 1, filters);
  if (!forFilter || filters < PAIRS_FROM) {
    if (dx !== undefined) emitPixels(builder, g, b!, { a: dy, mask: y, from: filters, to: channels, c: dx });
    if (forFilter) emitDirectFilterGradient(builder, g, filters, { x: x!, dy, y, dw, db });
    return;
  }
  const pixels = pixelsOf(g);
  const blocks = pixelBlocks(pixels, channels, filters, builder.capacity);
  const stride = partialStride(g, filters);
  const partials = builder.scratch(Math.ceil(sizeAt(pixels, builder.capacity) / blocks.chunk) * stride * 4);
  builder.emit("pixelGradients", { x: x!, dy, y, filter: b, partials, dx, pixels, channels, filters, ...blocks });
  emitPartials(builder, partials, { stride, units: pixels, chunk: blocks.chunk, filters }, { dw, db });
}
