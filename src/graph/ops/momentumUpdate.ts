/** A step of gradient descent with momentum: an effect. */

import { defineOp, type Op } from "../op.js";
import { updateType } from "./effect.js";

/** How much of the velocity stays, and whether to look ahead. */
export type MomentumAttributes = { readonly momentum: number; readonly nesterov: boolean };

/**
 * velocity = momentum velocity - lr g; w += velocity, or with nesterov w += momentum velocity - lr g (the new velocity),
 * as in Keras. Inputs w, velocity, g, lr. A gradient or weight that is not finite ends the job.
 */
export const momentumUpdate: Op<"momentumUpdate", 4, MomentumAttributes> = defineOp({
  name: "momentumUpdate",
  inputs: 4,
  writes: [0, 1],
  infer: ([w, velocity, g, lr]) =>
    updateType(
      "momentumUpdate",
      [
        ["the weights", w],
        ["the velocity", velocity],
      ],
      g,
      lr,
    ),
  reference: ({ inputs: [w, velocity, g, lr], attributes: { momentum, nesterov } }) => {
    const rate = lr.data[0]!;
    for (let i = 0; i < w.data.length; i++) {
      const step = rate * g.data[i]!;
      const next = momentum * velocity.data[i]! - step;
      velocity.data[i] = next;
      w.data[i]! += nesterov ? momentum * next - step : next;
    }
    return undefined;
  },
});
