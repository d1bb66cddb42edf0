/** The rectified linear unit and its gradient. */

import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { sameDimensions } from "../dimensions.js";
import { defineOp, type NoAttributes, type Op } from "../op.js";
import { floatType } from "./unary.js";

/** y = max(x, 0). */
export const relu = defineOp({
  name: "relu",
  inputs: 1,
  infer: ([x]) => floatType("relu", x),
  gradient: ({ output, gradient }) => [reluGradient([output, gradient])],
  reference: ({ inputs: [x] }) => x.data.map((v) => Math.max(v, 0)),
});

/** dx = dy where y > 0, else 0: 0 at the kink, as Keras. */
export const reluGradient: Op<"reluGradient", 2, NoAttributes> = defineOp({
  name: "reluGradient",
  inputs: 2,
  infer: ([y, dy]) => {
    if (!sameDimensions(y.shape, dy.shape)) {
      throw new ShapeError(
        `reluGradient: y and dy of one shape expected, received ${formatShape(y.shape)} and ${formatShape(dy.shape)}.`,
      );
    }
    floatType("reluGradient", dy);
    return floatType("reluGradient", y);
  },
  gradient: ({ inputs: [y], gradient }) => [null, reluGradient([y, gradient])],
  reference: ({ inputs: [y, dy] }) => dy.data.map((v, i) => (y.data[i]! > 0 ? v : 0)),
});
