/** Lowering of convolutions fused with their pooling. */

import { routeResult } from "../../../graph/ops/conv2dMaxPool.js";
import type { Lowering } from "../lowering.js";
import { convolvedScratch, emitConvolution, emitPooledConvolution, poolingOf, sizeOfKernel } from "./convolution.js";
import { windowOf } from "./picture.js";

const conv2dMaxPool: Lowering<"conv2dMaxPool"> = ({
  builder,
  inputs: [x, kernel, bias],
  output,
  results,
  attributes,
}) => {
  const relu = attributes.activation === "relu";
  const convolution = { x, kernel, bias, relu, attributes };
  const filters = kernel.shape[3]!;
  const convolved = windowOf(x.shape, sizeOfKernel(kernel), attributes);
  const window = poolingOf(convolved, filters, attributes);
  const route = results[routeResult]?.place;
  if (emitPooledConvolution(builder, convolution, { window, pooled: output.place, route })) return;
  const y = convolvedScratch(builder, convolved, filters);
  emitConvolution(builder, convolution, y);
  const places = { x: y, y: output.place };
  if (route === undefined) builder.emit("maxPool2d", { ...places, ...window });
  else builder.emit("maxPool2dRoute", { ...places, route, relu: relu ? 1 : 0, ...window });
};

export const fusedConvolutionLowerings = { conv2dMaxPool };
