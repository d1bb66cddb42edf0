/** Initializers that draw from a distribution of fixed width. */

import { OptionError } from "../../core/errors.js";
import { finite, nonNegative, nonNegativeInteger, optional, withDefault } from "../../core/options.js";
import { type RandomStream, randomStream } from "../../core/random.js";
import { defineFactory } from "../factory.js";
import type { Initializer } from "./initializer.js";

/** `seed`: numbers of its own, the same in every model. Left out, they follow from the model's seed. */
export const seedOption = { seed: optional(nonNegativeInteger()) };

/** The stream an initializer draws from: its own if it has a seed, else the model's for this weight. */
export function streamOf(name: string, seed: number | undefined, stream: RandomStream): RandomStream {
  return seed === undefined ? stream : randomStream(seed, name, "initializer");
}

/**
 * Normally distributed: `mean` 0 and `stddev` 0.05 by default.
 * @example initializers.randomNormal({ stddev: 0.02 })
 */
export const randomNormal = defineFactory({
  className: "RandomNormal",
  call: "randomNormal",
  options: { mean: withDefault(finite(), 0), stddev: withDefault(nonNegative(), 0.05), ...seedOption },
  build: ({ mean, stddev, seed }, config): Initializer => ({
    name: "randomNormal",
    config: config(),
    generate: (shape, stream) => streamOf("randomNormal", seed, stream).normal({ shape, mean, stddev }).data,
  }),
});

/**
 * Normally distributed, `mean` 0 and `stddev` 0.05 by default, with numbers beyond two standard deviations from the mean
 * drawn again: the standard deviation of what remains is 0.8796 `stddev`.
 * @example initializers.truncatedNormal({ stddev: 0.02 })
 */
export const truncatedNormal = defineFactory({
  className: "TruncatedNormal",
  call: "truncatedNormal",
  options: { mean: withDefault(finite(), 0), stddev: withDefault(nonNegative(), 0.05), ...seedOption },
  build: ({ mean, stddev, seed }, config): Initializer => ({
    name: "truncatedNormal",
    config: config(),
    generate: (shape, stream) =>
      streamOf("truncatedNormal", seed, stream).truncatedNormal({ shape, mean, stddev }).data,
  }),
});

/**
 * Uniformly distributed from `minval` (-0.05 by default) to `maxval` (0.05).
 * @example initializers.randomUniform({ minval: -0.1, maxval: 0.1 })
 */
export const randomUniform = defineFactory({
  className: "RandomUniform",
  call: "randomUniform",
  options: { minval: withDefault(finite(), -0.05), maxval: withDefault(finite(), 0.05), ...seedOption },
  build({ minval, maxval, seed }, config): Initializer {
    if (minval >= maxval) {
      throw new OptionError(
        `randomUniform: minval must be less than maxval, received minval ${minval}, maxval ${maxval}.`,
      );
    }
    return {
      name: "randomUniform",
      config: config(),
      generate: (shape, stream) =>
        streamOf("randomUniform", seed, stream).uniform({ shape, low: minval, high: maxval }).data,
    };
  },
});
