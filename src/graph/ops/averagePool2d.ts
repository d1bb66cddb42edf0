/** Average pooling and its gradient. */

import { sizeOf } from "../../core/shape.js";
import { defineOp, type Op } from "../op.js";
import { checkPooled, forEachWindow, type PoolAttributes, pooledType } from "./pool.js";

/** Attributes of averagePool2dGradient: the size of the pictures that were pooled. */
export type AveragePool2dGradientAttributes = PoolAttributes & { readonly height: number; readonly width: number };

/** y = the mean of the real pixels of each window of each channel: padding does not count, as in Keras. */
export const averagePool2d: Op<"averagePool2d", 1, PoolAttributes> = defineOp({
  name: "averagePool2d",
  inputs: 1,
  infer: ([x], attributes) => pooledType("averagePool2d", x, attributes),
  gradient: ({ inputs: [x], gradient: g, attributes: { poolSize, strides, padding } }) => [
    averagePool2dGradient([g], { poolSize, strides, padding, height: x.shape[1]!, width: x.shape[2]! }),
  ],
  reference: ({ inputs: [x], attributes, shape }) => {
    const result = new Float64Array(sizeOf(shape));
    forEachWindow(x.shape, attributes, (window, pixels) => {
      let sum = 0;
      for (const pixel of pixels) sum += x.data[pixel]!;
      result[window] = sum / pixels.length;
    });
    return result;
  },
});

/** dx of averagePool2d: each window's dy in equal parts to its real pixels. */
export const averagePool2dGradient: Op<"averagePool2dGradient", 1, AveragePool2dGradientAttributes> = defineOp({
  name: "averagePool2dGradient",
  inputs: 1,
  infer: ([dy], { height, width, ...attributes }) => {
    const x = { shape: [dy.shape[0] ?? null, height, width, dy.shape[3] ?? 0], dtype: dy.dtype };
    checkPooled("averagePool2dGradient", "dy", dy.shape, pooledType("averagePool2dGradient", x, attributes).shape);
    return x;
  },
  gradient: ({ gradient: g, attributes: { poolSize, strides, padding } }) => [
    averagePool2d([g], { poolSize, strides, padding }),
  ],
  reference: ({ inputs: [dy], attributes, shape }) => {
    const result = new Float64Array(sizeOf(shape));
    forEachWindow(shape, attributes, (window, pixels) => {
      for (const pixel of pixels) result[pixel]! += dy.data[window]! / pixels.length;
    });
    return result;
  },
});
