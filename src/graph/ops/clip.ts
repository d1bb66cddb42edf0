/** Values kept within bounds. */

import { OptionError } from "../../core/errors.js";
import { constant } from "../leaves.js";
import { defineOp, type Op } from "../op.js";
import { greaterEqual } from "./greaterEqual.js";
import { select } from "./select.js";
import { floatType } from "./unary.js";

/** Attributes of clip. */
export type ClipAttributes = { readonly minimum: number; readonly maximum: number };

/** y = min(max(x, minimum), maximum); dx = dy from bound to bound, both included, 0 outside. */
export const clip: Op<"clip", 1, ClipAttributes> = defineOp({
  name: "clip",
  inputs: 1,
  infer: ([x], { minimum, maximum }) => {
    if (!(minimum <= maximum)) {
      throw new OptionError(`clip: minimum <= maximum expected, received ${minimum} and ${maximum}.`);
    }
    return floatType("clip", x);
  },
  gradient: ({ inputs: [x], gradient: g, attributes: { minimum, maximum } }) => {
    const below = select([greaterEqual([constant(maximum), x]), g, constant(0)]);
    return [select([greaterEqual([x, constant(minimum)]), below, constant(0)])];
  },
  reference: ({ inputs: [x], attributes: { minimum, maximum } }) =>
    x.data.map((v) => Math.min(Math.max(v, minimum), maximum)),
});
