/** The hyperbolic tangent and its gradient. */

import { defineOp } from "../op.js";
import { floatType, gradientType } from "./unary.js";

/** y = tanh x. */
export const tanh = defineOp({
  name: "tanh",
  inputs: 1,
  infer: ([x]) => floatType("tanh", x),
  gradient: ({ output, gradient }) => [tanhGradient([output, gradient])],
  reference: ({ inputs: [x] }) => x.data.map((v) => Math.tanh(v)),
});

/** dx = dy (1 - y²), of tanh's output y and dy. */
export const tanhGradient = defineOp({
  name: "tanhGradient",
  inputs: 2,
  infer: ([y, dy]) => gradientType("tanhGradient", "y", y, dy),
  reference: ({ inputs: [y, dy] }) => dy.data.map((v, i) => v * (1 - y.data[i]! ** 2)),
});
