/** Gradients of convolutions as calls of the direct kernels: any size, stride and padding. */

import type { Builder } from "../builder.js";
import { sizeAt } from "../kernels/kernel.js";
import { convolutionBlocks, packedBytes, partialStride, type Window } from "../kernels.js";
import { after, type Place } from "../place.js";

/** dx from dy. */
export function emitDirectInputGradient(
  builder: Builder,
  window: Window,
  filters: number,
  { dy, kernel, dx }: { readonly dy: Place; readonly kernel: Place; readonly dx: Place },
): void {
  const { channels } = window;
  const count = window.kernelHeight * window.kernelWidth;
  // The filter of each pixel of the window by itself, [filters, channels].
  const filter = builder.once(kernel, `packed by pixel ${count} ${filters} ${channels}`, () => {
    const packed = builder.scratch(count * packedBytes(filters, channels));
    const turned = { k: filters, n: channels, stride: filters, transposed: 1, count, xStep: channels * filters };
    builder.emit("packB", { x: kernel, y: packed, ...turned });
    return packed;
  });
  builder.emit("conv2dInputGradient", { dy, filter, dx, filters, ...window });
}

/** What the gradient by the filter reads, and the results that are wanted. */
export interface DirectFilterGradient {
  readonly x: Place;
  readonly dy: Place;
  readonly dw?: Place | undefined;
  readonly db?: Place | undefined;
}

/** dw and db, where they are given. */
export function emitDirectFilterGradient(
  builder: Builder,
  window: Window,
  filters: number,
  { x, dy, dw, db }: DirectFilterGradient,
): void {
  const { chunk, rowsBlock } = convolutionBlocks(window, builder.capacity);
  const stride = partialStride(window, filters);
  const chunks = Math.ceil(sizeAt(window.n, builder.capacity) / chunk);
  const partials = builder.scratch(chunks * stride * 4);
  builder.emit("conv2dFilterGradient", { x, dy, partials, filters, ...window, chunk, rowsBlock });
  const n = stride - filters;
  const sum = { stride, units: window.n, chunk };
  if (dw !== undefined) builder.emit("reducePartials", { partials, y: dw, n, ...sum });
  if (db !== undefined) builder.emit("reducePartials", { partials: after(partials, n * 4), y: db, n: filters, ...sum });
}
