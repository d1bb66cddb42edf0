/** The exponential function. */

import { defineOp } from "../op.js";
import { multiply } from "./multiply.js";
import { floatType } from "./unary.js";

/** y = e^x; dx = dy y. */
export const exp = defineOp({
  name: "exp",
  inputs: 1,
  infer: ([x]) => floatType("exp", x),
  gradient: ({ output: y, gradient: g }) => [multiply([g, y])],
  reference: ({ inputs: [x] }) => x.data.map((v) => Math.exp(v)),
});
