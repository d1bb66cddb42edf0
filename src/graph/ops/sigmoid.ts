/** The logistic function and its gradient. */

import { defineOp } from "../op.js";
import { floatType, gradientType } from "./unary.js";

/** y = 1 / (1 + e^-x). */
export const sigmoid = defineOp({
  name: "sigmoid",
  inputs: 1,
  infer: ([x]) => floatType("sigmoid", x),
  gradient: ({ output, gradient }) => [sigmoidGradient([output, gradient])],
  reference: ({ inputs: [x] }) => x.data.map((v) => 1 / (1 + Math.exp(-v))),
});

/** dx = dy y (1 - y), of sigmoid's output y and dy. */
export const sigmoidGradient = defineOp({
  name: "sigmoidGradient",
  inputs: 2,
  infer: ([y, dy]) => gradientType("sigmoidGradient", "y", y, dy),
  reference: ({ inputs: [y, dy] }) => dy.data.map((v, i) => v * y.data[i]! * (1 - y.data[i]!)),
});
