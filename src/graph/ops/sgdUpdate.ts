/** A step of gradient descent: an effect. */

import { defineOp } from "../op.js";
import { updateType } from "./effect.js";

/** w -= lr g. Inputs w, g, lr. A gradient or weight that is not finite ends the job. */
export const sgdUpdate = defineOp({
  name: "sgdUpdate",
  inputs: 3,
  writes: [0],
  infer: ([w, g, lr]) => updateType("sgdUpdate", [["the weights", w]], g, lr),
  reference: ({ inputs: [w, g, lr] }) => {
    const rate = lr.data[0]!;
    for (let i = 0; i < w.data.length; i++) w.data[i]! -= rate * g.data[i]!;
    return undefined;
  },
});
