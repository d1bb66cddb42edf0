/** What makes a crossentropy focal. */

import { power } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { exp } from "../../graph/ops/exp.js";
import { log } from "../../graph/ops/log.js";
import { maximum } from "../../graph/ops/maximum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";

/** Where powers by logarithms end: what lies below gives 0 nearly, and has no gradient, instead of 0 times infinity. */
const least = 1e-30;

/** (1 - p)^gamma for probabilities p and gamma >= 0. */
export function focusing(p: Tensor, gamma: number): Tensor {
  const rest = subtract([constant(1), p]);
  if (Number.isSafeInteger(gamma)) return power(rest, gamma);
  return exp([multiply([log([maximum([rest, constant(least)])]), constant(gamma)])]);
}
