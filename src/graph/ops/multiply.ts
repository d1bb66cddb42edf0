/** Elementwise product with broadcasting. */

import { defineOp, type NoAttributes, type Op } from "../op.js";
import { binaryType, broadcastLoop, numeric } from "./broadcast.js";
import { sumTo } from "./broadcastTo.js";

/** y = a b. */
export const multiply: Op<"multiply", 2, NoAttributes> = defineOp({
  name: "multiply",
  inputs: 2,
  infer: ([a, b]) => binaryType("multiply", a, b, numeric),
  gradient: ({ inputs: [a, b], gradient: g }) => [sumTo(multiply([g, b]), a.shape), sumTo(multiply([g, a]), b.shape)],
  reference: ({ inputs: [a, b], shape }) => broadcastLoop(a, b, shape, (x, y) => x * y),
});
