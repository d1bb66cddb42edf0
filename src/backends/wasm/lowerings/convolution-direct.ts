/**
 * Direct convolution as calls of kernels: any size, stride and padding. Which ops come here is for those that call this
 * (convolution.ts, convolution-gradient.ts).
 */

import type { Builder } from "../builder.js";
import { type Size, sizeAt, times } from "../kernels/kernel.js";
import {
  filterGradientBlocks,
  forwardBlocks,
  inputGradientBlocks,
  packedBytes,
  partialStride,
  type Window,
} from "../kernels.js";
import { after, type Place } from "../place.js";

/** A convolution's places. */
export interface DirectForward {
  readonly x: Place;
  readonly kernel: Place;
  readonly bias?: Place | undefined;
  readonly y: Place;
  readonly relu: boolean;
}

/** y = conv2d(x, kernel) + bias, cut at 0 with `relu`. */
export function emitDirectForward(
  builder: Builder,
  window: Window,
  filters: number,
  { x, kernel, bias, y, relu }: DirectForward,
): void {
  const k = window.kernelHeight * window.kernelWidth * window.channels;
  const filter = builder.once(kernel, `packed convolution ${k} ${filters}`, () => {
    const packed = builder.scratch(packedBytes(k, filters));
    builder.emit("packB", { x: kernel, y: packed, k, n: filters, stride: filters, count: 1 });
    return packed;
  });
  const blocks = forwardBlocks(window, filters, builder.capacity);
  builder.emit("conv2dForward", { x, filter, bias, y, relu: relu ? 1 : 0, filters, ...window, ...blocks });
}

/** dx from dy. */
export function emitDirectInputGradient(
  builder: Builder,
  window: Window,
  filters: number,
  { dy, kernel, dx }: { readonly dy: Place; readonly kernel: Place; readonly dx: Place },
): void {
  const { kernelHeight, kernelWidth, channels, strideHeight, strideWidth, padTop, padLeft } = window;
  const blocks = inputGradientBlocks(window, filters, builder.capacity);
  if (blocks === undefined) {
    const n = kernelWidth * channels;
    const filter = builder.once(kernel, `packed by row ${kernelHeight} ${n} ${filters}`, () => {
      const packed = builder.scratch(kernelHeight * packedBytes(filters, n));
      const turned = { k: filters, n, stride: filters, transposed: 1, count: kernelHeight, xStep: n * filters };
      builder.emit("packB", { x: kernel, y: packed, ...turned });
      return packed;
    });
    builder.emit("conv2dInputGradientRuns", { dy, filter, dx, filters, ...window });
    return;
  }
  const phases = { kernelHeight, kernelWidth, strideHeight, strideWidth, padTop, padLeft };
  const filter = builder.once(kernel, `phases ${Object.values(phases)} ${filters} ${channels}`, () => {
    const packed = builder.scratch(kernelHeight * kernelWidth * packedBytes(filters, channels));
    builder.emit("packFilterPhases", { x: kernel, y: packed, filters, channels, ...phases });
    return packed;
  });
  builder.emit("conv2dInputGradient", { dy, filter, dx, filters, ...window, ...blocks });
}

/** What the gradient by the filter reads, and the results that are wanted. */
export interface DirectFilterGradient {
  readonly x: Place;
  readonly dy: Place;
  /** dy counts only where this is above 0. */
  readonly y?: Place | undefined;
  readonly dw?: Place | undefined;
  readonly db?: Place | undefined;
}

/** dw and db, where they are given. */
export function emitDirectFilterGradient(
  builder: Builder,
  window: Window,
  filters: number,
  { x, dy, y, dw, db }: DirectFilterGradient,
): void {
  const { chunk, block, windows } = filterGradientBlocks(window, filters, builder.capacity);
  const units = times(window.n, window.outHeight * window.outWidth);
  const stride = partialStride(window, filters);
  const chunks = Math.ceil(sizeAt(units, builder.capacity) / chunk);
  const partials = builder.scratch(chunks * stride * 4);
  const kernel = windows ? "conv2dFilterGradientWindows" : "conv2dFilterGradient";
  builder.emit(kernel, { x, dy, y, partials, filters, ...window, chunk, block });
  emitPartials(builder, partials, { stride, units, chunk, filters }, { dw, db });
}

/** dw and db, where they are given, as the sums of what each `chunk` of the units has left in partials. */
export function emitPartials(
  builder: Builder,
  partials: Place,
  {
    filters,
    ...sum
  }: { readonly stride: number; readonly units: Size; readonly chunk: number; readonly filters: number },
  { dw, db }: { readonly dw?: Place | undefined; readonly db?: Place | undefined },
): void {
  const n = sum.stride - filters;
  if (dw !== undefined) builder.emit("reducePartials", { partials, y: dw, n, ...sum });
  if (db !== undefined) builder.emit("reducePartials", { partials: after(partials, n * 4), y: db, n: filters, ...sum });
}
