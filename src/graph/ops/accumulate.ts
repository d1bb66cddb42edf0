/** Adding up over the steps of a job: an effect. Losses and metrics are summed with it. */

import { defineOp } from "../op.js";
import { checkShape, checkVariable } from "./effect.js";
import { checkDType } from "./unary.js";

/**
 * variable += the sum of all elements of value, in index order. A float64 scalar takes float32, int32 and bool (and adds
 * in float64), an int32 scalar int32 and bool.
 */
export const accumulate = defineOp({
  name: "accumulate",
  inputs: 2,
  writes: [0],
  infer: ([variable, value]) => {
    checkVariable("accumulate", variable, "the sum");
    checkShape("accumulate", "a sum", variable, []);
    checkDType("accumulate", variable, ["float64", "int32"], "the sum");
    checkDType("accumulate", value, variable.dtype === "int32" ? ["int32", "bool"] : ["float32", "int32", "bool"]);
    return { shape: variable.shape, dtype: variable.dtype };
  },
  reference: ({ inputs: [variable, value] }) => {
    let sum = 0;
    for (const v of value.data) sum += v;
    variable.data[0]! += sum;
    return undefined;
  },
});
