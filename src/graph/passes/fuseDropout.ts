/**
 * reluGradient(y, dropout(dy)), where y went through the same dropout -> reluGradient(dropout(y), dy) / (1 - rate): what
 * was dropped is 0 there, so the random numbers need not be drawn again, and y itself need not be kept.
 */

import type { Graph } from "../graph.js";
import { constant } from "../leaves.js";
import type { DropoutAttributes } from "../ops/dropout.js";
import { multiply } from "../ops/multiply.js";
import { reluGradient } from "../ops/relu.js";
import type { Tensor } from "../tensor.js";
import { rewrite, usersOf } from "./rewrite.js";

/** Fuses the gradient of dropout with that of relu before it. */
export function fuseDropout(graph: Graph): Graph {
  const users = usersOf(graph);
  const seen = new Set<Tensor>();
  return rewrite(graph, (tensor, now) => {
    seen.add(tensor);
    const [y, dropped] = tensor.inputs as [Tensor, Tensor];
    if (tensor.op !== "reluGradient" || dropped.op !== "dropout" || users(dropped).length > 1) return undefined;
    const [dy, state] = dropped.inputs as [Tensor, Tensor];
    const { rate, stream } = dropped.attributes as DropoutAttributes;
    const forward = users(y).find((user): user is Tensor => {
      // Not seen: its result may depend on this gradient.
      if (!("op" in user) || !seen.has(user) || user.op !== "dropout" || user.inputs[1] !== state) return false;
      const other = user.attributes as DropoutAttributes;
      return user.inputs[0] === y && other.rate === rate && other.stream === stream;
    });
    if (forward === undefined) return undefined;
    return multiply([reluGradient([now(forward), now(dy)]), constant(1 / (1 - rate))]);
  });
}
