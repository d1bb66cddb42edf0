/** Where the largest element is. */

import { defineOp } from "../op.js";
import { lastAxis, vectors } from "./lastAxis.js";
import { floatType } from "./unary.js";

/** y = the index (int32) of the maximum along the last axis, the first one of several. It has no derivative. */
export const argmax = defineOp({
  name: "argmax",
  inputs: 1,
  infer: ([x]) => {
    floatType("argmax", x);
    lastAxis("argmax", x);
    return { shape: x.shape.slice(0, -1), dtype: "int32" };
  },
  reference: ({ inputs: [x] }) =>
    Float64Array.from(vectors(x), (row) => {
      let best = 0;
      for (let j = 1; j < row.length; j++) if (row[j]! > row[best]!) best = j;
      return best;
    }),
});
