/** The rectified linear unit and its gradient. */

import { defineOp } from "../op.js";
import { floatType } from "./unary.js";

/** y = max(x, 0). */
export const relu = defineOp({
  name: "relu",
  inputs: 1,
  infer: ([x]) => floatType("relu", x),
  gradient: ({ output, gradient }) => [reluGradient([output, gradient])],
  reference: ({ inputs: [x] }) => x.data.map((v) => (v > 0 ? v : v * 0)),
});

/** dx = dy where y > 0, else 0: 0 at the kink, as Keras. */
export const reluGradient = defineOp({
  name: "reluGradient",
  inputs: 2,
  infer: ([y]) => y,
  reference: ({ inputs: [y, dy] }) => dy.data.map((v, i) => (y.data[i]! > 0 ? v : 0)),
});
