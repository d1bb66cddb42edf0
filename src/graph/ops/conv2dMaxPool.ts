/** Convolution, bias, activation and max pooling in one, which need not keep the unpooled picture. Made by fusion only. */

import type { Shape } from "../../core/shape.js";
import { sizeOf } from "../../core/shape.js";
import { defineOp, type Op, type ReferenceContext, type Value } from "../op.js";
import type { TensorType } from "../tensor.js";
import { conv2d } from "./conv2d.js";
import { type Conv2dBiasAttributes, conv2dBias } from "./conv2dBias.js";
import { maxPool2d } from "./maxPool2d.js";
import { forEachWindow, type PoolAttributes, pooledType } from "./pool.js";
import type { Padding } from "./window.js";

/** Attributes of conv2dMaxPool: those of conv2dBias, and the pooling's. */
export type Conv2dMaxPoolAttributes = Conv2dBiasAttributes & {
  readonly poolSize: readonly [number, number];
  readonly poolStrides: readonly [number, number];
  readonly poolPadding: Padding;
};

/** Number of the route among the results. */
export const routeResult = 1;
/** The route of a window that nothing passes through. */
export const noRoute = 255;

/** The pooling's own attributes. */
export function poolOf({ poolSize, poolStrides, poolPadding }: Conv2dMaxPoolAttributes): PoolAttributes {
  return { poolSize, strides: poolStrides, padding: poolPadding };
}

/** The type of what a convolution of type `y` is pooled to. */
export function pooledConvolution(name: string, y: TensorType, attributes: Conv2dMaxPoolAttributes): TensorType {
  return pooledType(name, y, poolOf(attributes));
}

/**
 * Results: p = maxPool2d(activation(conv2d(x, kernel) + bias)), and its route, uint8 of p's shape: the place of the
 * window's first maximum, counted row by row within the window (what lies outside the picture counts too), or 255
 * where no gradient passes: relu cut it to 0, or it is NaN. Inputs x, kernel, bias. A window has at most 255 places.
 */
export const conv2dMaxPool: Op<"conv2dMaxPool", 3, Conv2dMaxPoolAttributes> = defineOp({
  name: "conv2dMaxPool",
  inputs: 3,
  others: [
    {
      infer: ([x, kernel, bias], attributes) => ({
        shape: conv2dMaxPool.definition.infer([x, kernel, bias], attributes).shape,
        dtype: "uint8",
      }),
      reference: (context) => {
        const y = convolved(context);
        const { attributes, shape } = context;
        const route = new Float64Array(sizeOf(shape));
        forEachWindow(y.shape, poolOf(attributes), (window, pixels, places) => {
          const largest = pixels.reduce((most, pixel) => Math.max(most, y.data[pixel]!), -Infinity);
          const cut = Number.isNaN(largest) || (attributes.activation === "relu" && largest <= 0);
          route[window] = cut ? noRoute : places[pixels.findIndex((pixel) => y.data[pixel] === largest)]!;
        });
        return route;
      },
    },
  ],
  infer: ([x, kernel, bias], attributes) =>
    pooledConvolution("conv2dMaxPool", conv2dBias.definition.infer([x, kernel, bias], attributes), attributes),
  reference: (context) => {
    const { attributes, shape, rows } = context;
    return maxPool2d.definition.reference({
      inputs: [convolved(context)],
      attributes: poolOf(attributes),
      shape,
      rows,
    })!;
  },
});

/** What is pooled. */
function convolved({ inputs, attributes, rows }: ReferenceContext<3, Conv2dMaxPoolAttributes>): Value {
  const types = inputs.map(({ shape }) => ({ shape, dtype: "float32" as const }));
  const shape = conv2dBias.definition.infer(types as never, attributes).shape as Shape;
  return { shape, data: conv2dBias.definition.reference({ inputs, attributes, shape, rows })! };
}

/** dy of the convolution from dp: each window's goes where its route says. */
export function unpooled(x: Shape, kernel: Shape, route: Value, dp: Value, attributes: Conv2dMaxPoolAttributes): Value {
  const types = [x, kernel].map((shape) => ({ shape, dtype: "float32" as const }));
  const shape = conv2d.definition.infer(types as never, attributes).shape as Shape;
  const data = new Float64Array(sizeOf(shape));
  forEachWindow(shape, poolOf(attributes), (window, pixels, places) => {
    const pixel = pixels[places.indexOf(route.data[window]!)];
    if (pixel !== undefined) data[pixel]! += dp.data[window]!;
  });
  return { shape, data };
}
