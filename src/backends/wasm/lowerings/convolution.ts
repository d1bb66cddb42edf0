/**
 * Lowerings of convolution: by Winograd's algorithm where its rule says so, else directly. What is dilated or in groups
 * comes apart into convolutions that are not (convolution-parts.ts), or is depthwise (convolution-depthwise.ts).
 */

import type { Conv2dAttributes } from "../../../graph/ops/conv2d.js";
import { type Conv2dMaxPoolAttributes, poolOf } from "../../../graph/ops/conv2dMaxPool.js";
import type { Builder } from "../builder.js";
import { sizeAt } from "../kernels/kernel.js";
import {
  filterPointBytes,
  partedConvolution,
  pooledBlocks,
  type Staging,
  stagingOf,
  type TiledWay,
  tiledWay,
  tilesAtOnce,
  tilesOfBlock,
  type Window,
} from "../kernels.js";
import type { Lowering, Operand } from "../lowering.js";
import type { Place } from "../place.js";
import { depthwiseWindow, emitDepthwiseForward, isDepthwise } from "./convolution-depthwise.js";
import { emitDirectForward } from "./convolution-direct.js";
import { emitPartedForward, partingOf } from "./convolution-parts.js";
import { foldFilter, foldPictures } from "./convolution-phases.js";
import { emitPixelForward, isPixelwise } from "./convolution-pixels.js";
import { windowOf } from "./picture.js";

export function sizeOfKernel({ shape }: Operand): [number, number] {
  return [shape[0]!, shape[1]!];
}

/** What is convolved. */
export interface Convolution {
  readonly x: Operand;
  readonly kernel: Operand;
  readonly attributes: Conv2dAttributes;
  readonly bias?: Operand;
  readonly relu?: boolean;
}

export function emitConvolution(builder: Builder, convolution: Convolution, y: Place): void {
  const { x, kernel, attributes, bias, relu = false } = convolution;
  const window = windowOf(x.shape, sizeOfKernel(kernel), attributes);
  const filters = kernel.shape[3]!;
  const parting = partingOf(attributes);
  const places = { x: x.place, kernel: kernel.place, bias: bias?.place, relu, kept: builder.keeps(kernel.place) };
  if (parting === undefined) {
    emitWhole(builder, window, filters, places, y);
  } else if (isDepthwise(window, parting)) {
    emitDepthwiseForward(builder, depthwiseWindow(window, filters, parting), places, y);
  } else {
    emitPartedForward(builder, partedConvolution(window, filters, parting), { ...places, y }, emitWhole);
  }
}

/** Where a convolution's operands are. */
interface Places {
  readonly x: Place;
  readonly kernel: Place;
  readonly bias: Place | undefined;
  readonly relu: boolean;
  /** Whether what is made of the kernel is kept from step to step. */
  readonly kept: boolean;
}

/** A convolution of side by side pixels and all channels. */
function emitWhole(builder: Builder, window: Window, filters: number, places: Places, y: Place): void {
  const way = tiledWay(window, filters, builder.capacity, places.kept);
  if (way !== undefined) {
    const words = winogradWords(builder, places, window, filters, way);
    const staging = stagingOf(way.window, filters, way.tiling, builder.capacity);
    const block = tilesOfBlock(way.tiling, words.tiles);
    if (staging === undefined) builder.emit("winogradForward", { ...words, y, block });
    else emitStaged(builder, words, staging, y);
  } else if (isPixelwise(window)) {
    emitPixelForward(builder, window, filters, { ...places, y });
  } else {
    emitDirectForward(builder, window, filters, { ...places, y });
  }
}

/** Tiles to points, products, points to results, each shared out by itself. */
function emitStaged(
  builder: Builder,
  { x, filter, bias, relu, height, width, padTop, padLeft, outHeight, outWidth, ...words }: WinogradWords,
  { tiles, bytes }: Staging,
  y: Place,
): void {
  const { n, channels, filters, points, taps, down, across, short, narrow } = words;
  const pictures = builder.scratch(bytes.pictures);
  const results = builder.scratch(bytes.results);
  const common = { n, points, taps, down, across, short, narrow, tiles };
  const geometry = { height, width, channels, padTop, padLeft };
  builder.emit("winogradPoints", { x, y: pictures, ...geometry, ...common });
  builder.emit("winogradProducts", { x: pictures, filter, y: results, channels, filters, ...common });
  builder.emit("winogradResults", { x: results, bias, y, relu, outHeight, outWidth, filters, ...common });
}

