/**
 * Lowerings of a convolution's gradients: by the adjoint of Winograd's algorithm where the rule for the forward says so,
 * else directly. Winograd's kernel masks and unpools dy as it reads it; for the direct ones that is done before. What is
 * dilated or in groups comes apart (convolution-parts.ts), or is depthwise (convolution-depthwise.ts).
 */

import type { Conv2dAttributes } from "../../../graph/ops/conv2d.js";
import { biasResult, filterResult } from "../../../graph/ops/conv2dGradients.js";
import type { Builder } from "../builder.js";
import { sizeAt } from "../kernels/kernel.js";
import {
  binaryOps,
  binaryWords,
  filterPointBytes,
  gradientBlocks,
  partedConvolution,
  partialStride,
  type TiledWay,
  tiledWay,
  type Window,
} from "../kernels.js";
import type { Lowering, Operand } from "../lowering.js";
import type { Place } from "../place.js";
import { convolvedScratch, poolingOf, poolingWords, sizeOfKernel } from "./convolution.js";
import { depthwiseWindow, emitDepthwiseGradients, isDepthwise } from "./convolution-depthwise.js";
import { emitDirectFilterGradient, emitDirectInputGradient, emitPartials } from "./convolution-direct.js";
import { emitPartedGradients, partingOf } from "./convolution-parts.js";
import {
  emitUnfoldFilter,
  emitUnfoldPictures,
  foldFilter,
  foldPictures,
  roomForFilter,
  roomForPictures,
} from "./convolution-phases.js";
import { emitPixelGradients, isPixelwise } from "./convolution-pixels.js";
import { windowOf } from "./picture.js";

/** Where dy comes from, what else is read, and the results that are wanted. */
interface Gradients {
  /** Wanted for dw. */
  readonly x?: Place | undefined;
  /** Wanted for dx. */
  readonly kernel?: Place | undefined;
  readonly dy: Place;
  /** dy counts only where this is above 0. */
  readonly y?: Operand | undefined;
  /** dy is the gradient of what the convolution was pooled to. */
  readonly pool?: { readonly route: Place; readonly window: Window };
  readonly dx?: Place | undefined;
  readonly dw?: Place | undefined;
  readonly db?: Place | undefined;
}

/** What is looked at by whom: the shapes of pictures and kernel, and the attributes. */
interface Shapes {
  readonly pictures: Operand["shape"];
  readonly kernel: Operand;
  readonly attributes: Conv2dAttributes;
}

function emitGradients(builder: Builder, { pictures, kernel, attributes }: Shapes, gradients: Gradients): void {
  const window = windowOf(pictures, sizeOfKernel(kernel), attributes);
  const filters = kernel.shape[3]!;
  const parting = partingOf(attributes);
  if (parting === undefined) {
    emitWhole(builder, window, filters, gradients);
    return;
  }
  const { y, pool, dy, ...others } = gradients;
  // What is masked only is masked as it is read.
  const places =
    pool === undefined
      ? { ...others, dy, y: y?.place }
      : { ...others, dy: plainGradient(builder, window, filters, gradients) };
  if (isDepthwise(window, parting)) {
    emitDepthwiseGradients(builder, depthwiseWindow(window, filters, parting), places);
  } else {
    emitPartedGradients(builder, partedConvolution(window, filters, parting), places, emitWhole);
  }
}

/** Of a convolution of side by side pixels and all channels. */
function emitWhole(builder: Builder, window: Window, filters: number, gradients: Gradients): void {
  const { x, kernel, dx, dw, db } = gradients;
  const way = tiledWay(window, filters, builder.capacity);
  if (way?.folded) {
    emitFoldedGradients(builder, window, filters, way, gradients);
    return;
  }
  if (way !== undefined) {
    emitTiledGradients(builder, filters, way, gradients);
    return;
  }
  const { y, pool } = gradients;
  if (dx === undefined && y !== undefined && pool === undefined) {
    // The first layer: dy is masked where it is read.
    emitDirectFilterGradient(builder, window, filters, { x: x!, dy: gradients.dy, y: y.place, dw, db });
    return;
  }
  if (isPixelwise(window) && pool === undefined) {
    emitPixelGradients(builder, window, filters, { x, kernel, dy: gradients.dy, y: y?.place, dx, dw, db });
    return;
  }
  const dy = plainGradient(builder, window, filters, gradients);
  if (dx !== undefined) emitDirectInputGradient(builder, window, filters, { dy, kernel: kernel!, dx });
  if (dw !== undefined || db !== undefined) emitDirectFilterGradient(builder, window, filters, { x: x!, dy, dw, db });
}

/** dy masked, or unpooled. */
function plainGradient(builder: Builder, window: Window, filters: number, { dy, y, pool }: Gradients): Place {
  if (y === undefined && pool === undefined) return dy;
  const plain = convolvedScratch(builder, window, filters);
  if (pool !== undefined) {
    builder.emit("maxPool2dRouteGradient", { route: pool.route, dy, dx: plain, ...pool.window });
  } else {
    const words = binaryWords(y!.shape, y!.shape, y!.shape);
    builder.emit("binary", { a: y!.place, b: dy, y: plain, op: binaryOps.reluGradient, ...words });
  }
  return plain;
}

