/** Axes in another order. */

import { ShapeError } from "../../core/errors.js";
import { formatShape, sizeOf, stridesOf } from "../../core/shape.js";
import { isBatched } from "../dimensions.js";
import { defineOp, type Op } from "../op.js";
import { movable } from "./broadcast.js";
import { checkDType } from "./unary.js";

/** Axis i of y is axis permutation[i] of x; a batch axis stays in front. */
export const transpose: Op<"transpose", 1, { readonly permutation: readonly number[] }> = defineOp({
  name: "transpose",
  inputs: 1,
  infer: ([x], { permutation }) => {
    checkDType("transpose", x, movable);
    const sorted = permutation.toSorted((a, b) => a - b);
    if (sorted.length !== x.shape.length || sorted.some((axis, i) => axis !== i)) {
      throw new ShapeError(
        `transpose: a permutation of the ${x.shape.length} axes of ${formatShape(x.shape)} expected, received [${permutation.join(", ")}].`,
      );
    }
    if (isBatched(x.shape) && permutation[0] !== 0) {
      throw new ShapeError(
        `transpose: axis 0 of ${formatShape(x.shape)} is the batch and must stay in front, received [${permutation.join(", ")}].`,
      );
    }
    return { shape: permutation.map((axis) => x.shape[axis]!), dtype: x.dtype };
  },
  gradient: ({ gradient, attributes: { permutation } }) => [
    transpose([gradient], { permutation: permutation.map((_, axis) => permutation.indexOf(axis)) }),
  ],
  reference: ({ inputs: [x], attributes: { permutation }, shape }) => {
    const result = new Float64Array(sizeOf(shape));
    const own = stridesOf(x.shape);
    const to = stridesOf(shape);
    for (let i = 0; i < result.length; i++) {
      let from = 0;
      permutation.forEach((axis, k) => {
        from += (Math.floor(i / to[k]!) % shape[k]!) * own[axis]!;
      });
      result[i] = x.data[from]!;
    }
    return result;
  },
});
