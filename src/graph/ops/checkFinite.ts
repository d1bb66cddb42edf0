/** A guard: an effect that writes nothing, and ends the job where numbers stopped being finite. */

import { defineOp, type Op } from "../op.js";
import { floatType } from "./unary.js";

/**
 * If a number of x (float32) is NaN or infinite, the step ends here: no effect behind this one in `graph.effects` happens,
 * and the job ends with `finite: false`. `what` names x in messages. The backends do the ending.
 */
export const checkFinite: Op<"checkFinite", 1, { readonly what: string }> = defineOp({
  name: "checkFinite",
  inputs: 1,
  writes: [],
  infer: ([x]) => floatType("checkFinite", x),
  reference: () => undefined,
});
