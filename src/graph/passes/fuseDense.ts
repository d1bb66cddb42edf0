/** relu(matmul(a, b) + bias) -> dense(a, b, bias); without relu too. */

import type { Graph } from "../graph.js";
import { dense } from "../ops/dense.js";
import type { MatmulAttributes } from "../ops/matmul.js";
import { biasedBy } from "./bias.js";
import { rewrite } from "./rewrite.js";

/** Fuses matrix products with their bias and activation. */
export function fuseDense(graph: Graph): Graph {
  const biased = biasedBy(graph, "matmul");
  return rewrite(graph, (tensor, now) => {
    const found = biased(tensor);
    if (found === undefined) return undefined;
    const { product, bias, activation } = found;
    const [a, b] = product.inputs;
    return dense([now(a!), now(b!), now(bias)], { ...(product.attributes as MatmulAttributes), activation });
  });
}
