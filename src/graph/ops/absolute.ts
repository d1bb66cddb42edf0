/** The absolute value. */

import { defineOp } from "../op.js";
import { multiply } from "./multiply.js";
import { sign } from "./sign.js";
import { floatType } from "./unary.js";

/** y = |x|; dx = dy sign(x), so 0 at 0. */
export const absolute = defineOp({
  name: "absolute",
  inputs: 1,
  infer: ([x]) => floatType("absolute", x),
  gradient: ({ inputs: [x], gradient: g }) => [multiply([g, sign([x])])],
  reference: ({ inputs: [x] }) => x.data.map((v) => Math.abs(v)),
});
