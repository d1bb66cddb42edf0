/** The square. */

import { constant } from "../leaves.js";
import { defineOp } from "../op.js";
import { multiply } from "./multiply.js";
import { floatType } from "./unary.js";

/** y = x²; dx = 2 x dy. */
export const square = defineOp({
  name: "square",
  inputs: 1,
  infer: ([x]) => floatType("square", x),
  gradient: ({ inputs: [x], gradient: g }) => [multiply([g, multiply([x, constant(2)])])],
  reference: ({ inputs: [x] }) => x.data.map((v) => v * v),
});
