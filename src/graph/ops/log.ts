/** The natural logarithm. */

import { defineOp } from "../op.js";
import { divide } from "./divide.js";
import { floatType } from "./unary.js";

/** y = ln x, -infinity at 0, NaN below; dx = dy / x. */
export const log = defineOp({
  name: "log",
  inputs: 1,
  infer: ([x]) => floatType("log", x),
  gradient: ({ inputs: [x], gradient: g }) => [divide([g, x])],
  reference: ({ inputs: [x] }) => x.data.map((v) => Math.log(v)),
});
