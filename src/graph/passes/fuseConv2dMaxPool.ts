/** maxPool2d(conv2dBias(x, kernel, bias)) -> conv2dMaxPool(x, kernel, bias), where nothing else needs the convolution. */

import type { Graph } from "../graph.js";
import type { Conv2dBiasAttributes } from "../ops/conv2dBias.js";
import { type Conv2dMaxPoolAttributes, conv2dMaxPool, noRoute } from "../ops/conv2dMaxPool.js";
import type { PoolAttributes } from "../ops/pool.js";
import type { Tensor } from "../tensor.js";
import { rewrite, usedOnce } from "./rewrite.js";

/** Fuses convolutions with their pooling where no gradient is wanted; fuseConv2dGradients does the others. */
export function fuseConv2dMaxPool(graph: Graph): Graph {
  const once = usedOnce(graph);
  return rewrite(graph, (pooled, now) => {
    const attributes = poolingOf(pooled);
    const convolution = pooled.inputs[0];
    if (attributes === undefined || !once(convolution!)) return undefined;
    const [x, kernel, bias] = convolution!.inputs as [Tensor, Tensor, Tensor];
    return conv2dMaxPool([now(x), now(kernel), now(bias)], attributes);
  });
}

/** The attributes of the fused op, if a tensor is a pooled convolution whose places a route can count. */
export function poolingOf(pooled: Tensor): Conv2dMaxPoolAttributes | undefined {
  const convolution = pooled.inputs[0];
  if (pooled.op !== "maxPool2d" || convolution?.op !== "conv2dBias") return undefined;
  const { poolSize, strides: poolStrides, padding: poolPadding } = pooled.attributes as PoolAttributes;
  if (poolSize[0] * poolSize[1] > noRoute) return undefined;
  return { ...(convolution.attributes as Conv2dBiasAttributes), poolSize, poolStrides, poolPadding };
}
