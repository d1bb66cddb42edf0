/** The constraint that no number is below 0. */

import { constant } from "../../graph/leaves.js";
import { maximum } from "../../graph/ops/maximum.js";
import { defineFactory } from "../factory.js";
import type { Constraint } from "./constraint.js";

/**
 * Numbers below 0 become 0: max(w, 0).
 * @example layers.dense({ units: 3, kernelConstraint: "nonNeg" })
 */
export const nonNeg = defineFactory({
  className: "NonNeg",
  call: "nonNeg",
  options: {},
  build: (): Constraint => ({ name: "nonNeg", config: {}, call: (weight) => maximum([weight, constant(0)]) }),
});
