/** Kernels of the op `activation` and its gradient: one walk over memory each, whatever the formula. */

import { blocks, kernel } from "./kernel.js";

/** Elements of a tile. */
const BLOCK = 8192;

/** The formulas of graph/ops/activation.ts, as the kernels number them. */
export const activationFormulas = {
  rectify: 0,
  elu: 1,
  gelu: 2,
  geluTanh: 3,
  silu: 4,
  mish: 5,
  softplus: 6,
  softsign: 7,
  hardSigmoid: 8,
  hardSilu: 9,
} as const;

const words = { formula: "int32", p0: "float32", p1: "float32", p2: "float32", n: "size" } as const;

export const activationKernels = {
  /** y = f(x), n float32; p0 to p2 are the formula's parameters. x and y may be the same. */
  activation: kernel({ x: "address", y: "address", ...words }, ({ n }) => blocks(n, BLOCK)),
  /** dx = dy f'(x), n float32; dx may be x or dy. */
  activationGradient: kernel({ x: "address", dy: "address", dx: "address", ...words }, ({ n }) => blocks(n, BLOCK)),
};
