/** relu(conv2d(x, kernel) + bias) -> conv2dBias(x, kernel, bias); without relu too. */

import type { Graph } from "../graph.js";
import type { Conv2dAttributes } from "../ops/conv2d.js";
import { conv2dBias } from "../ops/conv2dBias.js";
import { biasedBy } from "./bias.js";
import { rewrite } from "./rewrite.js";

/** Fuses convolutions with their bias and activation. */
export function fuseConv2d(graph: Graph): Graph {
  const biased = biasedBy(graph, "conv2d");
  return rewrite(graph, (tensor, now) => {
    const found = biased(tensor);
    if (found === undefined) return undefined;
    const { product, bias, activation } = found;
    const [x, kernel] = product.inputs;
    return conv2dBias([now(x!), now(kernel!), now(bias)], { ...(product.attributes as Conv2dAttributes), activation });
  });
}
