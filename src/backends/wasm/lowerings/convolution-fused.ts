/** Lowering of convolutions fused with their pooling. */

import type { Dimensions } from "../../../graph/dimensions.js";
import type { Conv2dAttributes } from "../../../graph/ops/conv2d.js";
import { poolOf, routeResult } from "../../../graph/ops/conv2dMaxPool.js";
import { windowGeometry } from "../../../graph/ops/window.js";
import type { Builder } from "../builder.js";
import { byteSize, type Lowering, type Operand } from "../lowering.js";
import { emitConvolution, emitPooledConvolution, sizeOfKernel } from "./convolution.js";
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

export const fusedConvolutionLowerings = { conv2dMaxPool };
