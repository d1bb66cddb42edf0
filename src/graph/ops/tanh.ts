/** The hyperbolic tangent. */

import { constant } from "../leaves.js";
import { defineOp } from "../op.js";
import { multiply } from "./multiply.js";
import { subtract } from "./subtract.js";
import { floatType } from "./unary.js";

/** y = tanh x; dx = dy (1 - y²). */
export const tanh = defineOp({
  name: "tanh",
  inputs: 1,
  infer: ([x]) => floatType("tanh", x),
  gradient: ({ output: y, gradient: g }) => [multiply([g, subtract([constant(1), multiply([y, y])])])],
  reference: ({ inputs: [x] }) => x.data.map((v) => Math.tanh(v)),
});
