/** All activations by name, and the check of an option that takes one. */

import type { RequiredCheck } from "../../core/options.js";
import { type Description, isApplied, nameOf, productOrFunctionOption, type Room, type SnakeCase } from "../factory.js";
import type { Activation, ActivationFunction } from "./activation.js";
import { hardSigmoid, hardSilu, leakyRelu, linear, relu, relu6 } from "./rectified.js";
import { celu, elu, exponential, gelu, mish, selu, sigmoid, silu, softplus, softsign, tanh } from "./smooth.js";
import { logSoftmax, softmax } from "./softmax.js";

/**
 * Functions of a tensor and options, to be given to a layer by name, as they are, or within a function that gives
 * options.
 */
export const activations = {
  celu,
  elu,
  exponential,
  gelu,
  hardSigmoid,
  hardSilu,
  leakyRelu,
  linear,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  tanh,
} as const;

/** Other names of activations that Keras knows. */
const aliases = { hardSwish: "hardSilu", hard_swish: "hardSilu", swish: "silu" } as const;

/** The name of an activation. */
type ActivationName = keyof typeof activations | SnakeCase<keyof typeof activations> | keyof typeof aliases;

/** What a layer takes as an activation. */
type ActivationLike = ActivationName | ActivationFunction | Activation | Description;

const room: Room<Activation> = {
  what: "activation",
  factories: activations,
  aliases,
  is: isApplied,
};

/** An option that is an activation: a name, `{ className, config }`, or a function of a tensor. */
export function activationOption(): RequiredCheck<ActivationLike, Activation> {
  return productOrFunctionOption<Activation, ActivationLike, ActivationFunction>(
    room,
    'an activation: a name such as "relu", or a function of a tensor',
    ["rleu", "", null, 3, {}, ["relu"], Number.NaN, { className: "elu", config: { alpha: "1" } }],
    (call) => ({ name: nameOf(call), config: null, call }),
  );
}
