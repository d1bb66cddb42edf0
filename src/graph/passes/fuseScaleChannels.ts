/** x scale + shift, both of one number a channel, and relu or relu6 behind it -> scaleChannels: one walk. */

import { sameDimensions } from "../dimensions.js";
import type { Graph } from "../graph.js";
import type { ChannelActivation } from "../ops/batchNormalize.js";
import { scaleChannels } from "../ops/scaleChannels.js";
import type { Tensor } from "../tensor.js";
import { activationOf } from "./fuseBatchNormalize.js";
import { rewrite, usedOnce } from "./rewrite.js";

/** Fuses factors and terms of channels. */
export function fuseScaleChannels(graph: Graph): Graph {
  const once = usedOnce(graph);

  /** The side of the result's shape, and that of one number a channel. */
  const withChannels = (tensor: Tensor, op: "add" | "multiply"): readonly [Tensor, Tensor] | undefined => {
    const { shape, dtype, inputs } = tensor;
    const channels = shape.at(-1);
    if (tensor.op !== op || dtype !== "float32" || shape.length < 2 || !channels) return undefined;
    const pairs = [inputs, inputs.toReversed()] as (readonly [Tensor, Tensor])[];
    return pairs.find(([x, vector]) => sameDimensions(x.shape, shape) && sameDimensions(vector.shape, [channels]));
  };

  const scaled = (tensor: Tensor, now: (tensor: Tensor) => Tensor, activation: ChannelActivation) => {
    const sum = withChannels(tensor, "add");
    const product = sum === undefined || !once(sum[0]) ? undefined : withChannels(sum[0], "multiply");
    if (product === undefined) return undefined;
    return scaleChannels([now(product[0]), now(product[1]), now(sum![1])], { activation });
  };

  return rewrite(graph, (tensor, now) => {
    const activation = activationOf(tensor);
    const inner = tensor.inputs[0];
    if (activation !== undefined && once(inner!)) return scaled(inner!, now, activation);
    return scaled(tensor, now, "linear");
  });
}
