/** Matrix product, bias and activation in one. Made by fusion only. */

import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import type { Dimensions } from "../dimensions.js";
import { defineOp, type Op } from "../op.js";
import type { TensorType } from "../tensor.js";
import { type MatmulAttributes, matmul } from "./matmul.js";
import { floatType } from "./unary.js";

/** What is applied to the sum with the bias. */
export type FusedActivation = "linear" | "relu";

/** Attributes of dense. */
export type DenseAttributes = MatmulAttributes & { readonly activation: FusedActivation };

/** y[i, j] = activation(sum over k of a[i, k] b[k, j] + bias[j]). Inputs a, b, bias. */
export const dense: Op<"dense", 3, DenseAttributes> = defineOp({
  name: "dense",
  inputs: 3,
  infer: ([a, b, bias], attributes) => {
    const type = matmul.definition.infer([a, b], attributes);
    checkBias("dense", bias, type.shape);
    return type;
  },
  reference: ({ inputs: [a, b, bias], attributes, shape, rows }) => {
    const data = matmul.definition.reference({ inputs: [a, b], attributes, shape, rows })!;
    return biased(data, bias.data, attributes.activation);
  },
});

/**
 * Refuses a bias that is not one number for each of the last axis.
 * @throws ShapeError or DataError naming the op.
 */
export function checkBias(name: string, bias: TensorType, output: Dimensions): void {
  floatType(name, bias);
  if (bias.shape.length === 1 && bias.shape[0] === output.at(-1)) return;
  throw new ShapeError(`${name}: a bias of shape [${output.at(-1)}] expected, received ${formatShape(bias.shape)}.`);
}

/** activation(data + bias), in place. */
export function biased(data: Float64Array, bias: Float64Array, activation: FusedActivation): Float64Array {
  for (let i = 0; i < data.length; i++) {
    const sum = data[i]! + bias[i % bias.length]!;
    data[i] = activation === "linear" ? sum : Math.max(sum, 0);
  }
  return data;
}
