/** Convolution, bias and activation in one. Made by fusion only. */

import { defineOp, type Op } from "../op.js";
import { type Conv2dAttributes, conv2d } from "./conv2d.js";
import { biased, checkBias, type FusedActivation } from "./dense.js";

/** Attributes of conv2dBias. */
export type Conv2dBiasAttributes = Conv2dAttributes & { readonly activation: FusedActivation };

/** y = activation(conv2d(x, kernel) + bias). Inputs x, kernel, bias [filters]. */
export const conv2dBias: Op<"conv2dBias", 3, Conv2dBiasAttributes> = defineOp({
  name: "conv2dBias",
  inputs: 3,
  infer: ([x, kernel, bias], attributes) => {
    const type = conv2d.definition.infer([x, kernel], attributes);
    checkBias("conv2dBias", bias, type.shape);
    return type;
  },
  reference: ({ inputs: [x, kernel, bias], attributes, shape, rows }) => {
    const data = conv2d.definition.reference({ inputs: [x, kernel], attributes, shape, rows })!;
    return biased(data, bias.data, attributes.activation);
  },
});
