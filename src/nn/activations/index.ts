/** All activations by name, and the check of an option that takes one. */

import { custom, nearestName, type RequiredCheck } from "../../core/options.js";
import type { Activation, ActivationFunction } from "./activation.js";
import { linear, relu, sigmoid, tanh } from "./elementwise.js";
import { softmax } from "./softmax.js";

export type { Activation, ActivationFunction } from "./activation.js";

/** Functions of a tensor, to be given to a layer by name or as they are. */
export const activations = { linear, relu, sigmoid, softmax, tanh } as const;

/** The name of an activation. */
export type ActivationName = keyof typeof activations;

const names = Object.keys(activations) as ActivationName[];

/** An option that is an activation: a name, or a function of a tensor. */
export function activationOption(): RequiredCheck<ActivationName | ActivationFunction, Activation> {
  return custom<Activation, ActivationName | ActivationFunction>(
    `an activation (${names.map((name) => `"${name}"`).join(", ")}), or a function of a tensor`,
    (value) => {
      if (typeof value === "function") {
        const known = names.find((name) => activations[name] === value);
        if (known !== undefined) return { name: known, config: {}, call: activations[known] };
        return { name: value.name || "unnamed", config: null, call: value as ActivationFunction };
      }
      const name = names.find((known) => known === value);
      return name === undefined ? undefined : { name, config: {}, call: activations[name] };
    },
    {
      refuses: ["rleu", "", null, 3, {}, ["relu"], Number.NaN],
      hint: (value) => {
        const near = typeof value === "string" ? nearestName(value, names) : undefined;
        return near === undefined ? undefined : `did you mean "${near}"?`;
      },
    },
  );
}