/** By way of the folded pictures and filter, and their gradients. */
function emitFoldedGradients(
  builder: Builder,
  window: Window,
  filters: number,
  way: TiledWay,
  { x, kernel, dx, dw, ...others }: Gradients,
): void {
  const foldedDx = dx && roomForPictures(builder, window);
  const foldedDw = dw && roomForFilter(builder, window, filters);
  emitTiledGradients(builder, filters, way, {
    ...others,
    ...((dw ?? others.db) && { x: foldPictures(builder, window, x!) }),
    ...(dx && { kernel: foldFilter(builder, window, filters, kernel!) }),
    dx: foldedDx,
    dw: foldedDw,
  });
  if (dx !== undefined) emitUnfoldPictures(builder, window, foldedDx!, dx);
  if (dw !== undefined) emitUnfoldFilter(builder, window, filters, foldedDw!, dw);
}

function emitTiledGradients(
  builder: Builder,
  filters: number,
  { window, tiling }: TiledWay,
  { x, kernel, dy, y, pool, dx, dw, db }: Gradients,
): void {
  const { n, height, width, channels, outHeight, outWidth, padTop, padLeft } = window;
  const { points, taps } = tiling;
  const pictures = sizeAt(n, builder.capacity);
  const blocks = gradientBlocks(tiling, channels, filters, pictures);
  const stride = partialStride(window, filters);
  const forFilter = dw !== undefined || db !== undefined;
  const partials = forFilter ? builder.scratch(Math.ceil(pictures / blocks.chunk) * stride * 4) : undefined;
  const filter =
    dx === undefined
      ? undefined
      : builder.once(kernel!, `backward points ${points} ${taps} ${channels} ${filters}`, () => {
          const backward = builder.scratch(filterPointBytes(points, filters, channels));
          builder.emit("winogradFilter", { w: kernel!, backward, points, taps, channels, filters });
          return backward;
        });
  builder.emit("winogradGradient", {
    x: forFilter ? x : undefined,
    y: y?.place,
    dy,
    filter,
    partials,
    dx,
    ...{ n, height, width, channels, outHeight, outWidth, padTop, padLeft, filters },
    ...tiling,
    ...blocks,
    ...(pool === undefined ? {} : { route: pool.route, ...poolingWords(pool.window) }),
  });
  if (partials === undefined) return;
  emitPartials(builder, partials, { stride, units: n, chunk: blocks.chunk, filters }, { dw, db });
}

const conv2dInputGradient: Lowering<"conv2dInputGradient"> = ({
  builder,
  inputs: [dy, kernel],
  output,
  attributes,
}) => {
  const gradients = { kernel: kernel.place, dy: dy.place, dx: output.place };
  emitGradients(builder, { pictures: output.shape, kernel, attributes }, gradients);
};

const conv2dFilterGradient: Lowering<"conv2dFilterGradient"> = ({ builder, inputs: [x, dy], output, attributes }) => {
  const gradients = { x: x.place, dy: dy.place, dw: output.place };
  emitGradients(builder, { pictures: x.shape, kernel: output, attributes }, gradients);
};

/** The places of the results of an op that gives all gradients. */
function wanted(results: readonly (Operand | undefined)[]) {
  return { dx: results[0]?.place, dw: results[filterResult]?.place, db: results[biasResult]?.place };
}

const conv2dGradients: Lowering<"conv2dGradients"> = ({ builder, inputs: [x, kernel, dy], results, attributes }) => {
  const gradients = { x: x.place, kernel: kernel.place, dy: dy.place, ...wanted(results) };
  emitGradients(builder, { pictures: x.shape, kernel, attributes }, gradients);
};

const conv2dReluGradients: Lowering<"conv2dReluGradients"> = ({
  builder,
  inputs: [x, kernel, y, dy],
  results,
  attributes,
}) => {
  const gradients = { x: x.place, kernel: kernel.place, dy: dy.place, y, ...wanted(results) };
  emitGradients(builder, { pictures: x.shape, kernel, attributes }, gradients);
};

const conv2dMaxPoolGradients: Lowering<"conv2dMaxPoolGradients"> = ({
  builder,
  inputs: [x, kernel, route, dp],
  results,
  attributes,
}) => {
  const window = windowOf(x.shape, sizeOfKernel(kernel), attributes);
  const pool = { route: route.place, window: poolingOf(window, kernel.shape[3]!, attributes) };
  emitGradients(
    builder,
    { pictures: x.shape, kernel, attributes },
    {
      x: x.place,
      kernel: kernel.place,
      dy: dp.place,
      pool,
      ...wanted(results),
    },
  );
};

export const convolutionGradientLowerings = {
  conv2dInputGradient,
  conv2dFilterGradient,
  conv2dGradients,
  conv2dReluGradients,
  conv2dMaxPoolGradients,
};
