/** Writing a value to a variable: an effect. */

import { DataError } from "../../core/errors.js";
import { defineOp } from "../op.js";
import { checkShape, checkVariable } from "./effect.js";

/** variable = value, of the same shape and dtype. */
export const assign = defineOp({
  name: "assign",
  inputs: 2,
  writes: [0],
  infer: ([variable, value]) => {
    checkVariable("assign", variable, "the target");
    checkShape("assign", "a value", value, variable.shape);
    if (value.dtype !== variable.dtype) {
      throw new DataError(`assign: a ${variable.dtype} value expected, received ${value.dtype}. Cast it first.`);
    }
    return { shape: variable.shape, dtype: variable.dtype };
  },
  reference: ({ inputs: [variable, value] }) => {
    variable.data.set(value.data);
    return undefined;
  },
});
