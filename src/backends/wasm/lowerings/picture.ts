/** Lowerings of ops on pictures other than convolution: pooling, resampling. */

import { sizeOf } from "../../../core/shape.js";
import type { Dimensions } from "../../../graph/dimensions.js";
import { type WindowAttributes, windowGeometry } from "../../../graph/ops/window.js";
import { resampleTable, type Window } from "../kernels.js";
import { elements, type Lowering, lengthOf } from "../lowering.js";

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

const resample: Lowering<"resample"> = ({ builder, inputs: [x], output, attributes }) => {
  const length = sizeOf(output.shape.slice(attributes.axis + 1) as number[]);
  builder.emit("resample", {
    x: x.place,
    y: output.place,
    table: builder.constant(resampleTable(attributes, length)),
    n: elements(output.shape.slice(0, attributes.axis + 1)),
    length,
    inputs: x.shape[attributes.axis]!,
    outputs: output.shape[attributes.axis]!,
  });
};

export const pictureLowerings = {
  maxPool2d,
  maxPool2dGradient,
  averagePool2d,
  averagePool2dGradient,
  resample,
};
