/** The networks the bench trains: the recipes of the command line, and how much arithmetic a step of them is. */

import { recipes } from "../dist/cli/recipes/index.js";

/**
 * Multiplications and additions of the products in one training step on `batch` rows: forward, and backward by the
 * weights and, for all but the first layer with weights, by the input. A convolution counts as the direct algorithm.
 * @param {import("../dist/index.js").Sequential} model
 * @param {number} batch
 */
export function stepFlops(model, batch) {
  return productFlops(model, batch).reduce((sum, flops, i) => sum + flops * (i === 0 ? 2 : 3), 0);
}

/**
 * The same for a forward pass alone.
 * @param {import("../dist/index.js").Sequential} model
 * @param {number} batch
 */
export function forwardFlops(model, batch) {
  return productFlops(model, batch).reduce((sum, flops) => sum + flops, 0);
}

/**
 * @param {import("../dist/index.js").Sequential} model
 * @param {number} batch
 */
function productFlops(model, batch) {
  return model.network.layers.flatMap(({ weights, outputShape }) => {
    const kernel = weights.find(({ name }) => name === "kernel");
    if (kernel === undefined) return [];
    const size = kernel.shape.reduce((product, length) => product * length, 1);
    const places = outputShape
      .slice(1, -1)
      .reduce((/** @type {number} */ product, length) => product * (length ?? 1), 1);
    return [2 * batch * places * size];
  });
}

export { recipes };
