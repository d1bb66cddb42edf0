/** The activation that makes probabilities of scores. */

import { softmax as softmaxOp } from "../../graph/ops/softmax.js";
import type { Tensor } from "../../graph/tensor.js";

/** y[..., j] = exp(x[..., j]) / sum over k of exp(x[..., k]), over the last axis: positive, and adding up to 1. */
export function softmax(x: Tensor): Tensor {
  return softmaxOp([x]);
}