/** Where a pooling of what is convolved goes. */
export interface Pooling {
  readonly window: Window;
  readonly pooled: Place;
  readonly route: Place | undefined;
}

/**
 * A convolution whose unpooled pictures stay in the second-level cache: false, and nothing emitted, where they are not
 * computed by tiles, or are too large.
 */
export function emitPooledConvolution(builder: Builder, convolution: Convolution, pooling: Pooling): boolean {
  const { x, kernel, bias, relu = false, attributes } = convolution;
  if (partingOf(attributes) !== undefined) return false;
  const window = windowOf(x.shape, sizeOfKernel(kernel), attributes);
  const filters = kernel.shape[3]!;
  const kept = builder.keeps(kernel.place);
  const way = tiledWay(window, filters, builder.capacity, kept);
  if (way === undefined) return false;
  const blocks = pooledBlocks(way.window, filters, way.tiling, builder.capacity);
  if (blocks === undefined) return false;
  builder.emit("winogradForward", {
    ...winogradWords(
      builder,
      { x: x.place, kernel: kernel.place, bias: bias?.place, relu, kept },
      window,
      filters,
      way,
    ),
    ...blocks,
    pooled: pooling.pooled,
    route: pooling.route,
    ...poolingWords(pooling.window),
  });
  return true;
}

/** The windows of the pooling behind a convolution. */
export function poolingOf(window: Window, filters: number, attributes: Conv2dMaxPoolAttributes): Window {
  const { n, outHeight, outWidth } = window;
  const pool = poolOf(attributes);
  return windowOf([typeof n === "number" ? n : null, outHeight, outWidth, filters], pool.poolSize, pool);
}

/** Those windows as Winograd's kernels have them beside the convolution's own. */
export function poolingWords(pool: Window) {
  return {
    pooledHeight: pool.outHeight,
    pooledWidth: pool.outWidth,
    poolHeight: pool.kernelHeight,
    poolWidth: pool.kernelWidth,
    poolStrideHeight: pool.strideHeight,
    poolStrideWidth: pool.strideWidth,
    poolTop: pool.padTop,
    poolLeft: pool.padLeft,
  };
}

/** Room for the results of a convolution, or for their gradient. */
export function convolvedScratch(builder: Builder, { n, outHeight, outWidth }: Window, filters: number): Place {
  return builder.scratch(sizeAt(n, builder.capacity) * outHeight * outWidth * filters * 4);
}

type WinogradWords = ReturnType<typeof winogradWords>;

/** The words of winogradForward but for where the results go; emits the filters as points, and what is folded first. */
function winogradWords(
  builder: Builder,
  { x, kernel, bias, relu }: Places,
  given: Window,
  filters: number,
  { window, tiling, folded }: TiledWay,
) {
  const { n, height, width, channels, outHeight, outWidth, padTop, padLeft } = window;
  const { points, taps } = tiling;
  const w = folded ? foldFilter(builder, given, filters, kernel) : kernel;
  const filter = builder.once(w, `forward points ${points} ${taps} ${channels} ${filters}`, () => {
    const forward = builder.scratch(filterPointBytes(points, channels, filters));
    builder.emit("winogradFilter", { w, forward, points, taps, channels, filters });
    return forward;
  });
  const tiles = tilesAtOnce(window, filters, tiling, builder.capacity);
  const geometry = { n, height, width, channels, filters, outHeight, outWidth, padTop, padLeft };
  const pictures = folded ? foldPictures(builder, given, x) : x;
  return { x: pictures, filter, bias, relu: relu ? 1 : 0, ...geometry, ...tiling, tiles };
}

const conv2d: Lowering<"conv2d"> = ({ builder, inputs: [x, kernel], output, attributes }) => {
  emitConvolution(builder, { x, kernel, attributes }, output.place);
};

const conv2dBias: Lowering<"conv2dBias"> = ({ builder, inputs: [x, kernel, bias], output, attributes }) => {
  const relu = attributes.activation === "relu";
  emitConvolution(builder, { x, kernel, attributes, bias, relu }, output.place);
};

export const convolutionLowerings = { conv2d, conv2dBias };
