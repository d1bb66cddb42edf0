/** The sign. */

import { defineOp } from "../op.js";
import { floatType } from "./unary.js";

/** y = -1, 0 or 1; its derivative is taken as 0. */
export const sign = defineOp({
  name: "sign",
  inputs: 1,
  infer: ([x]) => floatType("sign", x),
  gradient: () => [null],
  reference: ({ inputs: [x] }) => x.data.map((v) => Math.sign(v)),
});
