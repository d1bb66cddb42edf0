/** The negative. */

import { defineOp, type NoAttributes, type Op } from "../op.js";
import { floatType } from "./unary.js";

/** y = -x. */
export const negate: Op<"negate", 1, NoAttributes> = defineOp({
  name: "negate",
  inputs: 1,
  infer: ([x]) => floatType("negate", x),
  gradient: ({ gradient: g }) => [negate([g])],
  reference: ({ inputs: [x] }) => x.data.map((v) => -v),
});
