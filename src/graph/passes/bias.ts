/** The pattern that the fused products share: a product, a bias for each of its last axis, perhaps relu. */

import type { Graph } from "../graph.js";
import type { FusedActivation } from "../ops/dense.js";
import type { Tensor } from "../tensor.js";
import { usedOnce } from "./rewrite.js";

/** A product with what follows it. */
export interface Biased {
  readonly product: Tensor;
  readonly bias: Tensor;
  readonly activation: FusedActivation;
}

/**
 * Recognises add(product, bias) and relu(add(product, bias)) where nothing else needs what is within. The gradient of
 * relu looks at its result only, so this holds in training too.
 */
export function biasedBy(graph: Graph, op: "matmul" | "conv2d"): (tensor: Tensor) => Biased | undefined {
  const once = usedOnce(graph);
  const sum = (tensor: Tensor, activation: FusedActivation): Biased | undefined => {
    if (tensor.op !== "add") return undefined;
    const [a, b] = tensor.inputs as [Tensor, Tensor];
    for (const [product, bias] of [
      [a, b],
      [b, a],
    ] as const) {
      const fits = bias.shape.length === 1 && bias.shape[0] === product.shape.at(-1);
      if (product.op === op && fits && once(product)) return { product, bias, activation };
    }
    return undefined;
  };
  return (tensor) => {
    const inner = tensor.inputs[0];
    return tensor.op === "relu" && once(inner!) ? sum(inner!, "relu") : sum(tensor, "linear");
  };
}
