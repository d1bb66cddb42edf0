/** Counting: an effect that adds a whole number to one element of a counter. */

import { OptionError } from "../../core/errors.js";
import { sizeOf } from "../../core/shape.js";
import { defineOp, type Op } from "../op.js";
import { checkVariable } from "./effect.js";
import { checkDType } from "./unary.js";

/** Which element grows, and by how much. */
export type IncrementAttributes = { readonly index: number; readonly by: number };

/** counter[index] += by, for an int32 variable; index counts row-major. */
export const increment: Op<"increment", 1, IncrementAttributes> = defineOp({
  name: "increment",
  inputs: 1,
  writes: [0],
  infer: ([counter], { index, by }) => {
    checkVariable("increment", counter, "the counter");
    checkDType("increment", counter, ["int32"], "the counter");
    const size = sizeOf(counter.shape as readonly number[]);
    if (!Number.isSafeInteger(index) || index < 0 || index >= size || !Number.isSafeInteger(by)) {
      throw new OptionError(
        `increment: an index from 0 to ${size - 1} and a whole number expected, received ${index} and ${by}.`,
      );
    }
    return { shape: counter.shape, dtype: counter.dtype };
  },
  reference: ({ inputs: [counter], attributes: { index, by } }) => {
    counter.data[index]! += by;
    return undefined;
  },
});
