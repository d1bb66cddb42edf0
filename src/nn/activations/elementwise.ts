/** Activations that look at one element at a time. */

import { relu as reluOp } from "../../graph/ops/relu.js";
import { sigmoid as sigmoidOp } from "../../graph/ops/sigmoid.js";
import { tanh as tanhOp } from "../../graph/ops/tanh.js";
import type { Tensor } from "../../graph/tensor.js";

/** y = x. */
export function linear(x: Tensor): Tensor {
  return x;
}

/** y = max(x, 0). */
export function relu(x: Tensor): Tensor {
  return reluOp([x]);
}

/** y = 1 / (1 + exp(-x)), between 0 and 1. */
export function sigmoid(x: Tensor): Tensor {
  return sigmoidOp([x]);
}

/** y = tanh(x), between -1 and 1. */
export function tanh(x: Tensor): Tensor {
  return tanhOp([x]);
}
