/** The largest element over some axes. */

import { sizeOf } from "../../core/shape.js";
import { defineOp, type Op } from "../op.js";
import { broadcastTo, forEachReduced, type ReduceAttributes, reducedShape, reduceSum } from "./broadcastTo.js";
import { cast } from "./cast.js";
import { divide } from "./divide.js";
import { equal } from "./equal.js";
import { multiply } from "./multiply.js";
import { reshape } from "./reshape.js";
import { floatType } from "./unary.js";

/**
 * y = max of x over `axes` (ascending, counted from the front); `keepDims` leaves them with length 1. The maximum of
 * nothing is -infinity. Equal maxima share dy equally, as in TensorFlow.
 */
export const reduceMax: Op<"reduceMax", 1, ReduceAttributes> = defineOp({
  name: "reduceMax",
  inputs: 1,
  infer: ([x], { axes, keepDims }) => ({
    shape: reducedShape(x.shape, axes, keepDims, "reduceMax"),
    dtype: floatType("reduceMax", x).dtype,
  }),
  gradient: ({ inputs: [x], output, gradient, attributes: { axes } }) => {
    const shape = reducedShape(x.shape, axes, true, "reduceMax");
    const here = cast([equal([x, reshape([output], { shape })])], { dtype: "float32" });
    const share = divide([reshape([gradient], { shape }), reduceSum([here], { axes, keepDims: true })]);
    return [multiply([here, broadcastTo([share], { shape: x.shape })])];
  },
  reference: ({ inputs: [x], attributes: { axes }, shape }) => {
    const result = new Float64Array(sizeOf(shape)).fill(Number.NEGATIVE_INFINITY);
    forEachReduced(x.shape, axes, (from, to) => {
      result[to] = Math.max(result[to]!, x.data[from]!);
    });
    return result;
  },
});
