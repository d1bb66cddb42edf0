/** Max pooling and its gradient. */

import { sizeOf } from "../../core/shape.js";
import { defineOp, type Op } from "../op.js";
import { checkPooled, forEachWindow, type PoolAttributes, pooledType } from "./pool.js";
import { floatType } from "./unary.js";

/** y = the maximum of each window of each channel; padding never wins. */
export const maxPool2d: Op<"maxPool2d", 1, PoolAttributes> = defineOp({
  name: "maxPool2d",
  inputs: 1,
  infer: ([x], attributes) => pooledType("maxPool2d", x, attributes),
  gradient: ({ inputs: [x], output: y, gradient: g, attributes }) => [maxPool2dGradient([x, y, g], attributes)],
  reference: ({ inputs: [x], attributes, shape }) => {
    const result = new Float64Array(sizeOf(shape));
    forEachWindow(x.shape, attributes, (window, pixels) => {
      let largest = Number.NEGATIVE_INFINITY;
      for (const pixel of pixels) largest = Math.max(largest, x.data[pixel]!);
      result[window] = largest;
    });
    return result;
  },
});

/** dx of maxPool2d: each window's dy goes to its first maximum in row-major order. Inputs x, y, dy. */
export const maxPool2dGradient: Op<"maxPool2dGradient", 3, PoolAttributes> = defineOp({
  name: "maxPool2dGradient",
  inputs: 3,
  infer: ([x, y, dy], attributes) => {
    const { shape } = pooledType("maxPool2dGradient", x, attributes);
    checkPooled("maxPool2dGradient", "y", y.shape, shape);
    checkPooled("maxPool2dGradient", "dy", dy.shape, shape);
    floatType("maxPool2dGradient", y);
    floatType("maxPool2dGradient", dy);
    return { shape: x.shape, dtype: x.dtype };
  },
  reference: ({ inputs: [x, y, dy], attributes, shape }) => {
    const result = new Float64Array(sizeOf(shape));
    forEachWindow(x.shape, attributes, (window, pixels) => {
      const winner = pixels.find((pixel) => x.data[pixel] === y.data[window]);
      if (winner !== undefined) result[winner]! += dy.data[window]!;
    });
    return result;
  },
});
