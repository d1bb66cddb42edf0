/** Elementwise comparison with broadcasting: a >= b. */

import { defineOp } from "../op.js";
import { binaryType, broadcastLoop, numeric } from "./broadcast.js";

/** y = true where a >= b; false where either is NaN. It has no derivative. */
export const greaterEqual = defineOp({
  name: "greaterEqual",
  inputs: 2,
  infer: ([a, b]) => ({ shape: binaryType("greaterEqual", a, b, numeric).shape, dtype: "bool" }),
  reference: ({ inputs: [a, b], shape }) => broadcastLoop(a, b, shape, (x, y) => (x >= y ? 1 : 0)),
});
