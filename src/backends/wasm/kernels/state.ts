/** Kernels that change what outlives a step: weights, counters, metric sums; and the check that ends a step early. */

import { blocks, kernel, one } from "./kernel.js";

const BLOCK = 8192;

/** The words of an update by sgd but for the gradient. */
export const sgdWords = {
  weights: "address",
  velocity: "address?",
  learningRate: "address",
  flag: "address?",
  momentum: "float32?",
  nesterov: "int32?",
} as const;

/** The words of an update by Adam but for the gradient. */
export const adamWords = {
  weights: "address",
  first: "address",
  second: "address",
  learningRate: "address",
  iterations: "address",
  flag: "address?",
  oneMinusBeta1: "float32",
  oneMinusBeta2: "float32",
  epsilon: "float32",
} as const;

export const stateKernels = {
  /**
   * Weights w by a gradient g: w -= learningRate g; with a velocity m (address 0: none): m = momentum m - learningRate g,
   * w += m, or with nesterov w += momentum m - learningRate g. learningRate is the address of a float32. `flag` (address 0:
   * none) is an int32 that becomes 1 if a gradient or a new weight is not finite.
   */
  sgdUpdate: kernel({ ...sgdWords, gradient: "address", n: "size" }, ({ n }) => blocks(n, BLOCK)),
  /**
   * Adam by Keras's formula, of the moments m (`first`) and v (`second`): m += (g - m)(1 - beta1), v += (g g - v)(1 - beta2), w -= m alpha / (sqrt v + epsilon), alpha =
   * learningRate sqrt(1 - beta2^t) / (1 - beta1^t), t = iterations + 1. learningRate (float32) and iterations (int32) are
   * addresses; `flag` as in sgdUpdate. Give 1 - beta rounded once, not from the rounded beta.
   */
  adamUpdate: kernel({ ...adamWords, gradient: "address", n: "size" }, ({ n }) => blocks(n, BLOCK)),
  /** y = x, n float32; `flag` as in sgdUpdate. */
  assignFinite: kernel({ x: "address", y: "address", flag: "address", n: "size" }, ({ n }) => blocks(n, BLOCK)),
  /**
   * accumulator += the sum of x, n elements of `type` (elementTypes), in order. The accumulator is a float64, or with
   * `integer` an int32.
   */
  accumulate: kernel({ x: "address", accumulator: "address", type: "int32", n: "size", integer: "int32?" }, () => one),
  /** The int32 at x += by. */
  increment: kernel({ x: "address", by: "int32" }, () => one),
  /** y = the rows of the step, one float32. */
  rowCount: kernel({ y: "address" }, () => one),
  /** Ends the job before this step goes on if one of n float32 is not finite. */
  checkFinite: kernel({ x: "address", n: "size" }, () => one),
  /** The same if the int32 at `flag` is not 0, which it is then set to: what updates found. */
  checkFlag: kernel({ flag: "address" }, () => one),
};
