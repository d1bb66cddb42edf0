/** Elementwise quotient with broadcasting. */

import { defineOp, type NoAttributes, type Op } from "../op.js";
import { binaryType, broadcastLoop } from "./broadcast.js";
import { sumTo } from "./broadcastTo.js";
import { multiply } from "./multiply.js";
import { negate } from "./negate.js";

/** y = a / b, as IEEE 754 has it where b is 0; da = dy / b, db = -dy y / b. */
export const divide: Op<"divide", 2, NoAttributes> = defineOp({
  name: "divide",
  inputs: 2,
  infer: ([a, b]) => binaryType("divide", a, b),
  gradient: ({ inputs: [a, b], output: y, gradient: g }) => [
    sumTo(divide([g, b]), a.shape),
    sumTo(negate([multiply([g, divide([y, b])])]), b.shape),
  ],
  reference: ({ inputs: [a, b], shape }) => broadcastLoop(a, b, shape, (x, y) => x / y),
});
