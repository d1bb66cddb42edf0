/** Elementwise sum with broadcasting. */

import { defineOp } from "../op.js";
import { binaryType, broadcastLoop, numeric } from "./broadcast.js";
import { sumTo } from "./broadcastTo.js";

/** y = a + b. */
export const add = defineOp({
  name: "add",
  inputs: 2,
  infer: ([a, b]) => binaryType("add", a, b, numeric),
  gradient: ({ inputs: [a, b], gradient }) => [sumTo(gradient, a.shape), sumTo(gradient, b.shape)],
  reference: ({ inputs: [a, b], shape }) => broadcastLoop(a, b, shape, (x, y) => x + y),
});
