/** The larger of two, elementwise with broadcasting. */

import { constant } from "../leaves.js";
import { defineOp } from "../op.js";
import { binaryType, broadcastLoop, numeric } from "./broadcast.js";
import { sumTo } from "./broadcastTo.js";
import { greaterEqual } from "./greaterEqual.js";
import { select } from "./select.js";

/** y = max(a, b); where they are equal the derivative is a's, as in Keras: dy goes to a where a >= b, else to b. */
export const maximum = defineOp({
  name: "maximum",
  inputs: 2,
  infer: ([a, b]) => binaryType("maximum", a, b, numeric),
  gradient: ({ inputs: [a, b], gradient: g }) => {
    const first = greaterEqual([a, b]);
    return [sumTo(select([first, g, constant(0)]), a.shape), sumTo(select([first, constant(0), g]), b.shape)];
  },
  reference: ({ inputs: [a, b], shape }) => broadcastLoop(a, b, shape, (x, y) => Math.max(x, y)),
});
