/**
 * softmaxGradient(p, sparseCategoricalCrossentropyGradient(p, labels, g)) -> softmaxCrossentropyGradient(p, labels, g):
 * a division by p and a multiplication with it less, for every class of every row.
 */

import type { Graph } from "../graph.js";
import { softmaxCrossentropyGradient } from "../ops/softmaxCrossentropyGradient.js";
import { rewrite, usedOnce } from "./rewrite.js";

/** Fuses the gradient of a crossentropy with that of the softmax before it. */
export function fuseSoftmaxCrossentropy(graph: Graph): Graph {
  const once = usedOnce(graph);
  return rewrite(graph, (tensor, now) => {
    if (tensor.op !== "softmaxGradient") return undefined;
    const [p, dy] = tensor.inputs;
    if (dy!.op !== "sparseCategoricalCrossentropyGradient" || dy!.inputs[0] !== p || !once(dy!)) return undefined;
    const [, labels, g] = dy!.inputs;
    return softmaxCrossentropyGradient([now(p!), now(labels!), now(g!)]);
  });
}
