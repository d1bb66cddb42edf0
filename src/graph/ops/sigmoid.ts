/** The logistic function. */

import { constant } from "../leaves.js";
import { defineOp } from "../op.js";
import { multiply } from "./multiply.js";
import { subtract } from "./subtract.js";
import { floatType } from "./unary.js";

/** y = 1 / (1 + e^-x); dx = dy y (1 - y). */
export const sigmoid = defineOp({
  name: "sigmoid",
  inputs: 1,
  infer: ([x]) => floatType("sigmoid", x),
  gradient: ({ output: y, gradient: g }) => [multiply([g, multiply([y, subtract([constant(1), y])])])],
  reference: ({ inputs: [x] }) => x.data.map((v) => 1 / (1 + Math.exp(-v))),
});
