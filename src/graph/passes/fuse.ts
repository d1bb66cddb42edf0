/** All fusions, one after the other. Each pattern is a file beside this, with the proof that it changes no value. */

import type { Graph } from "../graph.js";
import { foldScale } from "./foldScale.js";
import { fuseBatchNormalize } from "./fuseBatchNormalize.js";
import { fuseConv2d } from "./fuseConv2d.js";
import { fuseConv2dGradients } from "./fuseConv2dGradients.js";
import { fuseConv2dMaxPool } from "./fuseConv2dMaxPool.js";
import { fuseDense } from "./fuseDense.js";
import { fuseDropout } from "./fuseDropout.js";
import { fuseScale } from "./fuseScale.js";
import { fuseScaleChannels } from "./fuseScaleChannels.js";
import { fuseSoftmaxCrossentropy } from "./fuseSoftmaxCrossentropy.js";
import { simplify } from "./simplify.js";

// Gradients look for the forward as fuseConv2d leaves it, and folding for products with their bias.
const patterns = [
  fuseBatchNormalize,
  fuseScaleChannels,
  fuseDense,
  fuseConv2d,
  foldScale,
  fuseConv2dGradients,
  fuseConv2dMaxPool,
  fuseSoftmaxCrossentropy,
  fuseScale,
  fuseDropout,
] as const;

/**
 * Replaces groups of ops by fused ones, where a backend does them in one pass over memory. Wants a simplified graph:
 * patterns name tensors, and equal ones must be the same. The result is simplified again.
 */
export function fuse(graph: Graph): Graph {
  return simplify(patterns.reduce((current, pattern) => pattern(current), graph));
}
