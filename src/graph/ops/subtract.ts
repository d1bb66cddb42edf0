/** Elementwise difference with broadcasting. */

import { defineOp } from "../op.js";
import { binaryType, broadcastLoop, numeric } from "./broadcast.js";
import { sumTo } from "./broadcastTo.js";
import { negate } from "./negate.js";

/** y = a - b. */
export const subtract = defineOp({
  name: "subtract",
  inputs: 2,
  infer: ([a, b]) => binaryType("subtract", a, b, numeric),
  gradient: ({ inputs: [a, b], gradient: g }) => [sumTo(g, a.shape), sumTo(negate([g]), b.shape)],
  reference: ({ inputs: [a, b], shape }) => broadcastLoop(a, b, shape, (x, y) => x - y),
});
