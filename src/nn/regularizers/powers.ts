/** Regularizers that add up powers of single numbers. */

import { nonNegative, nullable, withDefault } from "../../core/options.js";
import { sum } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { absolute } from "../../graph/ops/absolute.js";
import { add } from "../../graph/ops/add.js";
import { multiply } from "../../graph/ops/multiply.js";
import { square } from "../../graph/ops/square.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineFactory } from "../factory.js";
import type { Regularizer } from "./regularizer.js";

const absolutes = (x: Tensor, factor: number): Tensor => multiply([constant(factor), sum(absolute([x]))]);
const squares = (x: Tensor, factor: number): Tensor => multiply([constant(factor), sum(square([x]))]);

/**
 * The penalty `l1` Σ|x|, l1 = 0.01 by default: it drives numbers to 0.
 * @example layers.dense({ units: 3, kernelRegularizer: regularizers.l1({ l1: 0.001 }) })
 */
export const l1 = defineFactory({
  className: "L1",
  call: "l1",
  options: { l1: withDefault(nonNegative(), 0.01) },
  build: ({ l1: factor }, config): Regularizer => ({
    name: "l1",
    config: config(),
    call: (x) => absolutes(x, factor),
  }),
});

/**
 * The penalty `l2` Σx², l2 = 0.01 by default: it keeps numbers small.
 * @example layers.dense({ units: 3, kernelRegularizer: "l2" })
 */
export const l2 = defineFactory({
  className: "L2",
  call: "l2",
  options: { l2: withDefault(nonNegative(), 0.01) },
  build: ({ l2: factor }, config): Regularizer => ({
    name: "l2",
    config: config(),
    call: (x) => squares(x, factor),
  }),
});

/** A factor that is 0 where it is left out or null, as in Keras. */
const factor = withDefault(nullable(nonNegative()), 0);

/**
 * The penalty `l1` Σ|x| + `l2` Σx², both 0 by default, and 0 for null.
 *
 * Zou and Hastie, Regularization and variable selection via the elastic net, JRSS B 67 (2005).
 * @example layers.dense({ units: 3, kernelRegularizer: regularizers.l1l2({ l1: 0.001, l2: 0.01 }) })
 */
export const l1l2 = defineFactory({
  className: "L1L2",
  call: "l1l2",
  options: { l1: factor, l2: factor },
  build({ l1: first, l2: second }): Regularizer {
    const [ofAbsolutes, ofSquares] = [first ?? 0, second ?? 0];
    return {
      name: "l1l2",
      config: { l1: ofAbsolutes, l2: ofSquares },
      call(x) {
        const parts = [
          ...(ofAbsolutes === 0 ? [] : [absolutes(x, ofAbsolutes)]),
          ...(ofSquares === 0 ? [] : [squares(x, ofSquares)]),
        ];
        return parts.length === 0 ? constant(0) : parts.reduce((all, part) => add([all, part]));
      },
    };
  },
});
