/** Writing a number that has to be one to a variable: an effect. What optimizers are composed of writes with it. */

import { defineOp } from "../op.js";
import { checkShape, checkVariable } from "./effect.js";
import { floatType } from "./unary.js";

/** variable = value, both float32 of one shape. A value that is not finite ends the job, as in the fused updates. */
export const assignFinite = defineOp({
  name: "assignFinite",
  inputs: 2,
  writes: [0],
  infer: ([variable, value]) => {
    checkVariable("assignFinite", variable, "the target");
    checkShape("assignFinite", "a value", value, variable.shape);
    floatType("assignFinite", value);
    return floatType("assignFinite", variable);
  },
  reference: ({ inputs: [variable, value] }) => {
    variable.data.set(value.data);
    return undefined;
  },
});
