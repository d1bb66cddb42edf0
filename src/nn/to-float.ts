/** The dtype everything in nn/ computes in. */

import { cast } from "../graph/ops/cast.js";
import type { Tensor } from "../graph/tensor.js";

/** Integers as float32, as Keras promotes them; float32 as it is. */
export function toFloat(x: Tensor): Tensor {
  return x.dtype === "float32" ? x : cast([x], { dtype: "float32" });
}
