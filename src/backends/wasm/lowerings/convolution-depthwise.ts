/** Depthwise convolution as calls of kernels: as many groups as channels. Which ops come here is for those that call this. */

import type { Builder } from "../builder.js";
import { sizeAt, times } from "../kernels/kernel.js";
import {
  type DepthwiseWindow,
  depthwiseBlock,
  depthwiseChunks,
  depthwisePartialStride,
  type Parting,
  type Window,
} from "../kernels.js";
import type { Place } from "../place.js";
import { emitPartials } from "./convolution-direct.js";

/** Whether every channel is a group of its own; a single channel is an ordinary convolution's. */
export function isDepthwise({ channels }: Window, { groups }: Parting): boolean {
  return groups === channels && channels > 1;
}

/** The words of a depthwise convolution's geometry. */
export function depthwiseWindow(window: Window, filters: number, { dilation }: Parting): DepthwiseWindow {
  const [dilationHeight, dilationWidth] = dilation;
  return { ...window, multiplier: filters / window.channels, dilationHeight, dilationWidth };
}

/** y = the depthwise convolution of x + bias, cut at 0 with `relu`. */
export function emitDepthwiseForward(
  builder: Builder,
  window: DepthwiseWindow,
  { x, kernel, bias, relu }: { x: Place; kernel: Place; bias: Place | undefined; relu: boolean },
  y: Place,
): void {
  const block = depthwiseBlock(window, builder.capacity);
  builder.emit("depthwiseForward", { x, kernel, bias, y, relu: relu ? 1 : 0, ...window, block });
}

/** What the gradients read, and the results that are wanted. */
export interface PlacedGradients {
  /** Wanted for dw and db. */
  readonly x?: Place | undefined;
  /** Wanted for dx. */
  readonly kernel?: Place | undefined;
  readonly dy: Place;
  /** dy counts only where this is above 0. */
  readonly y?: Place | undefined;
  readonly dx?: Place | undefined;
  readonly dw?: Place | undefined;
  readonly db?: Place | undefined;
}

/** dx, dw and db, where they are given. */
export function emitDepthwiseGradients(
  builder: Builder,
  window: DepthwiseWindow,
  { x, kernel, dy, y, dx, dw, db }: PlacedGradients,
): void {
  const blocks = depthwiseChunks(window, builder.capacity);
  const stride = depthwisePartialStride(window);
  const units = times(window.n, window.outHeight);
  const forFilter = dw !== undefined || db !== undefined;
  const chunks = Math.ceil(sizeAt(units, builder.capacity) / blocks.chunk);
  const partials = forFilter ? builder.scratch(chunks * stride * 4) : undefined;
  const read = { x: forFilter ? x : undefined, kernel: dx && kernel, dy, y };
  builder.emit("depthwiseGradients", { ...read, partials, dx, ...window, ...blocks });
  if (partials === undefined) return;
  const filters = window.channels * window.multiplier;
  emitPartials(builder, partials, { stride, units, chunk: blocks.chunk, filters }, { dw, db });
}
