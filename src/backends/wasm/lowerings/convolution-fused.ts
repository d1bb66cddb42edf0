/** Lowerings of convolutions fused with their pooling, and of all gradients of a convolution at once. */

import type { Dimensions } from "../../../graph/dimensions.js";
import type { Conv2dAttributes } from "../../../graph/ops/conv2d.js";
import { biasResult, filterResult } from "../../../graph/ops/conv2dGradients.js";
import { type Conv2dMaxPoolAttributes, poolOf, routeResult } from "../../../graph/ops/conv2dMaxPool.js";
import { windowGeometry } from "../../../graph/ops/window.js";
import type { Builder } from "../builder.js";
import { binaryOps, binaryWords } from "../kernels.js";
import { byteSize, type Lowering, type Operand } from "../lowering.js";
import type { Place } from "../place.js";
import {
  emitConvolution,
  emitFilterGradient,
  emitInputGradient,
  emitPooledConvolution,
  sizeOfKernel,
} from "./convolution.js";
import { windowOf } from "./picture.js";

/** The shape of a convolution's own result, unpooled. */
function convolvedShape(x: Operand, kernel: Operand, attributes: Conv2dAttributes): Dimensions {
  const [rows, height, width] = x.shape;
  const geometry = windowGeometry("wasm", height!, width!, sizeOfKernel(kernel), attributes);
  return [rows!, geometry.height.output, geometry.width.output, kernel.shape[3]!];
}

/** The same as an operand nobody has made room for yet. */
function convolved(builder: Builder, x: Operand, kernel: Operand, attributes: Conv2dAttributes): Operand {
  const shape = convolvedShape(x, kernel, attributes);
  const bytes = byteSize({ shape, dtype: "float32" });
  const size = typeof bytes === "number" ? bytes : bytes.perRow * builder.capacity;
  return { place: builder.scratch(size), shape, dtype: "float32", constant: undefined };
}

const conv2dMaxPool: Lowering<"conv2dMaxPool"> = ({
  builder,
  inputs: [x, kernel, bias],
  output,
  results,
  attributes,
}) => {
  const relu = attributes.activation === "relu";
  const convolution = { x, kernel, bias, relu, attributes };
  const pool = poolOf(attributes);
  const window = windowOf(convolvedShape(x, kernel, attributes), pool.poolSize, pool);
  const route = results[routeResult]?.place;
  if (emitPooledConvolution(builder, convolution, { window, pooled: output.place, route })) return;
  const y = convolved(builder, x, kernel, attributes).place;
  emitConvolution(builder, convolution, y);
  const places = { x: y, y: output.place };
  if (route === undefined) builder.emit("maxPool2d", { ...places, ...window });
  else builder.emit("maxPool2dRoute", { ...places, route, relu: relu ? 1 : 0, ...window });
};

interface Gradients {
  readonly x: Operand;
  readonly kernel: Operand;
  readonly dy: Place;
  readonly results: readonly (Operand | undefined)[];
  readonly attributes: Conv2dAttributes;
}

function emitGradients(builder: Builder, { x, kernel, dy, results, attributes }: Gradients): void {
  const [dx, dw, db] = [results[0], results[filterResult], results[biasResult]];
  if (dx !== undefined) emitInputGradient(builder, dy, kernel, dx, attributes);
  if (dw === undefined && db === undefined) return;
  const wanted = { dw: dw?.place, db: db?.place };
  emitFilterGradient(builder, x, dy, kernel.shape as readonly number[], attributes, wanted);
}

const conv2dGradients: Lowering<"conv2dGradients"> = ({ builder, inputs: [x, kernel, dy], results, attributes }) => {
  emitGradients(builder, { x, kernel, dy: dy.place, results, attributes });
};

const conv2dReluGradients: Lowering<"conv2dReluGradients"> = ({
  builder,
  inputs: [x, kernel, y, dy],
  results,
  attributes,
}) => {
  const masked = convolved(builder, x, kernel, attributes);
  builder.emit("binary", {
    a: y.place,
    b: dy.place,
    y: masked.place,
    op: binaryOps.reluGradient,
    ...binaryWords(y.shape, y.shape, dy.shape),
  });
  emitGradients(builder, { x, kernel, dy: masked.place, results, attributes });
};

const conv2dMaxPoolGradients: Lowering<"conv2dMaxPoolGradients"> = ({
  builder,
  inputs: [x, kernel, route, dp],
  results,
  attributes,
}) => {
  const dy = unpooled(builder, x, kernel, route, dp, attributes);
  emitGradients(builder, { x, kernel, dy, results, attributes });
};

function unpooled(
  builder: Builder,
  x: Operand,
  kernel: Operand,
  route: Operand,
  dp: Operand,
  attributes: Conv2dMaxPoolAttributes,
): Place {
  const dy = convolved(builder, x, kernel, attributes);
  const pool = poolOf(attributes);
  const window = windowOf(dy.shape, pool.poolSize, pool);
  builder.emit("maxPool2dRouteGradient", { route: route.place, dy: dp.place, dx: dy.place, ...window });
  return dy.place;
}

export const fusedConvolutionLowerings = {
  conv2dMaxPool,
  conv2dGradients,
  conv2dReluGradients,
  conv2dMaxPoolGradients,
};
