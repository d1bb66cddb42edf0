/** A factor and a term for each channel, and an activation, in one. Made by fusion only. */

import { defineOp, type Op } from "../op.js";
import { activate, type ChannelActivation, checkChannels } from "./batchNormalize.js";

/** Attributes of scaleChannels. */
export type ScaleChannelsAttributes = { readonly activation: ChannelActivation };

/** y = activation(x scale + shift). Inputs x, scale, shift; channels are the last axis. */
export const scaleChannels: Op<"scaleChannels", 3, ScaleChannelsAttributes> = defineOp({
  name: "scaleChannels",
  inputs: 3,
  infer: ([x, scale, shift]) => checkChannels("scaleChannels", x, { "a scale": scale, "a shift": shift }),
  reference: ({ inputs: [x, scale, shift], attributes: { activation } }) => {
    const channels = scale.data.length;
    return x.data.map((v, i) => activate(v * scale.data[i % channels]! + shift.data[i % channels]!, activation));
  },
});
