/** The square root. */

import { constant } from "../leaves.js";
import { defineOp } from "../op.js";
import { divide } from "./divide.js";
import { multiply } from "./multiply.js";
import { floatType } from "./unary.js";

/** y = sqrt(x), NaN below 0; dx = dy / (2 y). */
export const sqrt = defineOp({
  name: "sqrt",
  inputs: 1,
  infer: ([x]) => floatType("sqrt", x),
  gradient: ({ output: y, gradient: g }) => [divide([multiply([g, constant(0.5)]), y])],
  reference: ({ inputs: [x] }) => x.data.map((v) => Math.sqrt(v)),
});
