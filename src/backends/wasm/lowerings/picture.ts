/** Lowerings of ops on pictures: convolution with its gradients, and pooling. */

import type { Dimensions } from "../../../graph/dimensions.js";
import { type WindowAttributes, windowGeometry } from "../../../graph/ops/window.js";
import type { Builder } from "../builder.js";
import { sizeAt } from "../kernels/kernel.js";
import { convolutionBlocks, partialStride, type Window } from "../kernels/picture.js";
import { packedBytes } from "../kernels.js";
import { type Lowering, lengthOf, type Operand } from "../lowering.js";
import { after, type Place } from "../place.js";

/** The geometry words: `x` is the shape of the pictures that windows are laid over. */
export function windowOf(x: Dimensions, kernelSize: readonly [number, number], attributes: WindowAttributes): Window {
  const [, height, width, channels] = x as [unknown, number, number, number];
  const geometry = windowGeometry("wasm", height, width, kernelSize, attributes);
  return {
    n: lengthOf(x, 0),
    height,
    width,
    channels,
    outHeight: geometry.height.output,
    outWidth: geometry.width.output,
    kernelHeight: kernelSize[0],
    kernelWidth: kernelSize[1],
    strideHeight: attributes.strides[0],
    strideWidth: attributes.strides[1],
    padTop: geometry.height.before,
    padLeft: geometry.width.before,
  };
}

export function sizeOfKernel({ shape }: Operand): [number, number] {
  return [shape[0]!, shape[1]!];
}

export interface Convolution {
  readonly x: Operand;
  readonly kernel: Operand;
  readonly y: Operand;
  readonly attributes: WindowAttributes;
  readonly bias?: Operand;
  readonly relu?: boolean;
}

export function emitConvolution(builder: Builder, { x, kernel, y, attributes, bias, relu = false }: Convolution): void {
  const window = windowOf(x.shape, sizeOfKernel(kernel), attributes);
  const filters = kernel.shape[3]!;
  const { block, runsBlock } = convolutionBlocks(window, builder.capacity);
  const k = window.kernelHeight * window.kernelWidth * window.channels;
  const filter = builder.once(kernel.place, `packed convolution ${k} ${filters}`, () => {
    const packed = builder.scratch(packedBytes(k, filters));
    builder.emit("packB", { x: kernel.place, y: packed, k, n: filters, stride: filters, count: 1 });
    return packed;
  });
  builder.emit("conv2dForward", {
    x: x.place,
    filter,
    bias: bias?.place,
    y: y.place,
    relu: relu ? 1 : 0,
    filters,
    ...window,
    block,
    runsBlock,
  });
}

const conv2d: Lowering<"conv2d"> = ({ builder, inputs: [x, kernel], output, attributes }) => {
  emitConvolution(builder, { x, kernel, y: output, attributes });
};

const conv2dBias: Lowering<"conv2dBias"> = ({ builder, inputs: [x, kernel, bias], output, attributes }) => {
  const relu = attributes.activation === "relu";
  emitConvolution(builder, { x, kernel, y: output, attributes, bias, relu });
};

const conv2dInputGradient: Lowering<"conv2dInputGradient"> = ({
  builder,
  inputs: [dy, kernel],
  output,
  attributes,
}) => {
  emitInputGradient(builder, dy.place, kernel, output, attributes);
};

export function emitInputGradient(
  builder: Builder,
  dy: Place,
  kernel: Operand,
  dx: Operand,
  attributes: WindowAttributes,
): void {
  const window = windowOf(dx.shape, sizeOfKernel(kernel), attributes);
  const filters = kernel.shape[3]!;
  const filter = packedByPixel(builder, kernel, window, filters);
  builder.emit("conv2dInputGradient", { dy, filter, dx: dx.place, filters, ...window });
}

/** The filter of each pixel of the window by itself, [filters, channels]. */
function packedByPixel(builder: Builder, kernel: Operand, window: Window, filters: number): Place {
  const { channels } = window;
  const count = window.kernelHeight * window.kernelWidth;
  return builder.once(kernel.place, `packed by pixel ${count} ${filters} ${channels}`, () => {
    const packed = builder.scratch(count * packedBytes(filters, channels));
    builder.emit("packB", {
      x: kernel.place,
      y: packed,
      k: filters,
      n: channels,
      stride: filters,
      transposed: 1,
      count,
      xStep: channels * filters,
    });
    return packed;
  });
}

const conv2dFilterGradient: Lowering<"conv2dFilterGradient"> = ({ builder, inputs: [x, dy], output, attributes }) => {
  emitFilterGradient(builder, x, dy.place, output.shape as readonly number[], attributes, { dw: output.place });
};

/** dw and db, where they are given; `kernel` is the shape of dw. */
export function emitFilterGradient(
  builder: Builder,
  x: Operand,
  dy: Place,
  kernel: readonly number[],
  attributes: WindowAttributes,
  { dw, db }: { readonly dw?: Place | undefined; readonly db?: Place | undefined },
): void {
  const window = windowOf(x.shape, [kernel[0]!, kernel[1]!], attributes);
  const filters = kernel[3]!;
  const { chunk, rowsBlock } = convolutionBlocks(window, builder.capacity);
  const stride = partialStride(window, filters);
  const chunks = Math.ceil(sizeAt(window.n, builder.capacity) / chunk);
  const partials = builder.scratch(chunks * stride * 4);
  builder.emit("conv2dFilterGradient", { x: x.place, dy, partials, filters, ...window, chunk, rowsBlock });
  const n = window.kernelHeight * window.kernelWidth * window.channels * filters;
  const sum = { stride, units: window.n, chunk };
  if (dw !== undefined) builder.emit("reducePartials", { partials, y: dw, n, ...sum });
  if (db !== undefined) builder.emit("reducePartials", { partials: after(partials, n * 4), y: db, n: filters, ...sum });
}

const maxPool2d: Lowering<"maxPool2d"> = ({ builder, inputs: [x], output, attributes }) => {
  builder.emit("maxPool2d", { x: x.place, y: output.place, ...windowOf(x.shape, attributes.poolSize, attributes) });
};

const maxPool2dGradient: Lowering<"maxPool2dGradient"> = ({ builder, inputs: [x, y, dy], output, attributes }) => {
  const window = windowOf(x.shape, attributes.poolSize, attributes);
  builder.emit("maxPool2dGradient", { x: x.place, y: y.place, dy: dy.place, dx: output.place, ...window });
};

const averagePool2d: Lowering<"averagePool2d"> = ({ builder, inputs: [x], output, attributes }) => {
  const window = windowOf(x.shape, attributes.poolSize, attributes);
  builder.emit("averagePool2d", { x: x.place, y: output.place, ...window });
};

const averagePool2dGradient: Lowering<"averagePool2dGradient"> = ({ builder, inputs: [dy], output, attributes }) => {
  const window = windowOf(output.shape, attributes.poolSize, attributes);
  builder.emit("averagePool2dGradient", { dy: dy.place, dx: output.place, ...window });
};

export const pictureLowerings = {
  conv2d,
  conv2dBias,
  conv2dInputGradient,
  conv2dFilterGradient,
  maxPool2d,
  maxPool2dGradient,
  averagePool2d,
  averagePool2dGradient,
};
