/** The reciprocal. */

import { defineOp } from "../op.js";
import { multiply } from "./multiply.js";
import { negate } from "./negate.js";
import { floatType } from "./unary.js";

/** y = 1 / x; dx = -dy y². */
export const reciprocal = defineOp({
  name: "reciprocal",
  inputs: 1,
  infer: ([x]) => floatType("reciprocal", x),
  gradient: ({ output: y, gradient: g }) => [negate([multiply([g, multiply([y, y])])])],
  reference: ({ inputs: [x] }) => x.data.map((v) => 1 / v),
});
