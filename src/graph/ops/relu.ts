/** The rectified linear unit and its gradient. */

import { defineOp, type NoAttributes, type Op } from "../op.js";
import { floatType, gradientType } from "./unary.js";

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
  infer: ([y, dy]) => gradientType("reluGradient", "y", y, dy),
  gradient: ({ inputs: [y], gradient }) => [null, reluGradient([y, gradient])],
  reference: ({ inputs: [y, dy] }) => dy.data.map((v, i) => (y.data[i]! > 0 ? v : 0)),
});
