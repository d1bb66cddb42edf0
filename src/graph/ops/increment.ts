/** Counting: an effect that adds a whole number to one element of a counter. */

import { DataError } from "../../core/errors.js";
import { defineOp, type Op } from "../op.js";

/** Which element grows, and by how much. */
export type IncrementAttributes = { readonly index: number; readonly by: number };

/** counter[index] += by, for an int32 variable. */
export const increment: Op<"increment", 1, IncrementAttributes> = defineOp({
  name: "increment",
  inputs: 1,
  writes: [0],
  infer: ([counter]) => {
    if (counter.dtype !== "int32") throw new DataError(`increment: an int32 counter expected, received ${counter.dtype}.`);
    return counter;
  },
  reference: ({ inputs: [counter], attributes: { index, by } }) => {
    counter.data[index]! += by;
    return undefined;
  },
});
